/** Remote write out, put together: targets, the queue that all of them read, and a sender for each. */
import {
  type RemoteWriteOut,
  type RemoteWriteTarget,
  SECRET_KEPT,
  type TargetAuth,
  type TargetFields,
  TARGETS_MAX,
  type TargetTest,
} from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { type MetricFamily, single } from '../http/own-metrics.ts';
import type { LatestSample, MetricStore, SeriesId, SeriesIdentity, StoredTick } from '../metrics/store.ts';
import { pause } from '../pause.ts';
import { LabelBook } from './label-book.ts';
import { QUEUE_BYTES_MAX, RECOVERED_MACHINES_A_TURN, RECOVERED_MS_MAX, STOP_MS_MAX } from './limits.ts';
import type { OutgoingQueue, QueuePlace } from './outgoing-queue.ts';
import { deflate } from './snappy.ts';
import type { RemoteWriteStore, TargetRecord } from './store.ts';
import type { PostToTarget } from './target-client.ts';
import { TargetSender } from './target-sender.ts';

export interface OutboundDeps {
  readonly store: Pick<RemoteWriteStore, 'targets' | 'putTarget' | 'deleteTarget'>;
  readonly queue: OutgoingQueue;
  readonly metrics: Pick<MetricStore, 'identity' | 'latest' | 'resolve'>;
  readonly directory: CiDirectory;
  /** The CI that this one turned out to be; itself where it is still one. */
  readonly survivorOf: (ciId: string) => string;
  readonly post: PostToTarget;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly now: () => Millis;
  readonly random: () => number;
  readonly report: (what: string, error: unknown) => void;
  readonly startedAtMs: Millis;
}

export interface Outbound {
  /** What became durable here. Costs nothing while there is no target. */
  take(ticks: readonly StoredTick[]): void;
  status(nowMs: Millis): RemoteWriteOut;
  /** @throws AppError name-taken, write-targets-full, input-invalid */
  create(fields: TargetFields, nowMs: Millis): Promise<RemoteWriteTarget>;
  /** @throws AppError */
  update(id: string, fields: TargetFields): Promise<RemoteWriteTarget>;
  /** @throws AppError not-found */
  delete(id: string): Promise<void>;
  /** @throws AppError not-found */
  test(id: string, nowMs: Millis): Promise<TargetTest>;
  ownMetrics(): readonly MetricFamily[];
  /** Once a second; does nothing while the call before still runs. What waits is on the disk when the promise resolves. */
  tick(nowMs: Millis): Promise<void>;
  /** Resolves when no target is being sent to. */
  settled(): Promise<void>;
  /** Sends nothing more; what waits is on the disk when the promise resolves. */
  close(nowMs: Millis): Promise<void>;
}

export async function createOutbound(deps: OutboundDeps): Promise<Outbound> {
  const { store, queue, metrics, directory, survivorOf, newId, startedAtMs } = deps;
  const senders = new Map<string, TargetSender>();
  for (const target of await store.targets())
    senders.set(target.id, senderOf(target, queue.kept.get(target.id) ?? queue.start));
  directory.onChange(({ id }) => {
    for (const sender of senders.values()) sender.ciChanged(id);
  });
  /** Before the first target nothing is written; with one, at once: from then on the process has not ended in peace. */
  let keptText = senders.size === 0 && queue.kept.size === 0 ? textOf(new Map()) : '';
  let ticking: Promise<void> | null = null;
  /** A queue that cannot be written is told once, not each second. */
  let isTold = false;
  /** Files that were set aside, as far as they were told. */
  let toldAside = 0;
  tellSetAside();
  await recover();

  function senderOf(target: TargetRecord, place: QueuePlace): TargetSender {
    return new TargetSender(
      {
        queue,
        post: deps.post,
        machineOf: (series) => survivorOf(identityOf(series)?.ciId ?? String(series)),
        labels: (of) => new LabelBook({ identity: identityOf, directory, survivorOf, target: of }),
        report: deps.report,
        now: deps.now,
        random: deps.random,
      },
      target,
      place,
    );
  }

  /** null: the queue is of other samples than the engine, as after a restore of half a data directory. */
  function identityOf(series: SeriesId): SeriesIdentity | null {
    try {
      return metrics.identity(series);
    } catch {
      return null; // The engine has no other way to say that it does not know it.
    }
  }

  function tellSetAside(): void {
    for (const { name, samples, why } of queue.setAside.slice(toldAside))
      if (why !== null)
        deps.report(
          'a file of samples for other stores was set aside',
          new Error(`${why}; ${samples} samples lie in ${name}`),
        );
    toldAside = queue.setAside.length;
  }

  /** What became durable in the last moments of a process that was killed may not have come into the queue: the newest sample of each series is known. */
  async function recover(): Promise<void> {
    const { wasClosed, lastWrittenMs } = queue;
    if (wasClosed || lastWrittenMs === null || senders.size === 0) return;
    let machines = 0;
    for (const { id } of directory.all()) {
      const missed = metrics.latest(id).filter(({ atMs }) => atMs >= lastWrittenMs - RECOVERED_MS_MAX);
      queue.add(ticksOf(missed));
      machines += 1;
      if (machines % RECOVERED_MACHINES_A_TURN === 0) await pause();
    }
  }

  function ticksOf(samples: readonly LatestSample[]) {
    const byTime = Map.groupBy(samples, ({ atMs }) => atMs);
    return [...byTime].map(([atMs, all]) => ({
      atMs,
      series: all.map(({ identity }) => metrics.resolve(identity)),
      values: all.map(({ value }) => value),
    }));
  }

  function places(): Map<string, QueuePlace> {
    return new Map([...senders].map(([id, { place }]) => [id, place]));
  }

  async function keepPlaces(): Promise<void> {
    const now = places();
    const text = textOf(now);
    if (text === keptText) return;
    await queue.keep(now);
    keptText = text;
  }

  /** What fails is tried again with the next tick. */
  async function keepPlacesIfPossible(): Promise<boolean> {
    try {
      await keepPlaces();
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  }

  function tell(error: unknown): void {
    if (!isTold) deps.report('samples for other stores could not be written down', error);
    isTold = true;
  }

  async function work(nowMs: Millis): Promise<void> {
    tellSetAside();
    // What the last target left behind.
    if (senders.size === 0) {
      if (await keepPlacesIfPossible()) isTold = false;
      return;
    }
    try {
      await queue.flush(nowMs);
      for (const sender of senders.values()) sender.tick();
      await keepPlaces();
      isTold = false;
    } catch (error) {
      tell(error);
      for (const sender of senders.values()) sender.tick();
      // On a full disk the queue itself may be what fills it.
      await keepPlacesIfPossible();
    }
  }

  function shown(sender: TargetSender): RemoteWriteTarget {
    const { createdAtMs: _createdAtMs, ...fields } = sender.target;
    return { ...fields, auth: masked(fields.auth), status: sender.state() };
  }

  function require(id: string): TargetSender {
    const sender = senders.get(id);
    if (!sender) throw new AppError('not-found', `There is no target ${id}.`);
    return sender;
  }

  function requireFreeName(name: string, id: string | null): void {
    const wanted = name.toLowerCase();
    for (const { target } of senders.values())
      if (target.id !== id && target.name.toLowerCase() === wanted)
        throw new AppError('name-taken', `There is a target ${name} already.`);
  }

  return {
    take(ticks) {
      if (senders.size > 0) queue.add(ticks);
    },
    status: (nowMs) => ({
      at: toIso(nowMs),
      since: toIso(startedAtMs),
      queue: {
        bytes: queue.figures.bytes,
        bytesMax: QUEUE_BYTES_MAX,
        unwrittenDropped: queue.figures.unwrittenDropped,
        lastError: queue.figures.lastError,
        setAside: queue.setAside.map(({ name, samples, atMs }) => ({ name, samples, at: toIso(atMs) })),
      },
      targets: [...senders.values()].map(shown),
    }),
    async create(fields, nowMs) {
      requireFreeName(fields.name, null);
      if (senders.size >= TARGETS_MAX)
        throw new AppError('write-targets-full', `There are ${TARGETS_MAX} targets.`);
      const target: TargetRecord = {
        ...fields,
        auth: unmasked(fields, null),
        id: newId('rwt', nowMs),
        createdAtMs: nowMs,
      };
      // From now on: what waits for others is not for it. Where that fails nothing was made.
      await queue.flush(nowMs);
      await store.putTarget(target);
      const sender = senderOf(target, queue.end);
      senders.set(target.id, sender);
      await keepPlacesIfPossible();
      return shown(sender);
    },
    async update(id, fields) {
      const sender = require(id);
      requireFreeName(fields.name, id);
      const target = { ...sender.target, ...fields, auth: unmasked(fields, sender.target) };
      await store.putTarget(target);
      sender.set(target);
      return shown(sender);
    },
    async delete(id) {
      const sender = require(id);
      await store.deleteTarget(id);
      senders.delete(id);
      await sender.stop(0);
      await keepPlacesIfPossible();
    },
    async test(id, nowMs) {
      const { target } = require(id);
      const { outcome, answer } = await deps.post(
        target,
        await deflate(Buffer.alloc(0)),
        nowMs,
        new AbortController().signal,
      );
      return { ok: outcome === 'taken', answer };
    },
    ownMetrics: () => familiesOf([...senders.values()], queue),
    tick(nowMs) {
      ticking ??= work(nowMs).finally(() => {
        ticking = null;
      });
      return ticking;
    },
    async settled() {
      await ticking;
      await Promise.all([...senders.values()].map((sender) => sender.settled()));
    },
    async close(nowMs) {
      await ticking;
      await Promise.all([...senders.values()].map((sender) => sender.stop(STOP_MS_MAX)));
      if (senders.size === 0) return;
      try {
        await queue.flush(nowMs);
        await queue.close(places());
      } catch (error) {
        // A full disk must not keep the rest from ending in peace.
        deps.report('samples for other stores could not be written down at the end', error);
      }
    },
  };
}

function textOf(places: ReadonlyMap<string, QueuePlace>): string {
  return JSON.stringify([...places]);
}

function masked(auth: TargetAuth): TargetAuth {
  if (auth.kind === 'bearer') return { ...auth, token: SECRET_KEPT };
  return auth.kind === 'basic' ? { ...auth, password: SECRET_KEPT } : auth;
}

/** @throws AppError input-invalid where the mask stands for no secret, or a kept one would go to another server */
function unmasked({ url, auth }: TargetFields, held: TargetRecord | null): TargetAuth {
  const isMasked =
    (auth.kind === 'bearer' && auth.token === SECRET_KEPT) ||
    (auth.kind === 'basic' && auth.password === SECRET_KEPT);
  if (!isMasked) return auth;
  const path = auth.kind === 'basic' ? 'body.auth.password' : 'body.auth.token';
  if (held === null || held.auth.kind !== auth.kind || new URL(held.url).origin !== new URL(url).origin)
    throw secretMissing(path, 'For another server the secret must be given again.');
  if (auth.kind === 'basic' && held.auth.kind === 'basic' && held.auth.user !== auth.user)
    throw secretMissing(path, 'For another user the password must be given again.');
  return held.auth;
}

function secretMissing(path: string, message: string): AppError {
  return new AppError('input-invalid', message, { issues: [{ path, message }] });
}

function familiesOf(senders: readonly TargetSender[], queue: OutgoingQueue): readonly MetricFamily[] {
  const states = senders.map((sender) => ({ sender, labels: { target: sender.target.name } }));
  const outcomes = ['sent', 'refused', 'dropped'] as const;
  return [
    {
      name: 'muster_remote_write_out_samples_total',
      type: 'counter',
      help: 'Samples for other stores, by target and by what became of them.',
      samples: states.flatMap(({ sender, labels }) =>
        outcomes.map((outcome) => ({ labels: { ...labels, outcome }, value: sender[outcome] })),
      ),
    },
    {
      name: 'muster_remote_write_out_failed_requests_total',
      type: 'counter',
      help: 'Requests that a target did not take and that are tried again.',
      samples: states.map(({ sender, labels }) => ({ labels, value: sender.failedRequests })),
    },
    {
      name: 'muster_remote_write_out_queued_samples',
      type: 'gauge',
      help: 'Samples that wait for a target.',
      samples: states.map(({ sender, labels }) => ({ labels, value: sender.state().queuedSamples })),
    },
    {
      name: 'muster_remote_write_out_queue_age_seconds',
      type: 'gauge',
      help: 'Age of the oldest sample that waits for a target.',
      samples: states.map(({ sender, labels }) => ({
        labels,
        value: (sender.state().queueAgeMs ?? 0) / 1_000,
      })),
    },
    single(
      'muster_remote_write_out_queue_size_bytes',
      'gauge',
      'Queue for other stores on disk.',
      queue.figures.bytes,
    ),
    single(
      'muster_remote_write_out_unwritten_samples_dropped_total',
      'counter',
      'Samples for other stores that never came into the queue, because the disk took none.',
      queue.figures.unwrittenDropped,
    ),
  ];
}
