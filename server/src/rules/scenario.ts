/** For tests: plays a scenario file (scenarios/README.md) and returns what was told. */
import { Condition } from '@muster/shared/api/rules.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { z } from 'zod';
import type { StoredTick } from '../metrics/store.ts';
import type { AlertTransition } from './alert.ts';
import { machineEntry, Stage, STAGE_START_MS } from './stage.ts';

export const Scenario = z.strictObject({
  title: z.string(),
  machine: z.strictObject({ class: z.string(), name: z.string() }).optional(),
  rules: z.array(z.union([z.string(), z.strictObject({ name: z.string(), condition: Condition })])),
  every: z.string().default('10s'),
  /** How long it is played when the samples end earlier. */
  for: z.string().default('0s'),
  samples: z.record(z.string(), z.string()).default({}),
  events: z.record(z.string(), z.string()).default({}),
  expect: z.array(z.string()),
});
export type Scenario = z.infer<typeof Scenario>;

export async function playScenario(scenario: Scenario): Promise<string[]> {
  const stage = new Stage(machineEntry(scenario.machine ?? {}));
  const everyMs = durationMs(scenario.every);
  stage.intervalMs = everyMs;
  await stage.start();
  await useRules(stage, scenario);
  const series = Object.entries(scenario.samples).map(([name, text]) => ({ name, values: valuesOf(text) }));
  const events = new Map(
    Object.entries(scenario.events).map(([time, what]) => [STAGE_START_MS + durationMs(time), what]),
  );
  const lengthMs = Math.max(
    durationMs(scenario.for),
    ...series.map(({ values }) => values.length * everyMs),
    ...[...events.keys()].map((atMs) => atMs - STAGE_START_MS + 2 * SECOND_MS),
  );
  const player = new Player(stage);
  for (stage.nowMs = STAGE_START_MS; stage.nowMs < STAGE_START_MS + lengthMs; stage.nowMs += SECOND_MS) {
    const event = events.get(stage.nowMs);
    if (event !== undefined) await player.event(event);
    const sinceMs = stage.nowMs - STAGE_START_MS;
    if (sinceMs % everyMs === 0) await player.samples(series, sinceMs / everyMs);
    await stage.tick();
  }
  return stage.told.map(lineOf);
}

class Player {
  readonly #stage: Stage;
  #spool: StoredTick[] | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async samples(series: readonly { name: string; values: readonly (number | null)[] }[], index: number) {
    const now = series.flatMap(({ name, values }) => {
      const value = values[index] ?? null;
      return value === null ? [] : [[name, value] as const];
    });
    if (now.length === 0) return;
    const tick = this.#stage.tickOf(this.#stage.nowMs, Object.fromEntries(now));
    if (this.#spool) this.#spool.push(tick);
    else await this.#stage.deliver(tick);
  }

  async event(text: string): Promise<void> {
    const stage = this.#stage;
    const [what = '', detail] = text.split(/: | (?=\d)/);
    const rule = stage.engine.rules()[0];
    switch (what) {
      case 'offline':
        this.#spool = [];
        return;
      case 'online':
        await stage.deliver(...(this.#spool ?? []));
        this.#spool = null;
        return;
      case 'restart':
        return stage.start();
      case 'silent':
        return stage.silent(detail);
      case 'undecided':
        return stage.presence({ presence: 'unknown', cause: 'server-self', silence: 'undecided' });
      case 'heard':
      case 'not planned':
        return stage.presence({});
      case 'off hours':
        return stage.presence({ presence: 'unknown', inHours: false });
      case 'planned':
        return stage.presence({ planned: true });
      case 'rule off':
        invariant(rule, 'there is a rule');
        return stage.engine.putRule({ ...rule, enabled: false }, stage.nowMs);
      case 'rule deleted':
        invariant(rule, 'there is a rule');
        return stage.engine.deleteRule(rule.id, stage.nowMs);
      case 'level': {
        invariant(rule?.condition.type === 'threshold', 'there is a threshold');
        const level = Number(detail);
        const levels = rule.condition.levels.map((one) => ({ ...one, level, clear: level - 10 }));
        return stage.engine.putRule({ ...rule, condition: { ...rule.condition, levels } }, stage.nowMs);
      }
      default:
        throw new Error(`a scenario knows no event "${text}"`);
    }
  }
}

async function useRules(stage: Stage, { rules }: Scenario): Promise<void> {
  const keys = rules.filter((rule) => typeof rule === 'string');
  await stage.keepOnly((rule) => rule.pack !== null && keys.includes(rule.pack));
  invariant(stage.engine.rules().length === keys.length, `the packs have ${keys.join(', ')}`);
  for (const [i, rule] of rules.entries()) {
    if (typeof rule === 'string') continue;
    const common = { owner: null, agreedOn: null, explanation: { en: '', zh: '' }, pack: null };
    const selector = { class: null, tag: null, ciId: null, instance: null };
    const times = { createdAtMs: stage.nowMs, updatedAtMs: stage.nowMs };
    await stage.engine.putRule(
      { ...rule, ...common, ...times, selector, id: `rul_own${i}`, enabled: true },
      stage.nowMs,
    );
  }
}

/** '3m30s opened warning of /var at 95' */
function lineOf({ type, alert, atMs, value }: AlertTransition): string {
  const said = type === 'opened' && alert.reopened > 0 ? 'reopened' : type;
  const parts = [
    durationText(atMs - STAGE_START_MS),
    said,
    type === 'resolved' ? alert.resolvedBecause : alert.severity,
    alert.instance === '' ? null : `of ${alert.instance}`,
    value === null ? null : `at ${value}`,
  ];
  return parts.filter((part) => part !== null).join(' ');
}

const UNIT_MS: Readonly<Record<string, Millis>> = { h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS };

export function durationMs(text: string): Millis {
  invariant(/^(\d+[hms])+$/.test(text), `"${text}" is a duration`);
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  );
}

function durationText(ms: Millis): string {
  const seconds = (ms % MINUTE_MS) / SECOND_MS;
  const minutes = Math.floor(ms / MINUTE_MS);
  return [minutes > 0 ? `${minutes}m` : '', seconds > 0 || minutes === 0 ? `${seconds}s` : ''].join('');
}

/** '95x3 _ 10..60x6' */
export function valuesOf(text: string): (number | null)[] {
  return text.split(/\s+/).flatMap((part) => {
    const [what = '', count = '1'] = part.split('x');
    const n = Number(count);
    if (what === '_') return Array.from({ length: n }, () => null);
    const [from = Number.NaN, to = from] = what.split('..').map(Number);
    invariant(Number.isFinite(from) && Number.isFinite(to) && n >= 1, `"${part}" is a run of values`);
    return Array.from({ length: n }, (_, i) => (n === 1 ? to : from + ((to - from) * i) / (n - 1)));
  });
}
