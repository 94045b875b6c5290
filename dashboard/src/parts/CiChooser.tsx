/** Several CIs by part of their name, serial number or address. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { useT } from '../i18n/i18n.ts';
import { TextField } from '../ui/Field.tsx';
import { FilterTag } from '../ui/FilterTag.tsx';
import { classIcon, Icon } from '../ui/Icon.tsx';

export interface ChosenCi {
  readonly id: string;
  readonly name: string;
  readonly class: string;
}

const CHOICES = 5;

const choicesQuery = (q: string, ofClass: string | undefined) =>
  queryOptions({
    queryKey: ['cis', 'chooser', ofClass, q],
    queryFn: ({ signal }): Promise<CiSummary[]> =>
      call(ENDPOINTS.listCis, { query: { q, class: ofClass, limit: CHOICES } }, signal).then(
        ({ items }) => items,
      ),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

export function CiChooser({
  label,
  chosen,
  onChange,
  ofClass,
  without,
  max = Number.POSITIVE_INFINITY,
}: {
  label: string;
  chosen: readonly ChosenCi[];
  onChange: (chosen: ChosenCi[]) => void;
  /** Only of this class; without it, machines. */
  ofClass?: string;
  /** This one is not offered. */
  without?: string;
  /** With as many chosen, the next takes the place of the first. */
  max?: number;
}) {
  const t = useT();
  const [text, setText] = useState('');
  const q = text.trim();
  /** The text with which Enter was pressed: the answer to it may be on its way. */
  const [entered, setEntered] = useState<string | null>(null);
  const answer = useQuery(choicesQuery(q, ofClass));
  const isAnswered = answer.data !== undefined && !answer.isPlaceholderData;
  const found = (answer.data ?? []).filter(
    ({ id }) => id !== without && !chosen.some((one) => one.id === id),
  );
  const add = ({ id, name, class: ciClass }: ChosenCi) => {
    onChange([...chosen, { id, name, class: ciClass }].slice(-max));
    setText('');
  };
  const [first] = found;
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    if (entered === null || entered !== q || !isAnswered) return;
    setEntered(null);
    if (first) latest.current(first);
  }, [entered, q, isAnswered, first]);
  return (
    <div className="grid gap-1.5">
      {chosen.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {chosen.map((ci) => (
            <li key={ci.id}>
              <FilterTag onRemove={() => onChange(chosen.filter(({ id }) => id !== ci.id))}>
                {ci.name}
              </FilterTag>
            </li>
          ))}
        </ul>
      )}
      <TextField
        label={label}
        help={t('control.changes.ciHelp')}
        value={text}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setEntered(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || q === '') return;
          event.preventDefault();
          setEntered(q);
        }}
      />
      {q !== '' && found.length > 0 && (
        <ul className="rounded-md border border-line bg-raised p-1">
          {found.map((ci) => (
            <li key={ci.id}>
              <button
                type="button"
                className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover coarse:h-11"
                onClick={() => add(ci)}
              >
                <Icon name={classIcon(ci.class)} size={14} className="text-text-3" />
                <span className="truncate">{ci.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
