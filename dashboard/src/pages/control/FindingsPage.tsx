/** Findings: what a person should look at, of every kind, with what became of it. */
import { FINDING_KINDS, FINDING_STATES } from '@muster/shared/api/choices.ts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ciQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { findingsQuery } from '../../parts/controlQueries.ts';
import { FindingList } from '../../parts/FindingList.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import type { FindingsSearch } from './search.ts';

export function FindingsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.findings'));
  const search = useSearch({ from: `/app${'/findings'}` });
  const navigate = useNavigate({ from: '/findings' });
  const set = (change: Partial<FindingsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const { state = 'open', kind, ci } = search;
  const filter = { kind, ci, state: state === 'all' ? undefined : state };
  const open = useInfiniteQuery(findingsQuery(filter)).data?.pages[0]?.open;
  const machine = useQuery({ ...ciQuery(ci ?? ''), enabled: ci !== undefined }).data;
  const all = open ? Object.values(open).reduce((sum, count) => sum + count, 0) : null;
  return (
    <>
      <h1>{t('shell.nav.findings')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('control.findingsIntro')}</p>
      <div className="no-print mt-3 grid gap-2">
        <div className="scrollbar-none -m-1 max-w-full overflow-x-auto p-1">
          <Segmented
            label={t('control.state.label')}
            value={state}
            options={[
              ...FINDING_STATES.map((value) => ({ value, label: t(`control.state.${value}`) })),
              { value: 'all' as const, label: t('ui.any') },
            ]}
            onChange={(value) => set({ state: value === 'open' ? undefined : value })}
          />
        </div>
        <FilterChips
          label={t('control.kind.label')}
          all={{ label: t('control.kind.all'), count: all }}
          chips={FINDING_KINDS.map((value) => ({
            value,
            label: t(`control.kind.${value}`),
            count: open ? (open[value] ?? 0) : null,
          }))}
          chosen={kind ? [kind] : []}
          onChange={(chosen) => set({ kind: chosen.find((value) => value !== kind) })}
        />
        {ci !== undefined && (
          <div>
            <FilterTag onRemove={() => set({ ci: undefined })}>{machine?.name ?? ci}</FilterTag>
          </div>
        )}
      </div>
      <section className="card mt-3 overflow-clip" aria-label={t('shell.nav.findings')}>
        <FindingList
          key={JSON.stringify(filter)}
          filter={filter}
          empty={t(state === 'open' ? 'control.noneOpen' : 'control.none')}
        />
      </section>
    </>
  );
}
