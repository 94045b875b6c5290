/** One site or all of them; in the address. */
import { useNavigate } from '@tanstack/react-router';
import { useT } from '../../i18n/i18n.ts';
import { Segmented } from '../../ui/Segmented.tsx';

/** More sites than this are chosen from a list instead of a row. */
const ROW_MAX = 4;
const ALL = 'all';

/** `sites` holds null for machines without a site. */
export function SiteFilter({ sites, site }: { sites: readonly (string | null)[]; site: string | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const options = [
    { value: ALL, label: t('overview.allSites') },
    ...sites.map((each) => ({ value: `=${each ?? ''}`, label: each ?? t('overview.noSite') })),
  ];
  const value = site === undefined ? ALL : `=${site}`;
  const choose = (next: string) =>
    void navigate({
      to: '/',
      search: next === ALL ? {} : { site: next.slice(1) },
      replace: true,
    });
  if (sites.length <= ROW_MAX)
    return (
      <div className="max-w-full overflow-x-auto scrollbar-none">
        <Segmented label={t('overview.site')} value={value} options={options} onChange={choose} />
      </div>
    );
  return (
    <select
      aria-label={t('overview.site')}
      value={value}
      onChange={(event) => choose(event.target.value)}
      className="h-(--control) max-w-56 min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-13 max-tablet:text-16"
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
