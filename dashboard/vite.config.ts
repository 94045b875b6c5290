/** Builds the dashboard; `vite --mode mock` develops against `mock/server.ts` instead of a real server. */
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVER_PORT = 8420;
const MOCK_PORT = 8421;
/** Read before the first page can stand. `zod-setup` is among them because it must run before any schema is made. */
const LIBRARIES =
  /node_modules.(react|react-dom|scheduler|zod|i18next|react-i18next|use-sync-external-store|html-parse-stringify|void-elements|@tanstack.(react-query|query-core|react-router|router-core|history|react-store|store))[\\/]|src.api.zod-setup/;
/** Chunks that must share a module before it is loaded with every page. */
const COMMON_SHARE_MIN = 40;

/** What the endpoint table says for the printed API only; the table comes with the first page, whose weight is limited. */
const FOR_READERS = /^ {4}(?:summary|tag):\s*'(?:[^'\\]|\\.)*',$/gm;

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

export default defineConfig(({ mode }) => {
  const origin = `127.0.0.1:${mode === 'mock' ? MOCK_PORT : SERVER_PORT}`;
  return {
    plugins: [withoutSummaries(), react(), tailwind()],
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
