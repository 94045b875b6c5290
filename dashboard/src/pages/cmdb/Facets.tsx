/** What the list can be narrowed by: each facet is a button that says what is chosen. */
import { useQuery } from '@tanstack/react-query';
import { ATTRIBUTE_SOURCES, LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import { isPartClass } from '@muster/shared/cmdb/classes.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText } from '../../parts/valueWords.ts';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuChoice } from '../../ui/Menu.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { classesQuery } from './queries.ts';
import { type CisSearch, STALE_DAYS } from './search.ts';

/** Values of a facet that its menu shows; the filter box finds the others. */
const VALUES_MAX = 40;
/** Stands for "whatever it is"; no value of a facet can be this. */
const ANY = '\u0000';

export interface FacetsProps {
  readonly search: CisSearch;
  readonly set: (change: Partial<CisSearch>) => void;
}

export function Facets({ search, set }: FacetsProps) {
  const t = useT();
  const language = useLanguage();
  const { data } = useQuery(classesQuery);
  const counted = (values: readonly { value: string | null; count: number }[] = []) =>
    values.slice(0, VALUES_MAX).map(({ value, count }) => ({
      value: value ?? '',
      label: t('cmdb.valueCount', {
        value: value ?? t('cmdb.none'),
        count: formatNumber(count, 0, language),
      }),
      short: value ?? t('cmdb.none'),
    }));
  const lifecycleWord = (value: string) => valueText('Server', 'lifecycle', value, t, language);
  const present = new Set(data?.lifecycles.map(({ value }) => value));
  return (
    <div role="group" aria-label={t('cmdb.filters')} className="flex flex-wrap gap-2">
      <FacetMenu
        label={t('cmdb.lifecycle')}
        value={search.lifecycle}
        options={LIFECYCLES.filter((value) => present.has(value) || value === search.lifecycle).map(
          (value) => ({
            value,
            label: lifecycleWord(value),
          }),
        )}
        onChange={(lifecycle) => set({ lifecycle: LIFECYCLES.find((each) => each === lifecycle) })}
      />
      <FacetMenu
        label={t('cmdb.site')}
        value={search.site}
        options={counted(data?.sites)}
        onChange={(site) => set({ site })}
      />
      <FacetMenu
        label={t('cmdb.owner')}
        value={search.owner}
        options={counted(data?.owners)}
        onChange={(owner) => set({ owner })}
      />
      {!isPartClass(search.class) && (
        <FacetMenu
          label={t('cmdb.source')}
          value={search.source}
          options={ATTRIBUTE_SOURCES.map((value) => ({ value, label: t(`machines.source.${value}`) }))}
          onChange={(source) => set({ source: ATTRIBUTE_SOURCES.find((each) => each === source) })}
        />
      )}
      <FacetMenu
        label={t('cmdb.evidence')}
        value={search.stale}
        options={STALE_DAYS.map((value) => ({ value, label: t('cmdb.olderThan', { count: Number(value) }) }))}
        onChange={(stale) => set({ stale: STALE_DAYS.find((each) => each === stale) })}
      />
      {(['tag', 'software'] as const).map((name) => {
        const value = search[name];
        return (
          value !== undefined && (
            <button
              key={name}
              type="button"
              onClick={() => set({ [name]: undefined })}
              className="inline-flex h-(--control) max-w-full items-center gap-1.5 rounded-md border border-accent bg-selected px-2.5 text-12 font-medium text-accent"
            >
              <span className="truncate">{t(`cmdb.${name}Is`, { value })}</span>
              <Icon name="close" size={12} />
              <span className="sr-only">{t('ui.removeFilter')}</span>
            </button>
          )
        );
      })}
    </div>
  );
}

interface FacetMenuProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly { readonly value: string; readonly label: string; readonly short?: string }[];
  readonly onChange: (value: string | undefined) => void;
}

function FacetMenu({ label, value, options, onChange }: FacetMenuProps) {
  const t = useT();
  const chosen = options.find((option) => option.value === value);
  const shown = value === undefined ? t('ui.any') : (chosen?.short ?? chosen?.label ?? value);
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className={cx(
            'inline-flex h-(--control) max-w-full items-center gap-1.5 rounded-md border px-2.5 text-12 whitespace-nowrap',
            value === undefined
              ? 'border-line bg-surface text-text-2 hover:bg-hover'
              : 'border-accent bg-selected font-medium text-accent',
          )}
        >
          <span className={value === undefined ? 'text-text-3' : ''}>{label}</span>
          <span className="min-w-0 truncate font-medium">{shown}</span>
          <Icon name="chevron" size={12} />
        </button>
      }
    >
      <div className="max-h-[60vh] overflow-y-auto">
        <MenuChoice
          label={label}
          value={value ?? ANY}
          options={[{ value: ANY, label: t('ui.any') }, ...options]}
          onChange={(next) => onChange(next === ANY ? undefined : next)}
        />
      </div>
    </Menu>
  );
}
