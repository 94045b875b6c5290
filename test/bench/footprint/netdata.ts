/** Debian's netdata as it comes: every second, its own store, nothing sent to anybody. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { freePort } from '../../e2e/harness.ts';
import { end, outputOf, start, temporaryFolder } from '../peers/children.ts';
import { PROGRAMS, untilReady } from './installed.ts';
import type { Subject } from './subject.ts';

interface Charts {
  readonly charts: Readonly<Record<string, { update_every: number; dimensions: Record<string, unknown> }>>;
}

export async function startNetdata(): Promise<Subject> {
  const folder = temporaryFolder('netdata');
  const config = join(folder, 'config');
  for (const name of ['config', 'cache', 'lib', 'log']) mkdirSync(join(folder, name));
  const port = await freePort();
  writeFileSync(
    join(config, 'netdata.conf'),
    `[global]
  run as user = ${userInfo().username}
[directories]
  config = ${config}
  cache = ${join(folder, 'cache')}
  lib = ${join(folder, 'lib')}
  log = ${join(folder, 'log')}
[web]
  bind to = 127.0.0.1:${port}
[statsd]
  default port = ${await freePort()}
  bind to = udp:127.0.0.1 tcp:127.0.0.1
`,
  );
  // Its makers hear nothing of benches.
  writeFileSync(join(config, '.opt-out-from-anonymous-statistics'), '');
  const child = start(PROGRAMS.netdata.path, ['-D', '-c', join(config, 'netdata.conf')], {
    cwd: folder,
    env: { ...process.env, DISABLE_TELEMETRY: '1' },
  });
  const output = outputOf(child);
  let perSecond: number | null = null;
  const startedMs = performance.now();
  const answer = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await untilReady(child, output, async () => (await answer('/api/v1/info')).ok);
  return {
    name: 'netdata',
    title: 'netdata, 1 s',
    pid: child.pid ?? 0,
    output,
    sent: async () => {
      // Asked once: the answer costs it more than a second of its work.
      perSecond ??= samplesPerSecond((await (await answer('/api/v1/charts')).json()) as Charts);
      return { traffic: null, samples: perSecond * ((performance.now() - startedMs) / 1_000) };
    },
    stop: () => end(child),
  };
}

function samplesPerSecond({ charts }: Charts): number {
  return Object.values(charts).reduce(
    (sum, { dimensions, update_every: everySeconds }) => sum + Object.keys(dimensions).length / everySeconds,
    0,
  );
}
