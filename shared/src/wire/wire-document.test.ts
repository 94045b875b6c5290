import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AgentToServer } from './agent-messages.ts';
import { REFUSALS, ServerToAgent } from './server-messages.ts';
import { AgentEvent, EventsBody, InventoryBody } from './frame-bodies.ts';
import * as limits from './limits.ts';

const document = readFileSync(new URL('../../../docs/WIRE.md', import.meta.url), 'utf8');
const examples = [...document.matchAll(/```json\n(.*?)\n```/gs)].map(
  ([, text]) => JSON.parse(String(text)) as { type?: string },
);

/** Types that stand in a union, read from the schemas. */
function typesOf(union: {
  def: { options: readonly { def: { shape: { type: { def: { values: readonly string[] } } } } }[] };
}): (string | undefined)[] {
  return union.def.options.map((option) => option.def.shape.type.def.values[0]);
}

test('[LK8] every message of both directions stands in WIRE.md with an example that its schema takes', () => {
  const agent = examples
    .filter((example) => AgentToServer.safeParse(example).success)
    .map(({ type }) => type);
  const server = examples
    .filter((example) => ServerToAgent.safeParse(example).success)
    .map(({ type }) => type);
  expect(new Set(agent)).toEqual(new Set(typesOf(AgentToServer)));
  expect(new Set(server)).toEqual(new Set(typesOf(ServerToAgent)));
  const bodies = examples.filter(({ type }) => type === undefined);
  expect(bodies).toHaveLength(2);
  InventoryBody.parse(bodies[0]);
  const { events } = EventsBody.parse(bodies[1]);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(typesOf(AgentEvent)));
});

test('[LK8] every text and every number of the golden vectors stands in WIRE.md', () => {
  const folder = new URL('./testcases/', import.meta.url);
  for (const name of readdirSync(folder)) {
    for (const value of stringsOf(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
      expect(document).toContain(value);
  }
});

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  // The descriptions of the sample frames are for people; WIRE.md has its own.
  return Object.entries(value).flatMap(([key, one]) => (key === 'what' ? [] : stringsOf(one)));
}

test('[LK8] every limit and every refusal stands in WIRE.md with its value', () => {
  for (const [name, value] of Object.entries(limits))
    expect(document).toContain(`| \`${name}\` | ${value} |`);
  for (const [code, { close, retry }] of Object.entries(REFUSALS))
    expect(document).toContain(`| \`${code}\` | ${close} | ${retry ? 'yes' : 'no'} |`);
});
