/** Opens an incident for a finding where a rule says so, and tells it what became of the finding. */
import type { FindingRule } from '@muster/shared/api/findings.ts';
import { FINDING_RULE_NAMES, nameWordsIn } from '@muster/shared/given-names.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Ci } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { CiFacts } from '../incidents/life-cycle.ts';
import type { FindingsQueue } from './findings.ts';
import { decisionWords, ruleFor, RULES_DEFAULT } from './incident-rules.ts';
import type { FindingRecord, FindingStore } from './store.ts';

interface OpenerDeps {
  readonly findings: Pick<FindingsQueue, 'tie'>;
  readonly store: Pick<FindingStore, 'rules'>;
  readonly incidents: Pick<Incidents, 'openForFinding' | 'record' | 'move'>;
  readonly ci: (id: string) => Promise<Ci | null>;
  readonly ciFacts: (id: string, nowMs: Millis) => CiFacts | null;
}

export interface IncidentOpener {
  /** After a finding was opened, counted or decided. */
  follow(finding: FindingRecord, nowMs: Millis): Promise<void>;
  /** After the rules were set. */
  forgetRules(): void;
}

export function createIncidentOpener({
  findings,
  store,
  incidents,
  ci,
  ciFacts,
}: OpenerDeps): IncidentOpener {
  let rules: readonly FindingRule[] | null = null;
  // A finding is told of twice before its incident stands on it.
  const opening = new Set<string>();

  async function resolve(ref: string, note: string, nowMs: Millis): Promise<void> {
    try {
      await incidents.move(ref, { to: 'resolved', note }, undefined, 'system', nowMs);
    } catch (error) {
      // A person was faster: it is resolved, closed or cancelled already.
      if (!(error instanceof AppError) || error.code !== 'transition-not-allowed') throw error;
    }
  }

  return {
    forgetRules: () => {
      rules = null;
    },
    async follow(finding, nowMs) {
      const { id, ciId, incidentRef, state, decidedAtMs, lastAtMs } = finding;
      const words = decisionWords(finding);
      if (incidentRef !== null) {
        // The same line again has no effect: news of a decided finding tell nothing.
        if (words && decidedAtMs !== null) {
          await incidents.record(incidentRef, 'note', words, nowMs, `line_${id}_${decidedAtMs}`);
          // News after the decision resolve nothing: a person may have taken the incident up again.
          if (lastAtMs <= decidedAtMs) await resolve(incidentRef, words.en, nowMs);
        }
        return;
      }
      if (state !== 'open' || opening.has(id)) return;
      rules ??= (await store.rules()) ?? RULES_DEFAULT;
      if (!rules.some(({ enabled }) => enabled)) return;
      const subject = ciId === null ? null : await ci(ciId);
      const facts = ciId === null ? null : ciFacts(ciId, nowMs);
      if (ciId !== null && (!subject || !facts)) return;
      const rule = ruleFor(finding, subject, rules);
      if (!rule) return;
      const name = nameWordsIn(FINDING_RULE_NAMES, rule);
      opening.add(id);
      try {
        const incident = await incidents.openForFinding(
          {
            findingId: id,
            title: finding.title,
            description: {
              en: `Opened by the rule "${name.en}" for a finding: what was seen stands on the page of findings.`,
              zh: `由发现项规则“${name.zh}”自动创建。具体内容请见“发现项”页面。`,
            },
            urgency: rule.urgency,
            ci: facts,
          },
          nowMs,
        );
        await findings.tie(id, incident.ref);
      } finally {
        opening.delete(id);
      }
    },
  };
}
