/** What would be sent, for people: by kind, with its size on the wire. */
import { SWITCHED_OFF } from '../inventory/index.ts';
import type { Sent, SentFrame } from './sent.ts';

type Of<Type extends SentFrame['type']> = Extract<SentFrame, { readonly type: Type }>;

interface Part {
  /** As a person asks for it. */
  readonly name: string;
  readonly lines: readonly string[];
}

/** `section`: one part alone; null: all. */
export function sentText(
  sent: Sent,
  settings: Readonly<Record<string, unknown>>,
  section: string | null = null,
): { readonly type: 'text'; readonly text: string } | { readonly type: 'unknown'; readonly names: string[] } {
  const parts = partsOf(sent, settings);
  const wanted = parts.filter(({ name }) => section === null || name === section);
  if (wanted.length === 0) return { type: 'unknown', names: parts.map(({ name }) => name) };
  return {
    type: 'text',
    text: wanted
      .flatMap(({ lines }) => lines)
      .join('\n')
      .trimStart(),
  };
}

function partsOf(sent: Sent, settings: Readonly<Record<string, unknown>>): Part[] {
  return [
    {
      name: 'configuration',
      lines: ['# configuration of this machine (not sent)', JSON.stringify(settings, null, 2)],
    },
    {
      name: 'introduction',
      lines: [
        '\n# introduction, with each connection, beside key and proof',
        JSON.stringify(sent.introduction, null, 2),
      ],
    },
    { name: 'samples', lines: samplesText(of(sent, 'samples')) },
    {
      name: 'processes',
      lines: [
        `\n# top processes, while somebody watches and when a limit is crossed: ${sent.topProcesses.bytes} bytes`,
        JSON.stringify(sent.topProcesses.items, null, 2),
      ],
    },
    { name: 'events', lines: eventsText(of(sent, 'events')) },
    ...inventoryParts(of(sent, 'inventory'), sent.notes),
  ];
}

function samplesText(frames: readonly Of<'samples'>[]): string[] {
  const tick = frames.at(-1)?.ticks.at(-1);
  const sizes = `${frames.at(-1)?.bytes ?? 0} bytes; a connection's first ${frames[0]?.bytes ?? 0}, with the names`;
  return [
    `\n# samples, every interval: ${tick?.samples.length ?? 0} series, ${sizes}`,
    ...(tick?.samples ?? []).map(
      ({ metric, instance, value }) => `${metric}${instance === '' ? '' : ` ${instance}`} ${value}`,
    ),
  ];
}

function eventsText(frames: readonly Of<'events'>[]): string[] {
  return [
    `\n# events, when they happen: ${total(frames)} bytes`,
    ...frames.flatMap(({ events }) => events).map((event) => JSON.stringify(event, null, 2)),
  ];
}

function inventoryParts(frames: readonly Of<'inventory'>[], notes: Sent['notes']): Part[] {
  const sections = frames.flatMap((frame) => Object.entries(frame.sections));
  const missing = Object.entries(notes).filter(([name]) => !sections.some(([section]) => section === name));
  return [
    {
      name: 'inventory',
      lines: [`\n# inventory, at first all of it, then what changed: ${total(frames)} bytes`],
    },
    ...sections.map(([section, { hash, complete, data }]) => ({
      name: section,
      lines: notes[section]?.includes(SWITCHED_OFF)
        ? [`\n# ${section}: ${SWITCHED_OFF}`, `# sent in its place: ${JSON.stringify(data)}`]
        : [
            `\n# ${section}: ${complete ? 'complete' : 'not complete'}, ${Buffer.byteLength(JSON.stringify(data))} bytes before compression, sha256 ${hash}`,
            ...(notes[section] ?? []).map((note) => `# ${note}`),
            JSON.stringify(data, null, 2),
          ],
    })),
    ...missing.map(([section, words]) => ({
      name: section,
      lines: [`\n# ${section}: ${words.join('; ')}`],
    })),
  ];
}

function of<Type extends SentFrame['type']>(sent: Sent, type: Type): Of<Type>[] {
  return sent.frames.filter((frame): frame is Of<Type> => frame.type === type);
}

function total(frames: readonly SentFrame[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes, 0);
}
