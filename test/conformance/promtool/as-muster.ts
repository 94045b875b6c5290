/** A draft as rules of Muster, played by the engine of the server on samples as they come. */
import type { Condition } from '@muster/shared/api/rules.ts';
import type { StoredRule } from '@muster/server/rules/rule.ts';
import { Stage } from '@muster/server/rules/stage.ts';
import { alertName, type Firing } from './as-prometheus.ts';
import { type Draft, type DraftRule, type SeriesRule, STEP_MS } from './draft.ts';

const METRICS = {
  gauge: 'temperature',
  counter: 'disk.errors',
  uptime: 'system.uptime',
  missable: 'disk.utilisation',
} as const;

/** Which alerts live after the samples of each step. `restartAt`: the server begins anew from its stores before that step. */
export async function firingInMuster(draft: Draft, restartAt?: number): Promise<Firing> {
  const stage = new Stage();
  stage.intervalMs = STEP_MS;
  await stage.start();
  await stage.keepOnly(() => false);
  for (const [place, rule] of draft.rules.entries())
    await stage.engine.putRule(ruleOf(alertName(place), conditionOf(rule)), stage.nowMs);
  const firing: ReadonlySet<string>[] = [];
  for (const [step, temperature] of draft.gauge.entries()) {
    if (step === restartAt) await stage.start();
    const missable = draft.missable[step] ?? null;
    const readings = {
      'agent.memory': 1,
      [METRICS.gauge]: temperature,
      [METRICS.counter]: draft.counter[step] ?? 0,
      [METRICS.uptime]: draft.uptime[step] ?? 0,
      ...(missable === null ? {} : { [METRICS.missable]: missable }),
    };
    await stage.deliver(stage.tickOf(stage.nowMs, readings));
    await stage.tick();
    firing.push(new Set([...stage.engine.live()].map(({ ruleName }) => ruleName)));
    stage.nowMs += STEP_MS;
  }
  return firing;
}

function conditionOf(rule: DraftRule): Condition {
  switch (rule.kind) {
    case 'absence':
      return {
        type: 'absence',
        metric: METRICS.missable,
        severity: 'warning',
        forMs: rule.forSteps * STEP_MS,
        scope: 'metric',
      };
    case 'composite':
      return {
        type: 'composite',
        op: rule.op,
        rules: rule.of.map(alertName),
        severity: 'warning',
        forMs: rule.forSteps * STEP_MS,
      };
    case 'gauge':
    case 'counter':
    case 'uptime': {
      const window = windowOf(rule);
      return {
        type: 'threshold',
        metric: METRICS[rule.kind],
        op: rule.op,
        // A level that clears where it raises: the other world knows no other.
        levels: [{ severity: 'warning', level: rule.level, clear: rule.level }],
        forMs: rule.forSteps * STEP_MS,
        keepForMs: rule.keepSteps * STEP_MS,
        floor: null,
        ...(window === null ? {} : { window }),
      };
    }
  }
}

function windowOf({
  fn,
  n,
  windowSteps,
}: SeriesRule): Extract<Condition, { type: 'threshold' }>['window'] | null {
  if (fn === 'last') return null;
  return fn === 'n-of-m' ? { fn, n, m: windowSteps } : { fn, overMs: windowSteps * STEP_MS };
}

function ruleOf(name: string, condition: Condition): StoredRule {
  return {
    id: name,
    name,
    enabled: true,
    selector: { class: null, tag: null, ciId: null, instance: null },
    condition,
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}
