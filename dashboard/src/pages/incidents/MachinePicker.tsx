/** A machine by part of its name, serial number or address; or none. */
import { useQuery, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { TextField } from '../../ui/Field.tsx';

/** More choices do not help; another letter does. */
const CHOICES = 6;

export interface PickedMachine {
  readonly id: string;
  readonly name: string;
  readonly class: string;
}

const choicesQuery = (q: string) =>
  queryOptions({
    queryKey: ['cis', 'picker', q],
    queryFn: ({ signal }): Promise<CiSummary[]> =>
      call(ENDPOINTS.listCis, { query: { q, limit: CHOICES } }, signal).then(({ items }) => items),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

export function MachinePicker({
  value,
  onChange,
}: {
  value: PickedMachine | null;
  onChange: (machine: PickedMachine | null) => void;
}) {
  const t = useT();
  const errorWords = useErrorWords();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const q = text.trim();
  const answer = useQuery(choicesQuery(q));
  const choices = answer.data ?? [];
  const settled = answer.isSuccess && !answer.isPlaceholderData;
  const open = q !== '' && choices.length > 0;
  const pick = (machine: PickedMachine | undefined) => {
    if (machine === undefined) return;
    onChange(machine);
    setText('');
    setAt(0);
  };
  if (value !== null) {
    return (
      <div className="grid gap-1">
        <p className="text-12 font-medium">{t('incidents.column.ci')}</p>
        <p className="flex h-(--control) items-center gap-2 rounded-md border border-line bg-sunken pl-2.5">
          <Icon name={classIcon(value.class)} size={14} className="text-text-3" />
          <span className="min-w-0 flex-1 truncate font-medium">{value.name}</span>
          <Button look="quiet" size="small" onClick={() => onChange(null)}>
            {t('incidents.report.otherMachine')}
          </Button>
        </p>
      </div>
    );
  }
  return (
    <div className="relative">
      <TextField
        label={t('incidents.column.ci')}
        help={t('incidents.report.machineHelp')}
        value={text}
        role="combobox"
        aria-expanded={open}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={open ? `${id}-${at}` : undefined}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (!open) return;
          if (event.key === 'ArrowDown') setAt(Math.min(choices.length - 1, at + 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
          else if (event.key === 'Enter') {
            // What is offered may still be for fewer letters.
            if (settled) pick(choices[at]);
          } else if (event.key === 'Escape') setText('');
          else return;
          event.preventDefault();
          // The dialog around it stays open.
          event.stopPropagation();
        }}
      />
      <ul
        id={id}
        role="listbox"
        aria-label={t('incidents.column.ci')}
        hidden={!open}
        className="absolute inset-x-0 top-[54px] z-10 rounded-md border border-line bg-raised p-1 shadow-2"
      >
        {choices.map((machine, index) => (
          <li
            key={machine.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault();
              pick(machine);
            }}
            className={cx(
              'flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 coarse:min-h-11',
              index === at && 'bg-hover',
            )}
          >
            <Icon name={classIcon(machine.class)} size={14} className="text-text-3" />
            <span className="min-w-0 flex-1 truncate">{machine.name}</span>
            <span className="text-12 text-text-3">{machine.site}</span>
          </li>
        ))}
      </ul>
      {q !== '' && choices.length === 0 && (settled || answer.isError) && (
        <p role="status" className="mt-1 text-12 text-warn-fg">
          {answer.isError ? errorWords(answer.error) : t('incidents.report.noMachine', { text: q })}
        </p>
      )}
    </div>
  );
}
