/** For one machine's series: which rules on the metric there are, which is in force, and why the others are not. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ciQuery, rulesQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { type Draft, triedPart } from './draft.ts';
import { levelText } from './ruleWords.ts';
import { type Standing, standingsOf } from './standing.ts';

/** Stands for the draft of a rule that is not saved yet. */
const DRAFT_ID = 'draft';

export interface InForceCardProps {
  readonly draft: Draft;
  /** The rule that is edited; null for a new one. */
  readonly ruleId: string | null;
  readonly machine: string;
  readonly instance: string;
}

export function InForceCard({ draft, ruleId, machine, instance }: InForceCardProps) {
  const t = useT();
  const rules = useQuery(rulesQuery).data;
  const ci = useQuery(ciQuery(machine)).data;
  const tried = triedPart(draft);
  if (rules === undefined || ci === undefined || tried === null || draft.kind === 'silent') return null;
  const id = ruleId ?? DRAFT_ID;
  // The draft as if it were saved and switched on: that is what is being decided here.
  const mine = { id, name: draft.name.trim(), enabled: true, ...tried };
  const others = rules.filter((each) => each.id !== id);
  const standings = standingsOf([mine, ...others], ci, { metric: draft.metric, instance, op: draft.op });
  return (
    <Card
      title={
        instance === ''
          ? t('rules.inForce.title', { machine: ci.name })
          : t('rules.inForce.titleInstance', { machine: ci.name, instance })
      }
      note={t('rules.inForce.note')}
    >
      <ul className="-mx-4 -mb-3.5">
        {standings.map((standing) => (
          <StandingRow key={standing.id} standing={standing} all={standings} mine={standing.id === id} />
        ))}
      </ul>
    </Card>
  );
}

function StandingRow({
  standing: { id, rule, verdict },
  all,
  mine,
}: {
  standing: Standing;
  all: readonly Standing[];
  mine: boolean;
}) {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const nameOf = (each: Standing['rule']) => (each.name === '' ? t('rules.inForce.draft') : ruleName(each));
  const { condition } = rule;
  const stands = verdict.type === 'in-force';
  const levels =
    condition.type === 'threshold'
      ? condition.levels.map(({ level }) => levelText(condition.metric, level, { t, language }))
      : [];
  const other = verdict.type === 'outdone' ? all.find((each) => each.id === verdict.by) : undefined;
  const why =
    verdict.type === 'outdone'
      ? t('rules.inForce.outdone', {
          rule: other ? nameOf(other.rule) : '',
          step: t(`rules.inForce.step.${verdict.step}`),
        })
      : verdict.type === 'elsewhere'
        ? t(`rules.inForce.elsewhere.${verdict.step}`)
        : t(verdict.type === 'off' ? 'rules.inForce.off' : 'rules.inForce.stands');
  return (
    <li className="flex flex-wrap items-center gap-x-3 border-t border-line px-4 py-1.5 text-12">
      <span className={cx('w-4 flex-none', stands ? 'text-up-fg' : 'text-text-3')}>
        {stands && <Icon name="check" size={14} />}
      </span>
      <span className={cx('min-w-0 flex-1 truncate', stands ? 'font-medium' : 'text-text-2')}>
        {mine ? (
          rule.name === '' ? (
            t('rules.inForce.draft')
          ) : (
            t('rules.inForce.this', { rule: nameOf(rule) })
          )
        ) : (
          <Link to="/rules/$id" params={{ id }}>
            {nameOf(rule)}
          </Link>
        )}
        <span className="ml-2 text-text-3">{levels.join(' / ')}</span>
      </span>
      <span className="text-text-2 max-tablet:w-full max-tablet:pl-7">{why}</span>
    </li>
  );
}
