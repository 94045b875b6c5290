/** Network interfaces with something to tell, for a machine that has few: the gates are for about 100 series. Root, Linux. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';

const DATAGRAM_MS = 3_000;
const DATAGRAM_BYTES_MAX = 1_200;
const NAME = 'mbench';
/** RFC 2544, 198.18.0.0/15: nobody's own. */
const NETWORK = '198.18';
/** RFC 863, discard. */
const PORT = 9;

/**
 * Cables from the machine to itself, each with an address of its own and a datagram now and then, so that their counters move: eight series of ours each.
 * @returns takes them away again
 * @throws Error where this takes more rights, or the kernel has no veth
 */
export function addInterfaces(count: number): () => void {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  const made: string[] = [];
  const socket = createSocket('udp4');
  // A full queue, or an interface that is being taken away: the next datagram tells as much.
  socket.on('error', () => undefined);
  const send = setInterval(() => {
    for (const i of made.keys()) {
      const bytes = 1 + Math.floor(Math.random() * DATAGRAM_BYTES_MAX);
      socket.send(Buffer.alloc(bytes), PORT, `${NETWORK}.${i}.2`);
    }
  }, DATAGRAM_MS);
  const remove = () => {
    clearInterval(send);
    for (const name of made.splice(0)) ip('link', 'del', name);
    socket.close();
  };
  try {
    for (let i = 0; i < count; i++) {
      const name = `${NAME}${i}`;
      ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `veth${NAME}${i}`);
      made.push(name);
      ip('addr', 'add', `${NETWORK}.${i}.1/24`, 'dev', name);
      for (const end of [name, `veth${NAME}${i}`]) ip('link', 'set', end, 'up');
      // Nobody answers there: without an address to ask for, the datagram would wait.
      ip('neigh', 'add', `${NETWORK}.${i}.2`, 'lladdr', '02:00:00:00:00:02', 'dev', name);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}
