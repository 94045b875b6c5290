/** What the list can be narrowed down by: values with their counts in a panel, chosen ones as chips that can be removed. */
import { useState } from 'react';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { useClassWord } from './listColumns.tsx';
import { type Facet, FACETS, type FacetCount } from './rows.ts';
import type { MachinesSearch } from './search.ts';

/** Values shown of one facet before somebody types; the rest is found by its first letters. */
const VALUES_SHOWN_MAX = 6;
const VALUES_FOUND_MAX = 12;

export type SetSearch = (change: Partial<MachinesSearch>) => void;

interface FacetsProps {
  readonly search: MachinesSearch;
  readonly set: SetSearch;
}

/** Words for a facet and its values. */
function useFacetWords() {
  const t = useT();
  const language = useLanguage();
  const classWord = useClassWord();
  return {
    facet: (facet: Facet) => t(`machines.list.facet.${facet}`),
    value: (facet: Facet, value: string): string => {
      if (value === '') return t('machines.list.none');
      if (facet === 'class') return classWord(value);
      if (facet === 'lifecycle') return valueText('', facet, value, t, language);
      return value;
    },
  };
}

export function FacetMenu({
  counts,
  search,
  set,
}: FacetsProps & { counts: Record<Facet, readonly FacetCount[]> }) {
  const t = useT();
  const words = useFacetWords();
  const [text, setText] = useState('');
  const needle = text.trim().toLowerCase();
  const turn = (facet: Facet, value: string) => set({ [facet]: turned(search[facet], value) });
  return (
    <Popover
      label={t('machines.moreFilters')}
      trigger={
        <Button icon="rules" aria-label={t('machines.moreFilters')}>
          {t('machines.list.filters')}
        </Button>
      }
    >
      <SearchField label={t('machines.list.findValue')} value={text} onChange={setText} />
      {FACETS.map((facet) => {
        const all = counts[facet].filter(
          ({ value }) => needle === '' || words.value(facet, value).toLowerCase().includes(needle),
        );
        const shown = all.slice(0, needle === '' ? VALUES_SHOWN_MAX : VALUES_FOUND_MAX);
        if (shown.length === 0) return null;
        return (
          <fieldset key={facet} className="mt-3 min-w-0">
            <legend className="pb-1 text-12 text-text-3">{words.facet(facet)}</legend>
            {shown.map(({ value, count }) => (
              <label
                key={value}
                className="flex min-h-7 cursor-pointer items-center gap-2 rounded-sm px-1 hover:bg-hover coarse:min-h-11"
              >
                <input
                  type="checkbox"
                  checked={search[facet]?.includes(value) ?? false}
                  onChange={() => turn(facet, value)}
                  className="size-4 flex-none accent-accent-solid"
                />
                <span className="min-w-0 flex-1 truncate">{words.value(facet, value)}</span>
                <span className="text-12 text-text-3">{t('machines.list.number', { count })}</span>
              </label>
            ))}
            {all.length > shown.length && (
              <p className="px-1 pt-0.5 text-12 text-text-3">
                {t('machines.list.moreValues', { count: all.length - shown.length })}
              </p>
            )}
          </fieldset>
        );
      })}
    </Popover>
  );
}

function turned(values: readonly string[] | undefined, value: string): string[] | undefined {
  const next = values?.includes(value) ? values.filter((each) => each !== value) : [...(values ?? []), value];
  return next.length === 0 ? undefined : next;
}

/** Chosen values as chips; nothing where none is chosen. */
export function ChosenFacets({ search, set }: FacetsProps) {
  const t = useT();
  const words = useFacetWords();
  const chosen = FACETS.flatMap((facet) => (search[facet] ?? []).map((value) => ({ facet, value })));
  return chosen.map(({ facet, value }) => (
    <FilterTag key={`${facet} ${value}`} onRemove={() => set({ [facet]: turned(search[facet], value) })}>
      {t('machines.list.chosen', { facet: words.facet(facet), value: words.value(facet, value) })}
    </FilterTag>
  ));
}
