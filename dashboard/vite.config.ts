/** Builds the dashboard; `vite --mode mock` develops against `mock/server.ts` instead of a real server. */
import { readFileSync } from 'node:fs';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVER_PORT = 8420;
const MOCK_PORT = 8421;
/** Read before the first page can stand. `zod-setup` is among them because it must run before any schema is made. */
const LIBRARIES =
  /node_modules.(react|react-dom|scheduler|zod|i18next|react-i18next|use-sync-external-store|html-parse-stringify|void-elements|@tanstack.(react-query|query-core|react-router|router-core|history|react-store|store))[\\/]|src.api.zod-setup/;
/** Chunks that must share a module before it is loaded with every page. */
const COMMON_SHARE_MIN = 50;

/** What the endpoint table says for the printed API only; the table comes with the first page, whose weight is limited. */
const FOR_READERS = /^ {4}(?:(?:summary|tag):\s*'(?:[^'\\]|\\.)*'|otherForms: \{[^}]*\}),$/gm;

function withoutSummaries(): Plugin {
  return {
    name: 'endpoints-without-summaries',
    enforce: 'pre',
    apply: 'build',
    transform: (code, id) =>
      /shared[\\/]src[\\/]api[\\/]/.test(id)
        ? { code: code.replaceAll(FOR_READERS, ''), map: null }
        : undefined,
  };
}

const WHOLE_TABLE = /import \{ ENDPOINTS \} from '[^']+';/;

/** Which area of the API holds an endpoint: file below `shared/src/api` and name of its part of the table. */
async function areasByEndpoint(): Promise<Map<string, { file: string; part: string }>> {
  const folder = new URL('../shared/src/api/', import.meta.url);
  const table = readFileSync(new URL('endpoints.ts', folder), 'utf8');
  const areas = new Map<string, { file: string; part: string }>();
  for (const [, part = '', file = ''] of table.matchAll(/import \{ (\w+) \} from '\.\/([\w-]+\.ts)'/g)) {
    const area = (await import(new URL(file, folder).href)) as Record<string, object>;
    for (const id of Object.keys(area[part] ?? {})) areas.set(id, { file, part });
  }
  return areas;
}

/**
 * `ENDPOINTS.listAlerts` becomes the entry of its area, so that a page brings the areas it calls and the first page not the
 * whole table.
 */
function endpointsByArea(): Plugin {
  let areas: Awaited<ReturnType<typeof areasByEndpoint>>;
  return {
    name: 'endpoints-by-area',
    enforce: 'pre',
    apply: 'build',
    async buildStart() {
      areas = await areasByEndpoint();
    },
    transform: (code, id) => {
      if (!/dashboard[\\/]src[\\/]/.test(id) || !code.includes('ENDPOINTS')) return undefined;
      const imports = new Set<string>();
      const changed = code.replaceAll(/\bENDPOINTS\.(\w+)/g, (whole, endpoint: string) => {
        const area = areas.get(endpoint);
        if (area === undefined) return whole;
        imports.add(`import { ${area.part} } from '@muster/shared/api/${area.file}';`);
        return `${area.part}.${endpoint}`;
      });
      // An import that nothing uses any more would still bring the table.
      const left = changed.replace(WHOLE_TABLE, '');
      return { code: [...imports, left.includes('ENDPOINTS') ? changed : left].join(' '), map: null };
    },
  };
}

export default defineConfig(({ mode }) => {
  const origin = `127.0.0.1:${mode === 'mock' ? MOCK_PORT : SERVER_PORT}`;
  return {
    plugins: [withoutSummaries(), endpointsByArea(), react(), tailwind()],
    server: {
      host: '127.0.0.1',
      proxy: {
        '/api': `http://${origin}`,
        '/ws': { target: `ws://${origin}`, ws: true },
      },
    },
    build: {
      target: ['chrome111', 'firefox114', 'safari16.4'],
      // A data: URI would need an exception in the content security policy.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // Which file holds what: the test of the first page's weight reads it.
      manifest: true,
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              // What every page needs, in two files instead of forty: each file is a round trip.
              { name: 'libraries', test: LIBRARIES },
              { name: 'common', minShareCount: COMMON_SHARE_MIN },
            ],
          },
        },
      },
    },
  };
});
