/** Remote write in, put together: mappings, machines, series, senders, and what is told of them. */
import type { z } from 'zod';
import type { Page } from '@muster/shared/api/endpoint.ts';
import type { EngineStatus } from '@muster/shared/api/engine.ts';
import type { ForeignSeries as ShownSeries, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { HOUR_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { AppliedChange } from '../cmdb/cmdb.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { isMachine } from '../cmdb/machine-directory.ts';
import type { Ci, Machine } from '../cmdb/store.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { isDueAgain, isLately } from '../due.ts';
import { AppError } from '../errors.ts';
import { type MetricFamily, single } from '../http/own-metrics.ts';
import type { MetricStore, StoredTick } from '../metrics/store.ts';
import { type ForeignSeries, ForeignSeriesBook } from './foreign-series.ts';
import {
  FOREIGN_SERIES_LOOK_MS,
  FOREIGN_SERIES_MAX,
  NAMES_SURE_MAX,
  PROGRAM_LENGTH_MAX,
  PUT_IN_USE_A_TICK_MAX,
  SHOWN_MAX,
  TROUBLE_TOLD_MS,
} from './limits.ts';
import { MachineFinder } from './machine-finder.ts';
import { createMappings, type Mappings } from './mappings.ts';
import { Receiver, type Taken } from './receiver.ts';
import { type Caller, fromText, type Refusal, Senders } from './senders.ts';
import { shortened } from './shortened.ts';
import type { RemoteWriteStore } from './store.ts';

/** What was kept out before is no news any more. */
const TOLD_MS = 24 * HOUR_MS;
/** A machine that is fed is further than this. */
const BEFORE_USE: readonly string[] = ['planned', 'ordered'];

export interface InboundDeps {
  readonly store: RemoteWriteStore;
  readonly metrics: Pick<MetricStore, 'append' | 'latest' | 'resolve'>;
  readonly directory: Pick<CiDirectory, 'get'>;
  /** All machines, read when the first sender comes. */
  readonly machines: () => Promise<readonly Machine[]>;
  readonly onSamples: (ciId: string, ticks: readonly StoredTick[], nowMs: Millis) => void;
  /** Moves the machine to 'in use', by the word of the sender. @throws AppError: it will never be moved */
  readonly putInUse: (ciId: string, sender: string, nowMs: Millis) => Promise<void>;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly report: (what: string, error: unknown) => void;
  /** 16 hex digits. */
  readonly epoch: string;
  readonly startedAtMs: Millis;
}

export interface WriteBody extends Caller {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Version of the protocol, as the sender says; '' where it does not. */
  readonly version: string;
}

export type TurnedAway = RemoteWriteIn['turnedAway'][number];

export interface Inbound {
  readonly mappings: Mappings;
  /** Resolves when the samples are durable. @throws AppError */
  take(body: WriteBody, nowMs: Millis): Promise<void>;
  /** A request was refused before anything of it was read: nobody knows its token, or its role may not send. */
  turnedAway(caller: Omit<Caller, 'actor'>, why: TurnedAway['why'], nowMs: Millis): void;
  /** What is wrong and needs a person, in sentences. */
  troubles(nowMs: Millis): string[];
  /** What is for the page about the engine alone: anybody may cause it, or it may be as it should be. */
  warnings(
    nowMs: Millis,
  ): Pick<EngineStatus['exchange'], 'namesUnknown' | 'mayBeMoreNames' | 'requestsUnsigned'>;
  figures(): RemoteWriteIn['samples'];
  status(url: string | null, nowMs: Millis): RemoteWriteIn;
  /** By metric and instance, from behind the cursor on. @throws AppError input-invalid */
  seriesOf(ciId: string, page: z.infer<typeof Page>): { items: ShownSeries[]; nextCursor: string | null };
  /** Whether the samples of the series come from a sender and not from its agent. */
  isForeign(series: Pick<ForeignSeries, 'ciId' | 'metric' | 'instance'>): boolean;
  ciChanged(change: Pick<AppliedChange, 'ci'>): void;
  ownMetrics(): readonly MetricFamily[];
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
}

export async function createInbound(deps: InboundDeps): Promise<Inbound> {
  const { store, metrics, directory, newId, startedAtMs } = deps;
  const finder = new MachineFinder();
  const book = new ForeignSeriesBook(metrics, await store.foreignSeries());
  const receiver = new Receiver({
    metrics,
    finder,
    series: book,
    onSamples: deps.onSamples,
    epoch: deps.epoch,
  });
  const senders = new Senders();
  const turnedAway = new Map<TurnedAway['why'], Omit<TurnedAway, 'at'> & { readonly atMs: Millis }>();
  const mappings = await createMappings({
    store,
    newId,
    onChange: (all) => receiver.setMappings(all),
  });
  /** Changes that come while the machines are read are newer than what is read. */
  const changed = new Set<string>();
  let reading: Promise<void> | null = null;
  /** When it was looked last which series gave their places free. */
  let lookedMs = -Infinity;

  async function readMachines(): Promise<void> {
    for (const machine of await deps.machines()) if (!changed.has(machine.id)) putMachine(machine);
    changed.clear();
  }

  function putMachine(ci: Ci): void {
    const attributes = Object.fromEntries(
      ['hostname', 'ipAddresses', 'serial'].map((name) => [name, ci.attributes[name]?.value]),
    );
    finder.put({ id: ci.id, name: ci.name, attributes, isMerged: ci.mergedInto !== null });
  }

  function nameOf(ciId: string): string {
    return directory.get(ciId)?.name ?? ciId;
  }

  async function received(body: WriteBody, nowMs: Millis): Promise<Taken> {
    requireKnownForm(body);
    await (reading ??= readMachines().catch((error: unknown) => {
      reading = null;
      throw error;
    }));
    return receiver.take(body.bytes, body.actor, nowMs);
  }

  /** null: it was not so, or not lately. */
  function turnedAwayWithin(why: TurnedAway['why'], spanMs: Millis, nowMs: Millis) {
    const last = turnedAway.get(why);
    return last !== undefined && isLately(last.atMs, spanMs, nowMs) ? last : null;
  }

  /** Machines that are fed for the first time, so many at once: all else of the server waits meanwhile. */
  async function welcomeNewcomers(nowMs: Millis): Promise<void> {
    let moved = 0;
    for (const [ciId, sender] of book.newcomers()) {
      const entry = directory.get(ciId);
      if (entry?.agentId === null && BEFORE_USE.includes(entry.lifecycle)) {
        if (moved === PUT_IN_USE_A_TICK_MAX) continue;
        moved += 1;
        await putInUse(ciId, sender, nowMs);
      }
      book.welcomed(ciId);
    }
  }

  /** One that cannot be moved keeps no other from it. */
  async function putInUse(ciId: string, sender: string, nowMs: Millis): Promise<void> {
    try {
      await deps.putInUse(ciId, sender, nowMs);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      deps.report(`${nameOf(ciId)} (${ciId}) is fed by a sender and could not be put in use`, error);
    }
  }

  function sampleFigures(): RemoteWriteIn['samples'] {
    const { taken: _taken, refused: _refused, later: _later, ...samples } = receiver.figures;
    return { ...samples, keptOut: receiver.keptOut.samples };
  }

  return {
    mappings,
    async take(body, nowMs) {
      const taken = await received(body, nowMs).catch((error: unknown) => {
        senders.heard(body, null, refusalOf(error), nowMs);
        throw error;
      });
      const fault = faultOfPart(taken);
      senders.heard(body, taken, fault && refusalOf(fault), nowMs);
      if (fault) throw fault;
    },
    turnedAway({ address, program }, why, nowMs) {
      const count = (turnedAwayWithin(why, TOLD_MS, nowMs)?.count ?? 0) + 1;
      turnedAway.set(why, {
        address,
        program: shortened(program, PROGRAM_LENGTH_MAX),
        why,
        count,
        atMs: nowMs,
      });
    },
    troubles(nowMs) {
      const forbidden = turnedAwayWithin('forbidden', TROUBLE_TOLD_MS, nowMs);
      return [
        ...senders.troubles(nowMs),
        ...(forbidden
          ? [
              `${toIso(forbidden.atMs)}: a request ${fromText(forbidden)} was refused: the role of its token may not send samples`,
            ]
          : []),
        ...(book.size >= FOREIGN_SERIES_MAX
          ? [`All ${FOREIGN_SERIES_MAX} series that senders may make are in use; new ones are kept out.`]
          : []),
      ];
    },
    warnings(nowMs) {
      const isTold = (lastMs: Millis) => isLately(lastMs, TROUBLE_TOLD_MS, nowMs);
      const namesUnknown = receiver.keptOut.machines(Infinity, isTold).length;
      return {
        namesUnknown,
        mayBeMoreNames: namesUnknown >= NAMES_SURE_MAX,
        requestsUnsigned: turnedAwayWithin('not-signed-in', TROUBLE_TOLD_MS, nowMs)?.count ?? 0,
      };
    },
    figures: sampleFigures,
    status(url, nowMs) {
      const { taken: takenRequests, refused, later } = receiver.figures;
      const isTold = (lastMs: Millis) => isLately(lastMs, TOLD_MS, nowMs);
      return {
        at: toIso(nowMs),
        since: toIso(startedAtMs),
        url,
        samples: sampleFigures(),
        requests: { taken: takenRequests, refused, later },
        series: book.size,
        seriesMax: FOREIGN_SERIES_MAX,
        machines: fedMachines(book, nameOf).slice(0, SHOWN_MAX),
        senders: senders.shown(),
        turnedAway: [...turnedAway.values()]
          .filter(({ atMs }) => isTold(atMs))
          .sort((a, b) => b.atMs - a.atMs)
          .map(({ atMs, ...rest }) => ({ ...rest, at: toIso(atMs) })),
        reasons: receiver.keptOut.reasons(isTold),
        metrics: receiver.keptOut.metrics(SHOWN_MAX, isTold).map(shownTally),
        unknown: receiver.keptOut.machines(SHOWN_MAX, isTold).map(shownTally),
      };
    },
    seriesOf(ciId, { limit, cursor }) {
      const after = cursor === undefined ? null : placeOf(decodeCursor(cursor, 2));
      const rest = book
        .of(ciId)
        .filter((series) => after === null || placeOf([series.metric, series.instance]) > after)
        .sort((a, b) => (placeOf([a.metric, a.instance]) < placeOf([b.metric, b.instance]) ? -1 : 1));
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map(({ metric, instance, mappingId, sender, sinceMs, agentReports }) => ({
          metric,
          instance,
          mappingId,
          mappingName: mappings.nameOf(mappingId),
          sender,
          since: toIso(sinceMs),
          agentReports,
        })),
        nextCursor: last && rest.length > items.length ? encodeCursor([last.metric, last.instance]) : null,
      };
    },
    isForeign: (series) => book.isFed(series),
    ciChanged({ ci }) {
      if (!isMachine(ci) || reading === null) return;
      changed.add(ci.id);
      putMachine(ci);
    },
    ownMetrics: () => familiesOf(receiver, book),
    async tick(nowMs) {
      // Before its series are written down: after a crash between the two it is a newcomer again.
      await welcomeNewcomers(nowMs);
      if (isDueAgain(lookedMs, FOREIGN_SERIES_LOOK_MS, nowMs)) {
        lookedMs = nowMs;
        book.forgetUnseen(nowMs);
      }
      const forgotten = book.takeForgotten();
      try {
        if (forgotten.length > 0) await store.deleteForeignSeries(forgotten);
      } catch (error) {
        book.putBack(forgotten);
        throw error;
      }
      const unwritten = book.takeUnwritten();
      if (unwritten.length === 0) return;
      try {
        await store.putForeignSeries(
          unwritten.map(({ ciId, metric, instance, mappingId, sender, sinceMs, seenMs, agentReports }) => ({
            ciId,
            metric,
            instance,
            mappingId,
            sender,
            sinceMs,
            seenMs,
            agentReports,
          })),
        );
      } catch (error) {
        book.putBack(unwritten);
        throw error;
      }
    },
  };
}

/** What may be taken later is sent again. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof AppError)) return { why: 'the server failed', isFinal: false };
  return { why: error.message, isFinal: error.code !== 'busy' };
}

/** What of a request was no series; null: all of it was. */
function faultOfPart({ invalidSeries, firstFault }: Taken): AppError | null {
  if (invalidSeries === 0) return null;
  return new AppError(
    'input-invalid',
    `${invalidSeries} series were left out, the rest was taken: ${firstFault ?? ''}.`,
  );
}

/** Sorts as its parts do: no name of a metric holds the character between. */
function placeOf([metric, instance]: readonly string[]): string {
  return `${metric}\n${instance}`;
}

/** @throws AppError: it will never be understood, and the sender need not try again */
function requireKnownForm({ contentType, contentEncoding, version }: WriteBody): void {
  if (/proto=io\.prometheus\.write\.v2/i.test(contentType) || /^\s*[2-9]/.test(version))
    throw new AppError(
      'form-unknown',
      'Remote write 2.0 is not spoken here; set `protobuf_message: prometheus.WriteRequest`.',
    );
  if (contentEncoding.trim().toLowerCase() !== 'snappy')
    throw new AppError('input-invalid', 'The body must be a snappy block: `Content-Encoding: snappy`.');
  if (!/^\s*application\/x-protobuf\b/i.test(contentType))
    throw new AppError(
      'input-invalid',
      'The body must be a WriteRequest: `Content-Type: application/x-protobuf`.',
    );
}

function fedMachines(book: ForeignSeriesBook, nameOf: (ciId: string) => string): RemoteWriteIn['machines'] {
  return [...book.machines()]
    .map(([ciId, all]) => ({
      ciId,
      name: nameOf(ciId),
      series: all.length,
      lastMs: all.reduce((newest, { fedMs }) => Math.max(newest, fedMs), -Infinity),
    }))
    .filter(({ lastMs }) => Number.isFinite(lastMs))
    .sort((a, b) => b.lastMs - a.lastMs)
    .map(({ lastMs, ...machine }) => ({ ...machine, lastAt: toIso(lastMs) }));
}

function shownTally<T extends { lastMs: Millis }>({
  lastMs,
  ...tally
}: T): Omit<T, 'lastMs'> & { lastAt: string } {
  return { ...tally, lastAt: toIso(lastMs) };
}

function familiesOf({ figures, keptOut }: Receiver, book: ForeignSeriesBook): readonly MetricFamily[] {
  const outcomes = {
    stored: figures.stored,
    kept_out: keptOut.samples,
    stale_mark: figures.stale,
    ahead: figures.ahead,
    invalid: figures.invalid,
  };
  return [
    {
      name: 'muster_remote_write_in_samples_total',
      type: 'counter',
      help: 'Samples that senders of remote write delivered, by what became of them.',
      samples: Object.entries(outcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    {
      name: 'muster_remote_write_in_requests_total',
      type: 'counter',
      help: 'Requests of senders of remote write, by answer.',
      samples: (['taken', 'refused', 'later'] as const).map((answer) => ({
        labels: { answer },
        value: figures[answer],
      })),
    },
    single(
      'muster_remote_write_in_series',
      'gauge',
      'Series whose samples come from senders of remote write.',
      book.size,
    ),
  ];
}
