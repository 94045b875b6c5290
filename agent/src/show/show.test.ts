import { expect, test } from 'vitest';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { CONFIG_DEFAULT } from '../agent.ts';
import { createFakeHost } from '../host-fake.ts';
import { collectInventory } from '../inventory/index.ts';
import { machineOf } from '../machine.ts';
import { FakeTime } from '../time-fake.ts';
import { type Sent, wouldSend } from './sent.ts';
import { sentText } from './text.ts';

const FILES = {
  '/proc/uptime': '1000.00 900.00\n',
  '/proc/loadavg': '0.10 0.20 0.30 1/200 4711\n',
  '/proc/sys/kernel/random/boot_id': 'c0ffee\n',
  '/etc/os-release': 'ID=debian\nVERSION_ID="13"\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/proc/1/environ': 'PASSWORD=hunter2\0',
};
const FACTS = { agentVersion: '0.1.0', hostname: 'pc-7', platform: 'linux' } as const;

async function sentOf(config: AgentConfig | null = null): Promise<{ sent: Sent; text: string }> {
  const host = createFakeHost({ files: FILES });
  const time = new FakeTime();
  const sent = await wouldSend({
    host,
    machine: machineOf(host, async () => new Map()),
    configuration:
      config === null
        ? null
        : {
            current: { version: 3, config },
            take: () => expect.fail('nobody tells it'),
            status: { version: 3, takenAtMs: 1, groups: null, refused: null },
          },
    facts: FACTS,
    timers: time.timers,
    randomBytes: (count) => new Uint8Array(count).fill(7),
    wait: async (durationMs) => time.advance(durationMs),
  });
  const said = sentText(sent, { server: 'wss://muster.example/ws/agent' });
  return { sent, text: said.type === 'text' ? said.text : expect.fail('nothing at all') };
}

test('[AT114] each section can be asked for alone, and together they are all of it', async () => {
  const { sent, text } = await sentOf();
  const unknown = sentText(sent, {}, 'nothing');
  const names = unknown.type === 'unknown' ? unknown.names : [];
  expect(names).toEqual(
    expect.arrayContaining(['configuration', 'introduction', 'samples', 'processes', 'events', 'os']),
  );
  expect(new Set(names).size).toBe(names.length);
  const parts = names.map((name) => {
    const said = sentText(sent, { server: 'wss://muster.example/ws/agent' }, name);
    return said.type === 'text' ? said.text : expect.fail(name);
  });
  expect(parts.join('\n\n')).toBe(text);
});

test('[AT10] two ticks as they go out, and the second, without names, is what an interval costs', async () => {
  const { sent, text } = await sentOf();
  const ticks = sent.frames.filter((frame) => frame.type === 'samples');
  expect(ticks).toHaveLength(2);
  expect((ticks[1]?.bytes ?? 0) < (ticks[0]?.bytes ?? 0)).toBe(true);
  const samples = ticks.at(-1)?.ticks[0]?.samples ?? [];
  expect(samples).toContainEqual({ metric: 'load.1m', instance: '', value: 0.1 });
  expect(samples).toContainEqual({ metric: 'agent.spool.dropped', instance: '', value: 0 });
  expect(text).toContain('\nload.1m 0.1\n');
  expect(text).toContain(`${samples.length} series, ${ticks[1]?.bytes} bytes`);
});

test('[AT10] the introduction and the first event are those of an agent that starts', async () => {
  const { sent, text } = await sentOf();
  expect(sent.introduction).toEqual({ ...FACTS, bootId: 'c0ffee' });
  expect(sent.frames.find(({ type }) => type === 'events')).toMatchObject({
    events: [{ type: 'started', bootId: 'c0ffee', agentVersion: '0.1.0' }],
  });
  expect(text).toContain('"hostname": "pc-7"');
});

test('[AT10] [IN8] the inventory is the one of the frame, section by section, and what is missing says why', async () => {
  const { sent, text } = await sentOf();
  const inventory = await collectInventory(createFakeHost({ files: FILES }), () => expect.fail('failed'));
  const frames = sent.frames.filter((frame) => frame.type === 'inventory');
  expect(frames).toHaveLength(1);
  for (const [section, { data, hash, notes, complete }] of inventory) {
    expect(frames[0]?.sections[section]).toEqual({ data, hash, complete });
    expect(text).toContain(`# ${section}: ${complete ? 'complete' : 'not complete'}, `);
    expect(text).toContain(`\n${JSON.stringify(data, null, 2)}`);
    for (const note of notes) expect(text).toContain(`# ${note}`);
  }
});

test('[AT3] nothing of the environment of processes is in it', async () => {
  const { sent, text } = await sentOf();
  expect(JSON.stringify(sent) + text).not.toContain('hunter2');
});

test('[AT10] [CF20] what the configuration has switched off is not shown, because it is not sent', async () => {
  const off = { collectorsOff: ['load'], sectionsOff: ['users'], fieldsOff: ['os.name', 'processes'] };
  const { sent } = await sentOf({ ...CONFIG_DEFAULT, ...off });
  const all = JSON.stringify(sent);
  expect(all).not.toContain('load.1m');
  expect(all).not.toContain('"root"');
  expect(sent.topProcesses.items).toEqual([]);
  const whole = JSON.stringify((await sentOf()).sent);
  for (const word of ['load.1m', '"root"']) expect(whole).toContain(word);
});

test('[AT122] a section that is switched off is told as that, without a size, and with what stands in its place', async () => {
  const { text } = await sentOf({ ...CONFIG_DEFAULT, sectionsOff: ['users'] });
  expect(text).toContain(
    '\n# users: switched off by the configuration; nothing of it is collected\n# sent in its place: {"',
  );
  expect(text).not.toMatch(/^# users: .*complete/m);
});
