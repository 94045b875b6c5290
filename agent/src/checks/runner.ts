/** Runs the checks of one agent, each on its own schedule, beside the tick; what came of each is told with the next tick. */
import { type Check, NamedCheck } from '@muster/shared/checks/check.ts';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { CHECKS_AT_ONCE_MAX, CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import type { ClockReading } from '../clock-watch.ts';
import { phaseOf } from '../schedule.ts';
import type { Timer, Timers } from '../timers.ts';
import type { ChecksStatus } from './checks.ts';
import type { Waits } from './lookups.ts';
import { dueChecks, FIRST_RUN_MS_MAX, firstDueMs, nextDueMs } from './plan.ts';
import type { ProbeResult } from './probe.ts';

export interface RunnerOptions {
  readonly agentId: string;
  readonly clocks: () => ClockReading;
  readonly timers: Timers;
  /** Never rejects; closes all that it opened when the signal aborts. `waits` hears when it can do nothing because of others. */
  readonly probe: (check: Check, signal: AbortSignal, waits: Waits) => Promise<ProbeResult>;
  /** A check that is not as expected any more, or that this agent cannot run, in words. */
  readonly failed: (check: string, why: string) => void;
}

interface Running {
  readonly abort: AbortController;
  /** On the clock that stands still while the machine sleeps; later by the time for which it waited. */
  beganMs: Millis;
  waitsSinceMs: Millis | null;
  timeout: Timer | null;
}

interface Kept {
  readonly check: Check;
  readonly name: string;
  readonly phase: number;
  dueAtMs: Millis;
  running: Running | null;
  failures: number;
  /** Runs in a row in which it had no turn. */
  lates: number;
  result: (ProbeResult & { readonly durationMs: number; readonly certificateLeftMs: number | null }) | null;
}

/** Where nobody's name is answered for, that is what a check is to tell. */
const LATES_MAX = 3;
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

  status(): Omit<ChecksStatus, 'reach'> {
    const told = (isRefused: boolean) =>
      this.#checks.flatMap(({ name, result }) =>
        result === null || result.why === null || (result.refused === true) !== isRefused
          ? []
          : [{ name, why: result.why }],
      );
    return {
      count: this.#checks.length,
      failing: told(false),
      refused: told(true),
      untried: this.#checks.filter(({ result }) => result === null).length,
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
    return { check, name, phase, dueAtMs, running: null, failures: 0, lates: 0, result: null };
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
    const { clocks, probe } = this.#options;
    const at = clocks();
    kept.dueAtMs = nextDueMs({ intervalMs: kept.check.intervalMs, phase: kept.phase }, at);
    const running: Running = {
      abort: new AbortController(),
      beganMs: at.awakeMs,
      waitsSinceMs: null,
      timeout: null,
    };
    kept.running = running;
    this.#allow(kept, running, kept.check.timeoutMs);
    const waits = (is: boolean) => this.#waits(kept, running, is);
    void probe(kept.check, running.abort.signal, waits).then((result) => this.#end(kept, running, result));
  }

  #allow(kept: Kept, running: Running, leftMs: Millis): void {
    running.timeout?.cancel();
    running.timeout = this.#options.timers.after(leftMs, () => {
      if (running.waitsSinceMs === null)
        this.#end(kept, running, { why: `nothing within ${kept.check.timeoutMs / 1_000} s` });
      else this.#late(kept, running);
    });
  }

  /** As long as it can do nothing its time stands still; it has as long again to wait. */
  #waits(kept: Kept, running: Running, waits: boolean): void {
    if (kept.running !== running || waits === (running.waitsSinceMs !== null)) return;
    const { awakeMs } = this.#options.clocks();
    if (running.waitsSinceMs !== null) running.beganMs += awakeMs - running.waitsSinceMs;
    running.waitsSinceMs = waits ? awakeMs : null;
    const { timeoutMs } = kept.check;
    this.#allow(kept, running, waits ? timeoutMs : timeoutMs - (awakeMs - running.beganMs));
  }

  /** What was well stays so for a while: it was never asked. What was not goes on failing. */
  #late(kept: Kept, running: Running): void {
    if (++kept.lates >= LATES_MAX || (kept.result !== null && kept.result.why !== null))
      return this.#end(kept, running, { why: 'its name waits behind others that get no answer' });
    giveUp(kept);
    kept.dueAtMs = Math.min(kept.dueAtMs, this.#options.clocks().sinceBootMs + FIRST_RUN_MS_MAX);
    this.#look();
  }

  #end(kept: Kept, running: Running, result: ProbeResult): void {
    // Given up, or the timeout came first.
    if (kept.running !== running) return;
    const { beganMs, waitsSinceMs } = running;
    giveUp(kept);
    this.#take(kept, result, (waitsSinceMs ?? this.#options.clocks().awakeMs) - beganMs);
    this.#look();
  }

  #take(kept: Kept, result: ProbeResult, durationMs: number): void {
    const { clocks, failed } = this.#options;
    const { certificateEndsAtMs } = result;
    // When it goes bad, and not with each word of an answer that changes.
    if (result.why !== null && (kept.result?.why ?? null) === null) failed(`check ${kept.name}`, result.why);
    kept.lates = 0;
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
  kept.running?.timeout?.cancel();
  kept.running?.abort.abort();
  kept.running = null;
}
