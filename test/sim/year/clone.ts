/** Two machines online with one key, before the real hub of the server: what it finds. */
import { connect, createWorld, enrol, FakeClock, settle } from '@muster/server/ws/testing.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Machine } from './office.ts';

/** When the hub notes its finding; null: it lets both pass. */
export async function whenFound(machine: Machine, nowMs: Millis): Promise<Millis | null> {
  const clock = new FakeClock();
  clock.nowMs = nowMs;
  const world = createWorld({ clock });
  const { keys, session: original } = await enrol(world);
  await connect(world, keys, { info: { address: '10.9.9.9' }, proof: { hostname: `${machine.name}-copy` } });
  const [question] = original.socket.pings;
  if (question) original.connection.pong(question);
  await settle();
  const agent = await world.store.agent(keys.agentId);
  return agent?.findings.find(({ kind }) => kind === 'cloned-identity')?.atMs ?? null;
}
