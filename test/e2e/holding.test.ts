/** Real server and agent: what the agent may hold follows from the setting and from the rules of its machine, as they are now. */
import { afterAll, expect, test } from 'vitest';
import { cleanUp, startServer, until } from './harness.ts';

interface Agents {
  readonly items: readonly { id: string; ciId: string | null; connected: boolean; holdMs: number | null }[];
}

afterAll(cleanUp);

test('[LK130] [LK131] an agent is told how long it may hold its readings, and anew when a rule needs them sooner', async () => {
  const server = await startServer({ localAgent: true, env: { MUSTER_HOLD_SECONDS: '20' } });
  const agent = async () => (await server.api<Agents>('GET', '/agents')).items[0];
  const held = async (ms: number) => (await agent())?.holdMs === ms;
  await until(() => held(20_000), {
    withinMs: 30_000,
    what: 'it may hold for 20 s',
  });
  const ciId = (await agent())?.ciId;
  expect(ciId).toBeTruthy();
  const rule = await server.api<{ id: string }>('POST', '/rules', {
    name: 'at once, nearly',
    selector: { ciId },
    condition: {
      type: 'threshold',
      metric: 'memory.utilisation',
      op: 'above',
      levels: [{ severity: 'warning', level: 99, clear: 98 }],
      forMs: 24_000,
      keepForMs: 0,
      floor: null,
    },
  });
  await until(() => held(12_000), { withinMs: 10_000, what: 'half of the hold of the new rule' });
  await server.api('DELETE', `/rules/${rule.id}`);
  await until(() => held(20_000), { withinMs: 10_000, what: 'as before' });
  await server.stop();
});
