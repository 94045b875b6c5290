/** The server's own log: one line per event, for people and for grep. */
import { toIso } from '@muster/shared/time.ts';
import type { Clock } from './clock.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** `what` is a short sentence; `detail` holds its values. Never secrets. */
export type Log = (level: LogLevel, what: string, detail: Readonly<Record<string, unknown>>) => void;

/** Longest line; a stack or a hostile name cannot flood the log. */
const LINE_LENGTH_MAX = 8_000;

/** Lines like `2026-01-02T03:04:05.678Z warn  agent refused reason="token expired" address=10.0.0.7`. */
export function createLog(clock: Clock, write: (level: LogLevel, line: string) => void): Log {
  return (level, what, detail) => {
    const fields = Object.entries(detail).map(([name, value]) => ` ${name}=${fieldText(value)}`);
    const line = `${toIso(clock.now())} ${level.padEnd(5)} ${printable(what)}${fields.join('')}`;
    write(level, line.slice(0, LINE_LENGTH_MAX));
  };
}

/** Warnings and errors to stderr, the rest to stdout. */
export function writeToConsole(level: LogLevel, line: string): void {
  (level === 'info' ? process.stdout : process.stderr).write(`${line}\n`);
}

/** Message and causes of an error in one line, for `detail`. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${messageOf(error.cause)})`;
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Names and messages come from outside: no line breaks, no terminal sequences. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
