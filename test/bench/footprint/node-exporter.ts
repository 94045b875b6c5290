/** Debian's node_exporter with its default collectors, asked every 10 s as Prometheus does: one kept connection, gzip. */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { freePort } from '../../e2e/harness.ts';
import { end, outputOf, start } from '../peers/children.ts';
import { PROGRAMS, untilReady } from './installed.ts';
import { segmentHeaderBytes } from './segments.ts';
import type { Subject } from './subject.ts';

const SCRAPE_MS = 10_000;
/** What Prometheus asks with. */
const HEADERS = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
  'user-agent': 'Prometheus/2.42.0',
  'x-prometheus-scrape-timeout-seconds': '10',
};

export async function startNodeExporter(): Promise<Subject> {
  const port = await freePort();
  const child = start(PROGRAMS.nodeExporter.path, [`--web.listen-address=127.0.0.1:${port}`]);
  const output = outputOf(child);
  const scraper = openScraper(port);
  await untilReady(child, output, scraper.scrape);
  const failures: string[] = [];
  const timer = setInterval(() => {
    scraper.scrape().catch((error: unknown) => failures.push(String(error)));
  }, SCRAPE_MS);
  return {
    name: 'node_exporter',
    title: 'node_exporter, 10 s',
    pid: child.pid ?? 0,
    output: () => [output(), ...failures].join('\n'),
    sent: () => Promise.resolve({ traffic: scraper.traffic(port), samples: scraper.samples() }),
    stop: async () => {
      clearInterval(timer);
      scraper.close();
      await end(child);
    },
  };
}

function openScraper(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<Socket>();
  let samples = 0;
  return {
    scrape: async (): Promise<true> => {
      const request = get({ host: '127.0.0.1', port, path: '/metrics', headers: HEADERS, agent });
      request.once('socket', (socket) => sockets.add(socket));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      if (response.statusCode !== 200) throw new Error(`node_exporter answered ${response.statusCode}`);
      const zipped = response.headers['content-encoding'] === 'gzip';
      samples += samplesIn(await text(zipped ? response.pipe(createGunzip()) : response));
      return true;
    },
    samples: () => samples,
    traffic: (to: number) => {
      const sum = (of: (socket: Socket) => number) => [...sockets].reduce((all, one) => all + of(one), 0);
      return {
        upBytes: sum((socket) => socket.bytesRead),
        downBytes: sum((socket) => socket.bytesWritten),
        headerBytes: segmentHeaderBytes(`dport = :${to}`),
      };
    },
    close: () => agent.destroy(),
  };
}

function samplesIn(exposition: string): number {
  return exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
