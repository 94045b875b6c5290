/** What was agreed for this machine, and how its error budget stands; nothing where no target is agreed. */
import { useQuery } from '@tanstack/react-query';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { targetsQuery } from '../../parts/availabilityQueries.ts';
import { BudgetStanding } from '../../parts/BudgetStanding.tsx';
import { Card } from '../../ui/Card.tsx';
import { percentText } from '../../util/quantity.ts';

export function TargetsCard({ ciId }: { ciId: string }) {
  const t = useT();
  const language = useLanguage();
  const targets = useQuery(targetsQuery(ciId)).data ?? [];
  // Most machines have none: a card that appears for those that do moves nothing that is read already.
  if (targets.length === 0) return null;
  return (
    <Card title={t('agreed.targets.title')} flush>
      <ul>
        {targets.map((target) => (
          <li
            key={target.id}
            className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 tablet:grid-cols-[minmax(0,1fr)_minmax(0,1.6fr)]"
          >
            <span className="min-w-0 text-text-2">
              {t('agreed.targets.line', {
                percent: percentText(target.percent, language),
                period: t(`agreed.targets.periods.${target.period}`),
                who: target.agreedWith,
              })}
              <span className="block text-12 text-text-3">
                {t('agreed.formula.label')}
                {t('ui.colon')}
                {t(`agreed.formula.${target.formula}`)}
              </span>
            </span>
            <BudgetStanding target={target} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
