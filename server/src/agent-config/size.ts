/** How large what one agent is told may be, what of it is left out where it is larger, and how that is said. Pure. */
import { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { CONTROL_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { NOT_HELD } from './holding.ts';

/** Everything else of the largest message that carries it: `accepted`, with the hashes of all sections. */
const BESIDE_BYTES_MAX = 4_096;
export const TOLD_BYTES_MAX = CONTROL_BYTES_MAX - BESIDE_BYTES_MAX;

/** What is signed for one agent, beside what is the same for all. */
export interface Content {
  readonly config: AgentConfig;
  /** Names of the groups that the machine is of, in order. */
  readonly groups: readonly string[];
}

/** As it stands in its message: as a text of JSON, in which each quotation mark takes two bytes. */
export function toldBytes(content: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(content)));
}

/** Never left out: what is off stays off. There are only so many names, so these alone always fit. */
const KEPT: ReadonlySet<string> = new Set(['collectorsOff', 'sectionsOff', 'fieldsOff']);

/** The parts of a configuration that are lists or more, the largest first. */
function partsOf(config: AgentConfig): { readonly name: string; readonly bytes: number }[] {
  return Object.entries(config)
    .filter(([, value]) => typeof value === 'object')
    .map(([name, value]) => ({ name, bytes: toldBytes(value) }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** What fits: the largest part that is no switch is left out, until it does. `leftOut` names those parts. */
export function fitted(content: Content): { content: Content; leftOut: readonly string[] } {
  if (toldBytes(content) <= TOLD_BYTES_MAX) return { content, leftOut: [] };
  const [largest] = partsOf(content.config).filter(({ name }) => !KEPT.has(name));
  if (!largest || largest.bytes <= toldBytes([])) return { content, leftOut: [] };
  const { content: smaller, leftOut } = fitted({
    ...content,
    config: without(content.config, largest.name),
  });
  return { content: smaller, leftOut: [largest.name, ...leftOut] };
}

/** Levels are of use only to an agent that holds. */
function without(config: AgentConfig, part: string): AgentConfig {
  if (part !== 'wake')
    return AgentConfig.parse(Object.fromEntries(Object.entries(config).filter(([name]) => name !== part)));
  const { economyHoldMs: _, ...rest } = config;
  return { ...rest, ...NOT_HELD };
}

/** One who would be told too much. */
export interface Oversized {
  /** null: no machine that is there, but one that would be of these groups. */
  readonly machine: string | null;
  readonly content: Content;
}

export function oversizedWords({ machine, content: { config, groups }, content }: Oversized): string {
  const bytes = toldBytes(content);
  const whose = machine === null ? 'a machine' : `"${machine}"`;
  const of = groups.length === 0 ? 'of no group' : `of ${groups.map((name) => `"${name}"`).join(', ')}`;
  const largest = partsOf(config)
    .slice(0, 2)
    .map((part) => `${part.name} (${part.bytes} bytes)`);
  return (
    `What ${whose} ${of} would be told has ${bytes} bytes; an agent takes ${TOLD_BYTES_MAX}, so ${bytes - TOLD_BYTES_MAX} are too many. ` +
    `The largest parts: ${largest.join(', ')}. ` +
    'Name less there, switch whole sections off instead of many of their fields, or choose the groups so that fewer are of one machine.'
  );
}
