/** The server's log: one line per event on standard error, for people and for journald alike. */
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { Log } from './ingest/log.ts';

/** `what` is a fixed sentence to search by, then the facts as key=value. */
export function createLog(nowMs: () => Millis, write: (line: string) => void): Log {
  return (level, what, detail) => {
    const facts = Object.entries(detail).map(([key, value]) => ` ${key}=${shown(value)}`);
    write(`${toIso(nowMs())} ${level.toUpperCase().padEnd(5)} ${what}${facts.join('')}\n`);
  };
}

function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : value instanceof Error
        ? (value.stack ?? value.message)
        : (JSON.stringify(value) ?? 'undefined');
  return /[\s="]/.test(text) ? JSON.stringify(text) : text;
}
