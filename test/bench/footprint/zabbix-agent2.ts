/** Debian's zabbix-agent2 with active checks every 10 s, and a server that only hands out the checks and counts the answers. */
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../e2e/harness.ts';
import { end, outputOf, start, temporaryFolder } from '../peers/children.ts';
import { PROGRAMS, untilReady } from './installed.ts';
import { SEGMENT_HEADER_BYTES } from './segments.ts';
import type { Subject } from './subject.ts';
import { packZabbix, unpackZabbix } from './zabbix-packet.ts';

/** The agent takes text; a number makes it refuse the whole list. */
const DELAY = '10s';
/** It refuses those above 32,767, which is where the system's own choice begins. */
const PORT_FIRST = 20_050;
/** It connects anew for each message: three segments to open, question and answer, an acknowledgement of each, three to close. */
const SEGMENTS_OF_A_MESSAGE = 10;

export async function startZabbixAgent2(): Promise<Subject> {
  const server = await startZabbixServer(checks());
  const folder = temporaryFolder('zabbix');
  const configFile = join(folder, 'zabbix_agent2.conf');
  const settings = {
    LogType: 'console',
    Server: '127.0.0.1',
    ServerActive: `127.0.0.1:${server.port}`,
    Hostname: 'bench',
    ListenIP: '127.0.0.1',
    ListenPort: await freePortFrom(PORT_FIRST),
    PidFile: join(folder, 'agent.pid'),
    PluginSocket: join(folder, 'plugin.sock'),
    ControlSocket: join(folder, 'agent.sock'),
  };
  writeFileSync(
    configFile,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const child = start(PROGRAMS.zabbixAgent2.path, ['-f', '-c', configFile], { cwd: folder });
  const output = outputOf(child);
  await untilReady(child, output, () => server.sent().samples > 0);
  return {
    name: 'zabbix_agent2',
    title: `zabbix-agent2, ${checks().length} items, 10 s`,
    pid: child.pid ?? 0,
    output,
    sent: () => Promise.resolve(server.sent()),
    stop: async () => {
      await end(child);
      await server.close();
    },
  };
}

async function freePortFrom(first: number): Promise<number> {
  for (let port = first; ; port++) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    server.close();
    if (isFree) return port;
  }
}

interface Message {
  readonly request?: string;
  readonly data?: readonly { readonly state?: number }[];
}

async function startZabbixServer(keys: readonly string[]) {
  const counted = { upBytes: 0, downBytes: 0, messages: 0, samples: 0 };
  const list = keys.map((key, i) => ({ itemid: i + 1, key, delay: DELAY, lastlogsize: 0, mtime: 0 }));
  const answerTo = ({ request, data = [] }: Message): unknown => {
    if (request === 'active checks') return { response: 'success', data: list };
    // State 1: the agent cannot tell this item.
    counted.samples += data.filter(({ state }) => state !== 1).length;
    return { response: 'success', info: `processed: ${data.length}; failed: 0; total: ${data.length}` };
  };
  const server = createServer((socket) => {
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      counted.upBytes += part.length;
      bytes = Buffer.concat([bytes, part]);
      answer(socket);
    });
    socket.on('error', () => socket.destroy());
    function answer(to: Socket): void {
      const text = unpackZabbix(bytes);
      if (text === null) return;
      const packet = packZabbix(answerTo(JSON.parse(text) as Message));
      counted.downBytes += packet.length;
      counted.messages += 1;
      to.end(packet);
    }
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    sent: () => ({
      traffic: {
        upBytes: counted.upBytes,
        downBytes: counted.downBytes,
        headerBytes: counted.messages * SEGMENTS_OF_A_MESSAGE * SEGMENT_HEADER_BYTES,
      },
      samples: counted.samples,
    }),
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** The metrics of Zabbix's template "Linux by Zabbix agent active" that stand for one number, for each processor, disk, interface and file system. */
function checks(): string[] {
  const times = [
    'user',
    'nice',
    'system',
    'idle',
    'iowait',
    'interrupt',
    'softirq',
    'steal',
    'guest',
    'guest_nice',
  ];
  const cpus = ['all', ...Array.from({ length: availableParallelism() }, (_, cpu) => String(cpu))];
  const disks = readdirSync('/sys/block').filter((name) => !/^(loop|ram)/.test(name));
  const interfaces = readdirSync('/sys/class/net');
  return [
    'agent.ping',
    'kernel.maxfiles',
    'kernel.maxproc',
    'kernel.openfiles',
    'proc.num',
    'proc.num[,,run]',
    'system.boottime',
    'system.cpu.intr',
    'system.cpu.num',
    'system.cpu.switches',
    'system.localtime',
    'system.uptime',
    'system.users.num',
    ...['avg1', 'avg5', 'avg15'].map((mean) => `system.cpu.load[all,${mean}]`),
    ...cpus.flatMap((cpu) => times.map((time) => `system.cpu.util[${cpu},${time}]`)),
    ...['total', 'available', 'pavailable', 'buffers', 'cached', 'used'].map(
      (mode) => `vm.memory.size[${mode}]`,
    ),
    ...['total', 'free', 'pfree'].map((mode) => `system.swap.size[,${mode}]`),
    ...fileSystems().flatMap((path) => [
      ...['total', 'used', 'free', 'pused'].map((mode) => `vfs.fs.size[${path},${mode}]`),
      ...['total', 'pfree'].map((mode) => `vfs.fs.inode[${path},${mode}]`),
    ]),
    ...disks.flatMap((disk) =>
      ['read', 'write'].flatMap((way) =>
        ['sectors', 'operations'].map((what) => `vfs.dev.${way}[${disk},${what}]`),
      ),
    ),
    ...interfaces.flatMap((name) =>
      ['in', 'out'].flatMap((way) =>
        ['bytes', 'packets', 'errors', 'dropped'].map((what) => `net.if.${way}[${name},${what}]`),
      ),
    ),
  ];
}

/** Those on disks. */
function fileSystems(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const paths = mounts.flatMap((line) => {
    const [device = '', path = ''] = line.split(' ');
    return device.startsWith('/dev/') && !path.includes('\\') ? [path] : [];
  });
  return [...new Set(['/', ...paths])];
}
