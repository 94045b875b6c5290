/** What would be sent, for people: by kind, with its size on the wire. */
import type { Sent, SentFrame } from './sent.ts';

type Of<Type extends SentFrame['type']> = Extract<SentFrame, { readonly type: Type }>;

export function sentText(sent: Sent, settings: Readonly<Record<string, unknown>>): string {
  return [
    '# configuration of this machine (not sent)',
    JSON.stringify(settings, null, 2),
    '\n# introduction, with each connection, beside key and proof',
    JSON.stringify(sent.introduction, null, 2),
    ...samplesText(of(sent, 'samples')),
    `\n# top processes, while somebody watches and when a limit is crossed: ${sent.topProcesses.bytes} bytes`,
    JSON.stringify(sent.topProcesses.items, null, 2),
    ...eventsText(of(sent, 'events')),
    ...inventoryTextOf(of(sent, 'inventory'), sent.notes),
  ].join('\n');
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

function inventoryTextOf(frames: readonly Of<'inventory'>[], notes: Sent['notes']): string[] {
  const sections = frames.flatMap((frame) => Object.entries(frame.sections));
  const missing = Object.entries(notes).filter(([name]) => !sections.some(([section]) => section === name));
  return [
    `\n# inventory, at first all of it, then what changed: ${total(frames)} bytes`,
    ...sections.flatMap(([section, { hash, complete, data }]) => [
      `\n# ${section}: ${complete ? 'complete' : 'not complete'}, ${Buffer.byteLength(JSON.stringify(data))} bytes before compression, sha256 ${hash}`,
      ...(notes[section] ?? []).map((note) => `# ${note}`),
      JSON.stringify(data, null, 2),
    ]),
    ...missing.map(([section, words]) => `\n# ${section}: ${words.join('; ')}`),
  ];
}

function of<Type extends SentFrame['type']>(sent: Sent, type: Type): Of<Type>[] {
  return sent.frames.filter((frame): frame is Of<Type> => frame.type === type);
}

function total(frames: readonly SentFrame[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes, 0);
}
