/** Machines that a peer fetches its samples from: text exposition over HTTP, one path a host, all at one address. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { InvalidRun } from './figure.ts';
import { type HostLoad, hostName, JOB } from './workload.ts';

export interface ScrapeTargets {
  /** For `file_sd`. */
  readonly file: string;
  /** Answers so far, one tick of one host each. */
  served(): number;
  close(): Promise<void>;
}

export async function openScrapeTargets(loads: readonly HostLoad[], folder: string): Promise<ScrapeTargets> {
  const values = loads[0]?.labels.map(() => 0) ?? [];
  const heads = (loads[0]?.labels ?? []).map(exposed);
  let served = 0;
  const server = createServer((request, response) => {
    const load = loads[Number(request.url?.slice('/host/'.length))];
    if (!load) return void response.writeHead(404).end();
    load.next(values);
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(values.map((value, series) => `${heads[series]} ${value}\n`).join(''));
    served += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InvalidRun('the targets have no port');
  const file = join(folder, 'targets.json');
  const targets = loads.map((_, host) => ({
    targets: [`127.0.0.1:${address.port}`],
    labels: {
      job: JOB,
      host: hostName(host),
      // One address serves all; without a name of its own each would be the same instance.
      instance: hostName(host),
      __metrics_path__: `/host/${host}`,
    },
  }));
  writeFileSync(file, JSON.stringify(targets));
  return {
    file,
    served: () => served,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Name and labels as a host shows them: host and job are added by who asks. */
function exposed(labels: HostLoad['labels'][number]): string {
  const [name, ...others] = labels.filter(([label]) => label !== 'host' && label !== 'job');
  const text = others.map(([label, value]) => `${label}="${value}"`).join(',');
  return text === '' ? (name?.[1] ?? '') : `${name?.[1]}{${text}}`;
}
