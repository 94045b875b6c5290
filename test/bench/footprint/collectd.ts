/** Debian's collectd at 10 s, with the plugins that tell what ours tells, sending to a socket that counts. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../e2e/harness.ts';
import { end, outputOf, start, temporaryFolder } from '../peers/children.ts';
import { valuesIn } from './collectd-packet.ts';
import { PROGRAMS, untilReady } from './installed.ts';
import { DATAGRAM_HEADER_BYTES } from './segments.ts';
import type { Subject } from './subject.ts';

const PLUGINS = [
  'contextswitch',
  'cpu',
  'df',
  'disk',
  'entropy',
  'interface',
  'load',
  'memory',
  'processes',
  'swap',
  'tcpconns',
  'uptime',
  'users',
];
const INTERVAL_SECONDS = 10;

export async function startCollectd(): Promise<Subject> {
  const counted = { bytes: 0, datagrams: 0, samples: 0 };
  const sink = createSocket('udp4');
  sink.on('message', (datagram) => {
    counted.bytes += datagram.length;
    counted.datagrams += 1;
    counted.samples += valuesIn(datagram);
  });
  sink.bind(0, '127.0.0.1');
  await once(sink, 'listening');
  const folder = temporaryFolder('collectd');
  const configFile = join(folder, 'collectd.conf');
  writeFileSync(configFile, configText(folder, sink.address().port, await freePort()));
  const child = start(PROGRAMS.collectd.path, ['-f', '-C', configFile]);
  const output = outputOf(child);
  await untilReady(child, output, () => counted.samples > 0);
  return {
    name: 'collectd',
    title: `collectd, ${PLUGINS.length} plugins, 10 s`,
    pid: child.pid ?? 0,
    output,
    sent: () =>
      Promise.resolve({
        traffic: {
          upBytes: counted.bytes,
          downBytes: 0,
          headerBytes: counted.datagrams * DATAGRAM_HEADER_BYTES,
        },
        samples: counted.samples,
      }),
    stop: async () => {
      await end(child);
      sink.close();
    },
  };
}

/** `quietPort`: nobody listens there. Without a port of its own tcpconns tells of every listener of the machine. */
function configText(folder: string, port: number, quietPort: number): string {
  return `Hostname "bench"
FQDNLookup false
BaseDir "${folder}"
PIDFile "${join(folder, 'collectd.pid')}"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval ${INTERVAL_SECONDS}
${[...PLUGINS, 'network'].map((name) => `LoadPlugin ${name}\n`).join('')}
<Plugin tcpconns>
  ListeningPorts false
  LocalPort "${quietPort}"
</Plugin>
<Plugin network>
  Server "127.0.0.1" "${port}"
</Plugin>
`;
}
