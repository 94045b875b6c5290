/** Alerts of the mock: those of the incidents, and those that are quiet for each reason there is; who has seen which. */
import type { AcknowledgeOutcome } from '@muster/shared/api/alerts.ts';
import { type Alert, QUIET_KINDS } from '@muster/shared/api/rules.ts';
import { HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import type { World } from '../world.ts';

type Left = AcknowledgeOutcome['left'];
type Acknowledgement = NonNullable<Alert['acknowledgement']>;

export function alertHandlers(world: World): Handlers {
  const quiet = world.machines.length < 3 ? [] : quietOnes(world);
  const all = () =>
    [...world.incidents.flatMap(({ alerts }) => alerts), ...quiet].sort((a, b) =>
      b.openedAt.localeCompare(a.openedAt),
    );
  const each = (ids: readonly string[], work: (alert: Alert) => Left[number]['because'] | null) => {
    const [done, left]: [Alert[], Left] = [[], []];
    for (const id of ids) {
      const alert = all().find((one) => one.id === id);
      const because = alert === undefined ? 'not-found' : work(alert);
      if (because !== null) left.push({ id, because });
      else if (alert) done.push(alert);
    }
    return { done, left };
  };
  return {
    listAlerts: ({ query }) => {
      const from = Number(query.cursor ?? 0);
      const found = all().filter(
        (alert) =>
          (!query.state ||
            (query.state === 'live' ? alert.state !== 'resolved' : alert.state === query.state)) &&
          (!query.quiet || alert.suppressedBy?.kind === query.quiet) &&
          (!query.severity || alert.severity === query.severity) &&
          (!query.rule || alert.ruleId === query.rule) &&
          (!query.ci || alert.ciId === query.ci) &&
          holds(`${alert.ruleName} ${alert.ciName} ${alert.metric ?? ''} ${alert.instance}`, query.q),
      );
      const items = found.slice(from, from + query.limit);
      return { items, nextCursor: from + query.limit < found.length ? String(from + query.limit) : null };
    },
    countAlerts: () => {
      const live = all().filter(({ state }) => state !== 'resolved');
      const of = (state: Alert['state']) => live.filter((alert) => alert.state === state).length;
      const [maintenance = 0, dependency = 0, flapping = 0, storm = 0] = QUIET_KINDS.map(
        (kind) => live.filter(({ suppressedBy }) => suppressedBy?.kind === kind).length,
      );
      return {
        total: live.length,
        open: of('open'),
        acknowledged: of('acknowledged'),
        suppressed: of('suppressed'),
        critical: live.filter(({ severity }) => severity === 'critical').length,
        maintenance,
        dependency,
        flapping,
        storm,
      };
    },
    acknowledgeAlerts: ({ body }) =>
      each(body.ids, (alert) => {
        if (alert.state === 'resolved') return 'resolved';
        if (alert.state === 'suppressed') return 'held-back';
        alert.state = 'acknowledged';
        alert.acknowledgement = by('user:admin', Date.now(), body.until, body.note);
        return null;
      }),
    withdrawAcknowledgements: ({ body }) =>
      each(body.ids, (alert) => {
        if (alert.state !== 'acknowledged') return 'not-acknowledged';
        alert.state = 'open';
        alert.acknowledgement = null;
        return null;
      }),
  };
}

function by(who: string, atMs: number, until: string | null, note: string): Acknowledgement {
  return { by: who, at: toIso(atMs), until: until === null ? null : toIso(Date.parse(until)), note };
}

function holds(text: string, part: string | undefined): boolean {
  return !part || text.toLowerCase().includes(part.toLowerCase());
}

/** A switch that took three machines along, a window, a value that comes and goes, one that somebody has seen. */
function quietOnes(world: World): Alert[] {
  const [incident] = world.incidents;
  const made = (index: number, fields: Partial<Alert>): Alert[] => {
    const detail = world.machines[(index * 7 + 3) % world.machines.length]?.detail;
    if (!detail) return [];
    const openedMs = world.startMs - Math.floor(4 + hash(`quiet ${index}`) * 50) * MINUTE_MS;
    return [
      {
        id: `alr_quiet_${index}`,
        state: 'suppressed',
        severity: 'critical',
        ruleId: 'rul_silent',
        ruleName: 'Machine silent',
        ruleNameWords: { en: 'Machine silent', zh: '计算机失联' },
        ciId: detail.id,
        ciName: detail.name,
        instance: '',
        metric: null,
        unit: null,
        value: null,
        level: null,
        lastValue: null,
        breachedAt: toIso(openedMs - MINUTE_MS),
        openedAt: toIso(openedMs),
        resolvedAt: null,
        incidentId: incident?.id ?? null,
        incidentRef: incident?.ref ?? null,
        suppressedBy: null,
        acknowledgement: null,
        flapping: null,
        ...fields,
      },
    ];
  };
  const behind: Partial<Alert> = {
    suppressedBy: {
      kind: 'dependency',
      id: 'ci_sw3',
      words: {
        en: 'Probably an effect of SW-3, by which 3 machines fell silent.',
        zh: '很可能受 SW-3 影响：共有 3 台计算机因此失联。',
      },
    },
  };
  const measured: Partial<Alert> = {
    severity: 'warning',
    ruleId: 'rul_cpu',
    ruleName: 'CPU busy',
    ruleNameWords: { en: 'CPU busy', zh: 'CPU 繁忙' },
    metric: 'cpu.utilisation',
    unit: '%',
    value: 93,
    level: 90,
    lastValue: 94.2,
  };
  const silentMs = world.startMs - 3 * MINUTE_MS;
  return [
    ...made(8, { ...measured, state: 'open', lastValueAt: toIso(silentMs) }),
    ...made(7, {
      state: 'open',
      ruleId: 'rul_both',
      ruleName: 'Busy and hot at once',
      ruleNameWords: { en: 'Busy and hot at once', zh: '繁忙且过热' },
      standsOn: [
        { en: 'CPU busy', zh: 'CPU 繁忙' },
        { en: 'Temperature', zh: '温度' },
      ],
      metric: 'cpu.utilisation',
      unit: '%',
    }),
    ...made(0, behind),
    ...made(1, behind),
    ...made(2, behind),
    ...made(3, {
      ...measured,
      incidentId: null,
      incidentRef: null,
      suppressedBy: {
        kind: 'maintenance',
        id: 'mwn_1',
        words: {
          en: 'In the maintenance window "Monthly patches".',
          zh: '处于维护窗口“Monthly patches”内。',
        },
      },
    }),
    ...made(4, {
      ...measured,
      state: 'open',
      flapping: { percent: 39.1, changes: 8 },
      suppressedBy: {
        kind: 'flapping',
        id: null,
        words: {
          en: 'It comes and goes: single changes are not told until it is calm.',
          zh: '状态反复变化，平稳之前不再逐次通知。',
        },
      },
    }),
    ...made(5, {
      ...measured,
      state: 'acknowledged',
      acknowledgement: by(
        'user:zhou.min',
        world.startMs - 3 * MINUTE_MS,
        toIso(world.startMs + 4 * HOUR_MS),
        '备份正在补跑，完成后自动恢复',
      ),
    }),
  ];
}
