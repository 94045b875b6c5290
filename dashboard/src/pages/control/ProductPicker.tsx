/** A product by part of its name. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../i18n/i18n.ts';
import { TextField } from '../../ui/Field.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { productNamesQuery } from './queries.ts';

export interface PickedProduct {
  readonly id: string;
  readonly name: string;
}

export function ProductPicker({
  label,
  value,
  onChange,
}: {
  label: string;
  value: PickedProduct | null;
  onChange: (product: PickedProduct | null) => void;
}) {
  const t = useT();
  const [text, setText] = useState('');
  const q = text.trim();
  const found = useQuery(productNamesQuery(q)).data ?? [];
  if (value)
    return (
      <div className="grid gap-1">
        <span className="text-12 font-medium">{label}</span>
        <div>
          <FilterTag onRemove={() => onChange(null)}>{value.name}</FilterTag>
        </div>
      </div>
    );
  return (
    <div className="grid gap-1.5">
      <TextField
        label={label}
        help={t('control.software.pickHelp')}
        value={text}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      {q !== '' && found.length > 0 && (
        <ul className="rounded-md border border-line bg-raised p-1">
          {found.map(({ id, name, publisher, installs }) => (
            <li key={id}>
              <button
                type="button"
                className="flex min-h-8 w-full items-baseline gap-2 rounded-md px-2 text-left hover:bg-hover coarse:min-h-11"
                onClick={() => onChange({ id, name })}
              >
                <span className="truncate">{name}</span>
                <span className="ml-auto truncate text-12 text-text-3">
                  {[publisher, t('control.software.installsCount', { count: installs })]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
