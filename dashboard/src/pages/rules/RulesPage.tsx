/** The rules in force, each as a sentence; reading only. */
import { useQuery } from '@tanstack/react-query';
import type { Rule } from '@muster/shared/api/rules.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isMetricName, METRICS, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { rulesQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { displayUnit, quantityText } from '../../util/quantity.ts';
import { spanText } from '../../util/time.ts';

export function RulesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.rules'));
  const rules = useQuery(rulesQuery);
  return (
    <>
      <h1>{t('shell.nav.rules')}</h1>
      <p className="mt-1 leading-prose text-text-2">{t('rules.intro')}</p>
      <div className="mt-4">
        {rules.data ? (
          rules.data.length === 0 ? (
            <Card>
              <EmptyState>{t('rules.none')}</EmptyState>
            </Card>
          ) : (
            <ul className="card">
              {rules.data.map((rule) => (
                <RuleRow key={rule.id} rule={rule} />
              ))}
            </ul>
          )
        ) : rules.error ? (
          <Card>
            <ErrorPanel error={rules.error} retry={() => void rules.refetch()} />
          </Card>
        ) : (
          <SkeletonRows rows={8} className="card" />
        )}
      </div>
    </>
  );
}

function RuleRow({ rule }: { rule: Rule }) {
  const t = useT();
  const words = useWords();
  return (
    <li className="grid gap-x-6 gap-y-1 border-line px-4 py-3 not-first:border-t desk:grid-cols-[260px_minmax(0,1fr)_220px]">
      <div>
        <p className="text-14 font-semibold">{rule.name}</p>
        <p className="flex items-center gap-1.5 text-12 text-text-2">
          <Glyph
            name={rule.enabled ? 'disc' : 'ring'}
            className={rule.enabled ? 'text-up-solid' : 'text-idle-solid'}
          />
          {t(rule.enabled ? 'rules.on' : 'rules.off')}
        </p>
      </div>
      <div className="min-w-0">
        <Sentence rule={rule} />
        {words(rule.explanation) !== '' && (
          <p className="mt-1 text-12 leading-prose text-text-3">{words(rule.explanation)}</p>
        )}
      </div>
      <dl className="grid content-start gap-0.5 text-12">
        {rule.owner !== null && <Fact name={t('rules.owner')} value={rule.owner} />}
        {rule.agreedOn !== null && <Fact name={t('rules.agreed')} value={rule.agreedOn} />}
        {rule.pack !== null && <Fact name={t('rules.pack')} value={rule.pack} />}
      </dl>
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5 desk:justify-end">
      <dt className="text-text-3">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

/** What the rule says, one line for each level. */
function Sentence({ rule }: { rule: Rule }) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const subject = useSubject(rule);
  const { condition } = rule;
  if (condition.type === 'silent') {
    return (
      <p className="flex flex-wrap items-center gap-x-2">
        {t('rules.silent', { subject })}
        <StatusBadge look={SEVERITY_LOOKS[condition.severity]} />
      </p>
    );
  }
  const metric = isMetricName(condition.metric) ? words(METRICS[condition.metric].title) : condition.metric;
  const unit = isMetricName(condition.metric) ? shownUnit(condition.metric) : '1';
  const value = (of: number) => {
    const shown = displayUnit(condition.metric, unit);
    return quantityText(of * shown.factor, shown.unit, language).replace(/\.0(?=\D*$)/, '');
  };
  const floor = condition.floor;
  const floorMetric =
    floor && (isMetricName(floor.metric) ? words(METRICS[floor.metric].title) : floor.metric);
  const floorUnit = floor && isMetricName(floor.metric) ? shownUnit(floor.metric) : '1';
  return (
    <>
      <ul className="grid gap-0.5">
        {condition.levels.map((level) => (
          <li key={level.severity} className="flex flex-wrap items-center gap-x-2">
            <span>
              {t(condition.op === 'above' ? 'rules.above' : 'rules.below', {
                subject,
                metric,
                level: value(level.level),
                span: spanText(condition.forMs, t).replace('.0', ''),
                clear: value(level.clear),
              })}
            </span>
            <StatusBadge look={SEVERITY_LOOKS[level.severity]} />
          </li>
        ))}
      </ul>
      {floor && floorMetric && (
        <p className="text-12 text-text-2">
          {t(floor.op === 'below' ? 'rules.floorBelow' : 'rules.floorAbove', {
            metric: floorMetric,
            level: quantityText(floor.level, floorUnit, language).replace(/\.0(?=\D*$)/, ''),
          })}
        </p>
      )}
    </>
  );
}

/** Whom the rule is about: classes, tag, one machine, all. */
function useSubject({ selector }: Rule): string {
  const t = useT();
  const words = useWords();
  const classes = selector.class
    ?.map((name) => (isMachineClass(name) ? words(CI_CLASSES[name].title) : name))
    .join(t('ui.listSeparator'));
  const parts = [
    classes,
    selector.tag && t('rules.withTag', { tag: selector.tag }),
    selector.ciId,
    selector.instance,
  ].filter((part) => part);
  return parts.length === 0 ? t('rules.allMachines') : parts.join(' · ');
}
