/** For one machine's series: which rules of the kind on the metric there are, which is in force, why the others are not, and the way to an exception. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { familyOf } from '@muster/shared/rules/precedence.ts';
import { ciQuery, rulesInForceQuery, rulesQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { Draft } from './draft.ts';
import { triedPart } from './draftProblems.ts';
import { NOWHERE } from '../../parts/levels.ts';
import { levelsText } from './ruleWords.ts';
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
  const roleRefusal = useRefusal('rules.write');
  const rules = useQuery(rulesQuery).data;
  const ci = useQuery(ciQuery(machine)).data;
  const held = useQuery(rulesInForceQuery(machine)).data;
  const tried = triedPart(draft);
  const family = tried && familyOf(tried.condition);
  if (rules === undefined || ci === undefined || tried === null || family === null) return null;
  const id = ruleId ?? DRAFT_ID;
  // The draft as if it were saved and switched on: that is what is being decided here.
  const saved = rules.find((each) => each.id === id && each.name === draft.name);
  const mine = { id, name: draft.name.trim(), nameWords: saved?.nameWords, enabled: true, ...tried };
  const others = rules.filter((each) => each.id !== id);
  const subject = { ...ci, belongsTo: held?.belongsTo ?? NOWHERE };
  const standings = standingsOf([mine, ...others], subject, { family, instance });
  const isElsewhere = standings.some((each) => each.id === id && each.verdict.type === 'elsewhere');
  // From a rule that is saved, an exception can begin, where it applies.
  const mayExcept = roleRefusal === undefined && ruleId !== null && !isElsewhere;
  return (
    <Card
      title={
        instance === ''
          ? t('rules.inForce.title', { machine: ci.name })
          : t('rules.inForce.titleInstance', { machine: ci.name, instance })
      }
      note={t('rules.inForce.note')}
    >
      <ul className="-mx-4">
        {standings.map((standing) => (
          <StandingRow key={standing.id} standing={standing} all={standings} mine={standing.id === id} />
        ))}
      </ul>
      <div className="-mx-4 flex flex-wrap items-center gap-2 border-t border-line px-4 pt-2.5 text-12">
        <Link to="/rules" search={{ ci: machine }} className="mr-auto text-accent hover:underline">
          {t('rules.inForce.allOn', { machine: ci.name })}
        </Link>
        {mayExcept && tried.selector.ciId === null && (
          <Link
            to="/rules/new"
            search={{ copy: ruleId, ci: machine }}
            className={buttonClass('plain', 'small')}
          >
            {t('rules.inForce.except', { machine: ci.name })}
          </Link>
        )}
        {mayExcept && instance !== '' && tried.selector.instance === null && (
          <Link
            to="/rules/new"
            search={{ copy: ruleId, ci: machine, instance }}
            className={buttonClass('plain', 'small')}
          >
            {t('rules.inForce.exceptInstance', { machine: ci.name, instance })}
          </Link>
        )}
      </div>
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
  const stands = verdict.type === 'in-force';
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
      <span className={cx('min-w-56 flex-1 truncate', stands ? 'font-medium' : 'text-text-2')}>
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
        <span className="ml-2 text-text-3">{levelsText(rule.condition, { t, language })}</span>
      </span>
      <span className="text-text-2 max-tablet:w-full max-tablet:pl-7">{why}</span>
    </li>
  );
}
