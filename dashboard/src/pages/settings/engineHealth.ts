/** What of the engine's figures needs a person, most important first. Pure. */
import type { EngineStatus } from '@muster/shared/api/engine.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Key } from '../../i18n/catalogue.ts';

export interface Finding {
  readonly word: Key;
  readonly tone: 'crit' | 'warn';
  /** The server's own sentences, where there are any. */
  readonly details: readonly string[];
  /** For the slots of the word. */
  readonly days?: number;
  readonly count?: number;
  /** What is wrong is looked at and mended on the page of the exchange: coming in, or going out. */
  readonly exchange?: 'in' | 'out';
}

const TROUBLES: Readonly<Record<string, Key>> = {
  'disk-nearly-full': 'settings.engine.trouble.diskNearlyFull',
  'disk-slow': 'settings.engine.trouble.diskSlow',
  'data-damaged': 'settings.engine.trouble.dataDamaged',
  'windows-waiting': 'settings.engine.trouble.windowsWaiting',
  'samples-dropped': 'settings.engine.trouble.samplesDropped',
  'exchange-in': 'settings.engine.trouble.exchangeIn',
  'exchange-out': 'settings.engine.trouble.exchangeOut',
};
/** Nothing is wrong with the server's own samples. */
const WARNINGS = ['windows-waiting', 'exchange-in', 'exchange-out'];

export const DISK_DAYS_WARN = 30;
const DISK_DAYS_CRIT = 7;
/** The engine writes at 30 min at the latest; an older journal means that it does not get to it. */
const JOURNAL_AGE_MS_WARN = 60 * MINUTE_MS;
const COMMIT_P99_MS_WARN = SECOND_MS;
const LOOP_LAG_MS_WARN = 250;
/** In the first minutes everything is read at once; lateness then says nothing. */
const SETTLED_MS = 2 * MINUTE_MS;

export function findingsOf(status: EngineStatus): Finding[] {
  const codes = [...new Set(status.troubles.map(({ code }) => code))];
  const findings = codes.map(
    (code): Finding => ({
      word: TROUBLES[code] ?? 'settings.engine.trouble.other',
      tone: WARNINGS.includes(code) ? 'warn' : 'crit',
      // What was dropped is told in words where the limit stands.
      details:
        code === 'samples-dropped'
          ? []
          : status.troubles.filter((trouble) => trouble.code === code).map(({ detail }) => detail),
      ...(code === 'exchange-in' && { exchange: 'in' }),
      ...(code === 'exchange-out' && { exchange: 'out' }),
    }),
  );
  const isSettled = Date.parse(status.at) - Date.parse(status.startedAt) > SETTLED_MS;
  const { agentsConnected, samplesPerSecond, seriesCount } = status.ingest;
  // A server that knows no series yet waits for its first machine: nothing is wrong.
  if (isSettled && seriesCount > 0 && samplesPerSecond === 0)
    findings.push({
      word:
        agentsConnected === 0
          ? 'settings.engine.trouble.nobodyConnected'
          : 'settings.engine.trouble.nothingComes',
      tone: 'crit',
      details: [],
    });
  const { forecast } = status.storage;
  const days = forecast?.daysUntilFull ?? null;
  if (days !== null && days <= DISK_DAYS_WARN)
    findings.push({
      word: 'settings.engine.trouble.diskWillFill',
      tone: days <= DISK_DAYS_CRIT ? 'crit' : 'warn',
      details: [],
      days,
    });
  const daysUntilCap = forecast?.daysUntilCap ?? null;
  // One that is reached is a person's own wish: old samples leave, nothing breaks.
  if (daysUntilCap !== null && daysUntilCap > 0 && daysUntilCap <= DISK_DAYS_WARN)
    findings.push({
      word: 'settings.engine.trouble.limitNear',
      tone: 'warn',
      details: [],
      days: daysUntilCap + 1,
    });
  if (status.exchange.droppedTotal > 0)
    findings.push({
      word: 'settings.engine.trouble.exchangeDropped',
      tone: 'warn',
      details: [],
      exchange: 'out',
    });
  if (status.exchange.namesUnknown > 0)
    findings.push({
      word: status.exchange.mayBeMoreNames
        ? 'settings.engine.trouble.exchangeUnknownMany'
        : 'settings.engine.trouble.exchangeUnknown',
      tone: 'warn',
      details: [],
      count: status.exchange.namesUnknown,
      exchange: 'in',
    });
  if (status.exchange.requestsUnsigned > 0)
    findings.push({
      word: 'settings.engine.trouble.exchangeUnsigned',
      tone: 'warn',
      details: [],
      count: status.exchange.requestsUnsigned,
      exchange: 'in',
    });
  if ((status.queues.journalAgeMs ?? 0) > JOURNAL_AGE_MS_WARN)
    findings.push({ word: 'settings.engine.trouble.journalOld', tone: 'warn', details: [] });
  if (status.durations.commit.p99Ms > COMMIT_P99_MS_WARN)
    findings.push({ word: 'settings.engine.trouble.commitSlow', tone: 'warn', details: [] });
  if (isSettled && (status.process.loopLagMs ?? 0) > LOOP_LAG_MS_WARN)
    findings.push({ word: 'settings.engine.trouble.loopLate', tone: 'warn', details: [] });
  return findings;
}
