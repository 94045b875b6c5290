/** For tests: one machine, a clock, the real engine on memory stores, and the list of what it told. */
import type { Cause } from '@muster/shared/api/cmdb.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { METRIC_NAMES } from '@muster/shared/metrics/catalogue.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { PresenceStatus, PresenceView } from '../availability/status.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { StoredTick } from '../metrics/store.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { createMemoryRulesStore } from '../store/memory/rules.ts';
import type { AlertTransition } from './alert.ts';
import { createRuleEngine } from './engine.ts';
import type { RuleEngine } from './engine.ts';
import type { StoredRule } from './rule.ts';
import type { RulesStore } from './store.ts';

/** A Friday noon in UTC. */
export const STAGE_START_MS = Date.UTC(2026, 10, 20, 12);

export function machineEntry(fields: Partial<CiEntry> = {}): CiEntry {
  return {
    id: 'ci_1',
    class: 'Server',
    name: 'SRV-ERP01',
    lifecycle: 'in_use',
    criticality: 2,
    tags: [],
    site: null,
    owner: null,
    agentId: 'agent_1',
    timeZone: 'UTC',
    createdAtMs: 0,
    ...fields,
  };
}

export class Stage {
  store: RulesStore = createMemoryRulesStore();
  readonly metrics = createMemoryMetricStore();
  readonly told: AlertTransition[] = [];
  readonly logged: string[] = [];
  entry: CiEntry;
  nowMs = STAGE_START_MS;
  intervalMs: Millis = INTERVAL_MS_DEFAULT;
  /** Metrics that the configuration has switched off. */
  off: ReadonlySet<string> = new Set();
  /** What those who react do; may fail. */
  react: (transitions: readonly AlertTransition[]) => Promise<void> = async () => undefined;
  /** The past of series is read once this is over; null: at once, and the start waits for it. */
  pastWaits: Promise<void> | null = null;
  #engine: RuleEngine | null = null;
  #status: PresenceStatus | undefined;
  #presenceListeners: ((status: PresenceStatus, nowMs: Millis) => void)[] = [];
  #entryListeners: ((entry: CiEntry) => void)[] = [];
  #lastId = 0;
  #seq = 0;

  constructor(entry: CiEntry = machineEntry()) {
    this.entry = entry;
  }

  get engine(): RuleEngine {
    invariant(this.#engine, 'the stage is set');
    return this.#engine;
  }

  /** A server on the stores as they are; also the next one after a crash. */
  async start(): Promise<void> {
    await this.#engine?.settled();
    this.#presenceListeners = [];
    this.#entryListeners = [];
    const directory: CiDirectory = {
      get: (id) => (id === this.entry.id ? this.entry : undefined),
      all: () => [this.entry],
      onChange: (listener) => this.#entryListeners.push(listener),
    };
    const presence: PresenceView = {
      get: () => this.#status,
      counts: () => ({ total: 1, up: 1, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 }),
      onChange: (listener) => this.#presenceListeners.push(listener),
    };
    this.#engine = await createRuleEngine({
      store: this.store,
      directory,
      metrics: this.metrics,
      ...(this.pastWaits === null ? {} : { pause: async () => void (await this.pastWaits) }),
      presence,
      newId: (prefix) => `${prefix}_${String(++this.#lastId).padStart(4, '0')}`,
      react: async (transitions) => {
        await this.react(transitions);
        this.told.push(...transitions);
        return transitions.map(({ alert }) => ({ alertId: alert.id, incidentId: `inc_${alert.id}` }));
      },
      log: (_level, what) => this.logged.push(what),
      intervalMs: () => this.intervalMs,
      isOff: (_, metric) => this.off.has(metric),
      nowMs: this.nowMs,
    });
  }

  /** Only these rules stay. */
  async keepOnly(wanted: (rule: StoredRule) => boolean): Promise<void> {
    for (const rule of this.engine.rules())
      if (!wanted(rule)) await this.engine.deleteRule(rule.id, this.nowMs);
  }

  change(entry: CiEntry): void {
    this.entry = entry;
    for (const listener of this.#entryListeners) listener(entry);
  }

  presence(fields: Partial<PresenceStatus>): void {
    this.#status = {
      ciId: this.entry.id,
      presence: 'up',
      cause: null,
      expected: true,
      inHours: true,
      planned: false,
      state: 'up',
      sinceMs: this.nowMs,
      lastSeenMs: this.nowMs,
      silence: 'no',
      silentSinceMs: null,
      evidence: [],
      ...fields,
    };
    for (const listener of this.#presenceListeners) listener(this.#status, this.nowMs);
  }

  silent(why = 'silent', cause: Cause = 'unreachable'): void {
    this.presence({
      presence: 'unknown',
      cause,
      expected: false,
      state: 'silent',
      silence: 'yes',
      silentSinceMs: this.nowMs,
      evidence: [{ en: why, zh: why }],
    });
  }

  /** Readings of one time: 'metric' or 'metric instance' → value. */
  tickOf(atMs: Millis, values: Readonly<Record<string, number>>): StoredTick {
    const names = Object.keys(values);
    const series = names.map((name) => {
      const [metricName, instance = ''] = name.split(' ');
      const metric = METRIC_NAMES.find((known) => known === metricName);
      invariant(metric, `${metricName} is in the catalogue`);
      return this.metrics.resolve({ ciId: this.entry.id, metric, instance });
    });
    return { atMs, series, values: names.map((name) => values[name] ?? Number.NaN) };
  }

  /** Stores the ticks and hands them to the rules, as ingest does. */
  async deliver(...ticks: StoredTick[]): Promise<void> {
    this.#seq += 1;
    const delivery = { agentId: 'agent_1', epoch: '0000000000000001', seq: this.#seq };
    await this.metrics.append(delivery, ticks, this.nowMs);
    this.engine.onSamples(this.entry.id, ticks, this.nowMs);
    if (this.pastWaits === null) await this.engine.settled();
  }

  async tick(): Promise<void> {
    await this.engine.tick(this.nowMs);
  }

  async wait(ms: Millis): Promise<void> {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
      this.nowMs += SECOND_MS;
      await this.tick();
    }
  }
}
