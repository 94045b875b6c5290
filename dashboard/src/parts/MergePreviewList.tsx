/** What merging one item into another would do, said before it is done. */
import { useQuery } from '@tanstack/react-query';
import type { MergePreview } from '@muster/shared/api/identity.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../ui/Skeleton.tsx';
import { mergePreviewQuery } from './identityActions.ts';
import { valueText, valueTitle } from './valueWords.ts';

/** The item that stays. */
interface Kept {
  readonly id: string;
  readonly class: string;
}

export function MergePreviewList({ keep, otherId }: { keep: Kept; otherId: string }) {
  const t = useT();
  const preview = useQuery(mergePreviewQuery(keep.id, otherId));
  if (preview.error) return <ErrorPanel error={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) return <SkeletonRows rows={2} />;
  return (
    <section className="mt-3 border-t border-line pt-3" aria-live="polite">
      <h3 className="text-12 font-medium text-text-2">{t('identity.merge.preview')}</h3>
      <ul className="mt-1 grid list-disc gap-1 pl-4 leading-prose">
        <Lines keep={keep} plan={preview.data} />
      </ul>
    </section>
  );
}

function Lines({ keep, plan }: { keep: Kept; plan: MergePreview }) {
  const t = useT();
  const language = useLanguage();
  const title = (name: string) => valueTitle(keep.class, name, t, language);
  const text = (name: string, value: unknown) => valueText(keep.class, name, value, t, language);
  const taken = [...new Set(plan.taken.map(({ name }) => title(name)))];
  return (
    <>
      {plan.conflicts.length === 0 && <li>{t('identity.merge.noConflict')}</li>}
      {plan.conflicts.map((each) => (
        <li key={`${each.kind} ${each.name}`}>
          {each.kind === 'kept-apart'
            ? t('identity.merge.apart')
            : t('identity.merge.conflict', {
                name: title(each.name),
                keep: text(each.name, each.keep),
                other: text(each.name, each.other),
              })}
        </li>
      ))}
      {taken.length > 0 && <li>{t('identity.merge.taken', { names: taken.join(t('ui.listSeparator')) })}</li>}
      {plan.sections.length > 0 && <li>{t('identity.merge.sections')}</li>}
      {plan.relations > 0 && <li>{t('identity.merge.relations', { count: plan.relations })}</li>}
    </>
  );
}
