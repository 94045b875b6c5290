/** Runs the checks of one agent, each on its own schedule, beside the tick; what came of each is told with the next tick. */
import { type Check, NamedCheck } from '@muster/shared/checks/check.ts';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { CHECKS_AT_ONCE_MAX, CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import type { ClockReading } from '../clock-watch.ts';
import { phaseOf } from '../schedule.ts';
import type { Timer, Timers } from '../timers.ts';
import type { ChecksStatus } from './checks.ts';
import { dueChecks, firstDueMs, nextDueMs } from './plan.ts';
import type { ProbeResult } from './probe.ts';

export interface RunnerOptions {
  readonly agentId: string;
  readonly clocks: () => ClockReading;
  readonly timers: Timers;
  /** Never rejects; closes all that it opened when the signal aborts. */
  readonly probe: (check: Check, signal: AbortSignal) => Promise<ProbeResult>;
  /** A check that is not as expected any more, or that this agent cannot run, in words. */
  readonly failed: (check: string, why: string) => void;
}

interface Running {
  readonly abort: AbortController;
  readonly timeout: Timer;
}

interface Kept {
  readonly check: Check;
  readonly name: string;
  readonly phase: number;
  dueAtMs: Millis;
  running: Running | null;
  failures: number;
  result: (ProbeResult & { readonly durationMs: number; readonly certificateLeftMs: number | null }) | null;
}

/** Timers stand still while a machine sleeps: it is looked at this often what is due. */
const LOOK_MS_MAX = 60_000;

export class CheckRunner {
  readonly #options: RunnerOptions;
  #checks: Kept[] = [];
  #timer: Timer | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** What is the same as before goes on; what is gone or was changed is given up. */
  configure(told: readonly unknown[]): void {
    const before = new Map(this.#checks.map((kept) => [kept.name, kept]));
    this.#checks = this.#readable(told).map(({ name, check }) => {
      const known = before.get(name);
      if (known === undefined || JSON.stringify(known.check) !== JSON.stringify(check))
        return this.#planned(name, check);
      before.delete(name);
      return known;
    });
    for (const gone of before.values()) giveUp(gone);
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
    for (const kept of this.#checks) giveUp(kept);
    this.#checks = [];
  }

  /** Of all that have a result, the last one; nothing of those that have not run yet. */
  samples(): Sample[] {
    return this.#checks.flatMap(({ name, result, failures }) => {
      if (result === null) return [];
      const { why, durationMs, httpStatus, certificateLeftMs } = result;
      return [
        { metric: 'check.success', instance: name, value: why === null ? 1 : 0 },
        { metric: 'check.failures', instance: name, value: failures },
        { metric: 'check.duration', instance: name, value: Math.round(durationMs * 1_000) / 1e6 },
        ...(httpStatus === undefined
          ? []
          : [{ metric: 'check.http.status', instance: name, value: httpStatus } as const]),
        ...(certificateLeftMs === null
          ? []
          : [
              {
                metric: 'check.certificate.remaining',
                instance: name,
                value: Math.round(certificateLeftMs / 1_000),
              } as const,
            ]),
      ] satisfies Sample[];
    });
  }

  status(): Pick<ChecksStatus, 'count' | 'failing'> {
    return {
      count: this.#checks.length,
      failing: this.#checks.flatMap(({ name, result }) =>
        result === null || result.why === null ? [] : [{ name, why: result.why }],
      ),
    };
  }

  #readable(told: readonly unknown[]): NamedCheck[] {
    if (told.length > CHECKS_MAX)
      this.#options.failed('checks', `${told.length} checks, only the first ${CHECKS_MAX} are run`);
    const names = new Set<string>();
    return told.slice(0, CHECKS_MAX).flatMap((one) => {
      const { success, data } = NamedCheck.safeParse(one);
      if (!success)
        this.#options.failed('checks', `this version cannot run ${JSON.stringify(one).slice(0, 200)}`);
      if (!success || names.has(data.name)) return [];
      names.add(data.name);
      return [data];
    });
  }

  #planned(name: string, check: Check): Kept {
    const phase = phaseOf(`${this.#options.agentId} ${name}`);
    const dueAtMs = firstDueMs({ intervalMs: check.intervalMs, phase }, this.#options.clocks());
    return { check, name, phase, dueAtMs, running: null, failures: 0, result: null };
  }

  #look(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#checks.length === 0) return;
    const plans = this.#checks.map((kept) => ({ ...kept, intervalMs: kept.check.intervalMs }));
    const running = new Set(this.#checks.filter((kept) => kept.running !== null).map(({ name }) => name));
    const nowMs = this.#options.clocks().sinceBootMs;
    const { start, waitMs } = dueChecks(plans, { running, placesMax: CHECKS_AT_ONCE_MAX, nowMs });
    for (const kept of this.#checks) if (start.includes(kept.name)) this.#start(kept);
    if (waitMs !== null)
      this.#timer = this.#options.timers.after(Math.min(waitMs, LOOK_MS_MAX), () => this.#look());
  }

  #start(kept: Kept): void {
    const { clocks, timers, probe } = this.#options;
    const { check } = kept;
    const at = clocks();
    kept.dueAtMs = nextDueMs({ intervalMs: check.intervalMs, phase: kept.phase }, at);
    const abort = new AbortController();
    const settle = (result: ProbeResult) => {
      // Given up, or the timeout came first.
      if (kept.running?.abort !== abort) return;
      giveUp(kept);
      this.#take(kept, result, clocks().awakeMs - at.awakeMs);
      this.#look();
    };
    const timeout = timers.after(check.timeoutMs, () =>
      settle({ why: `nothing within ${check.timeoutMs / 1_000} s` }),
    );
    kept.running = { abort, timeout };
    void probe(check, abort.signal).then(settle);
  }

  #take(kept: Kept, result: ProbeResult, durationMs: number): void {
    const { clocks, failed } = this.#options;
    const { certificateEndsAtMs } = result;
    // When it goes bad, and not with each word of an answer that changes.
    if (result.why !== null && (kept.result?.why ?? null) === null) failed(`check ${kept.name}`, result.why);
    kept.failures = result.why === null ? 0 : kept.failures + 1;
    kept.result = {
      ...result,
      durationMs,
      certificateLeftMs: certificateEndsAtMs === undefined ? null : certificateEndsAtMs - clocks().wallMs,
    };
  }
}

/** Closes what is open; nothing comes of it any more. */
function giveUp(kept: Kept): void {
  kept.running?.timeout.cancel();
  kept.running?.abort.abort();
  kept.running = null;
}
