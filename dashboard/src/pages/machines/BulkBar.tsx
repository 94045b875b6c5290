/** What can be done with the chosen rows, at the lower edge: a change of all, a comparison, a file. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { LIFECYCLES, REASON_LENGTH_MAX } from '@muster/shared/api/cmdb.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { machinesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../ui/Menu.tsx';
import { useBulkChange } from './bulkChange.ts';
import { BULK_KINDS, type BulkKind, changeOf } from './bulkSteps.ts';
import { MergeChosenDialog } from './MergeChosenDialog.tsx';
import { facetValues, type MachineRow } from './rows.ts';
import { COMPARED_MAX } from './search.ts';

export interface BulkBarProps {
  /** In the order of the list. */
  readonly chosen: readonly MachineRow[];
  readonly total: number;
  readonly onClear: () => void;
  readonly onExport: () => void;
}

export function BulkBar({ chosen, total, onClear, onExport }: BulkBarProps) {
  const t = useT();
  const navigate = useNavigate();
  const [kind, setKind] = useState<BulkKind | null>(null);
  const [merging, setMerging] = useState(false);
  const [one, another, ...more] = chosen;
  const pair = one && another && more.length === 0 ? ([one.ci, another.ci] as const) : null;
  const noChange = useActionRefusal('cis.write');
  const noCompare =
    chosen.length < 2 || chosen.length > COMPARED_MAX + 1
      ? t('machines.list.compareHelp', { count: COMPARED_MAX + 1 })
      : undefined;
  const compare = () => {
    const [first, ...others] = chosen.map(({ ci }) => ci.id);
    if (first !== undefined)
      void navigate({
        to: '/machines/$id/live',
        params: { id: first },
        search: { compare: others.join(',') },
      });
  };
  return (
    <>
      <div
        role="region"
        aria-label={t('machines.list.bulk')}
        className="no-print fixed bottom-4 left-1/2 z-20 flex max-w-[calc(100vw-32px)] -translate-x-1/2 items-center gap-2 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 shadow-3 max-tablet:bottom-[76px] max-tablet:w-[calc(100vw-32px)]"
      >
        <span role="status" className="mr-1 text-12 whitespace-nowrap text-text-2">
          {t('machines.list.chosenOf', { count: chosen.length, total })}
        </span>
        <div className="scrollbar-none flex min-w-0 gap-2 overflow-x-auto">
          <Button size="small" disabledReason={noChange} onClick={() => setKind('addTags')}>
            {t('machines.list.act.addTags')}
          </Button>
          <Button
            size="small"
            disabledReason={noChange}
            onClick={() => setKind('site')}
            className="max-tablet:hidden"
          >
            {t('machines.list.act.site')}
          </Button>
          <Menu
            trigger={
              <Button size="small" disabledReason={noChange}>
                {t('machines.list.change')}
                <Icon name="chevron" size={12} />
              </Button>
            }
          >
            {BULK_KINDS.filter((each) => each !== 'lifecycle').map((each) => (
              <MenuItem key={each} onSelect={() => setKind(each)}>
                {t(`machines.list.act.${each}`)}
              </MenuItem>
            ))}
            <MenuSeparator />
            <MenuItem onSelect={() => setKind('lifecycle')}>{t('machines.list.act.lifecycle')}</MenuItem>
          </Menu>
          <Button size="small" disabledReason={noCompare} onClick={compare}>
            {t('machines.list.compare')}
          </Button>
          <Button
            size="small"
            disabledReason={noChange ?? (pair === null ? t('machines.list.mergeHelp') : undefined)}
            onClick={() => setMerging(true)}
          >
            {t('identity.merge.openChosen')}
          </Button>
          <Button size="small" onClick={onExport}>
            {t('machines.list.export')}
          </Button>
        </div>
        <IconButton icon="close" label={t('machines.list.clearChosen')} onClick={onClear} />
      </div>
      {merging && pair !== null && (
        <MergeChosenDialog pair={pair} onClose={() => setMerging(false)} onDone={onClear} />
      )}
      {kind !== null && (
        <ChangeDialog key={kind} kind={kind} chosen={chosen} onClose={() => setKind(null)} onDone={onClear} />
      )}
    </>
  );
}

interface ChangeDialogProps {
  readonly kind: BulkKind;
  readonly chosen: readonly MachineRow[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function ChangeDialog({ kind, chosen, onClose, onDone }: ChangeDialogProps) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const language = useLanguage();
  const run = useBulkChange();
  const [text, setText] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const [choice, setChoice] = useState(kind === 'criticality' ? '3' : 'retired');
  const count = chosen.length;
  const change = changeOf(kind, { text, tags, choice });
  // It takes machines out of list and counts.
  const leaving = kind === 'lifecycle' && isGone(choice);
  const label =
    kind === 'addTags' || kind === 'removeTags' ? t('machines.list.tags') : valueTitle('', kind, t, language);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (change === null) return;
    run([{ ids: chosen.map(({ ci }) => ci.id), change }]);
    onDone();
    onClose();
  };
  return (
    <Dialog open onClose={onClose} title={t(`machines.list.title.${kind}`, { count })}>
      <form onSubmit={submit} className="grid gap-3">
        {kind === 'removeTags' ? (
          <TagChoice chosen={chosen} tags={tags} onChange={setTags} />
        ) : kind === 'criticality' ? (
          <SelectField
            label={label}
            help={t('machines.list.criticalityHelp')}
            value={choice}
            options={['1', '2', '3', '4'].map((value) => ({ value, label: value }))}
            onChange={setChoice}
          />
        ) : kind === 'lifecycle' ? (
          <>
            <SelectField
              label={label}
              value={choice}
              options={LIFECYCLES.map((value) => ({ value, label: valueText('', kind, value, t, language) }))}
              onChange={setChoice}
            />
            <TextField
              label={t('machines.list.reason')}
              help={t('machines.list.reasonHelp')}
              value={text}
              maxLength={REASON_LENGTH_MAX}
              onChange={(event) => setText(event.target.value)}
            />
          </>
        ) : (
          <SuggestedField kind={kind} label={label} value={text} onChange={setText} />
        )}
        {leaving && <p className="leading-prose text-text-2">{t('machines.list.leaving', { count })}</p>}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button
            look={leaving ? 'danger' : 'primary'}
            type="submit"
            disabled={change === null}
            disabledReason={refusal}
          >
            {kind === 'lifecycle' && choice === 'retired'
              ? t('machines.list.retire', { count })
              : t('machines.list.apply', { count })}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Most values that a field offers while somebody types. */
const SUGGESTIONS_MAX = 50;

function SuggestedField({
  kind,
  label,
  value,
  onChange,
}: {
  kind: 'addTags' | 'site' | 'owner' | 'supportGroup';
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const t = useT();
  const listId = useId();
  const machines = useQuery(machinesQuery).data ?? [];
  const known = [...new Set(machines.flatMap((ci) => (kind === 'addTags' ? ci.tags : (ci[kind] ?? []))))]
    .sort((a, b) => a.localeCompare(b))
    .slice(0, SUGGESTIONS_MAX);
  return (
    <>
      <TextField
        label={label}
        help={t(kind === 'addTags' ? 'machines.list.tagsHelp' : 'machines.list.emptyHelp')}
        value={value}
        maxLength={kind === 'site' ? 64 : 128}
        list={listId}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {known.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </datalist>
    </>
  );
}

function TagChoice({
  chosen,
  tags,
  onChange,
}: {
  chosen: readonly MachineRow[];
  tags: readonly string[];
  onChange: (tags: readonly string[]) => void;
}) {
  const t = useT();
  const counts = new Map<string, number>();
  for (const { ci } of chosen)
    for (const tag of facetValues('tag', ci)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  if (counts.size === 0) return <p className="text-text-2">{t('machines.list.noTags')}</p>;
  return (
    <fieldset className="grid max-h-64 gap-1 overflow-y-auto">
      <legend className="sr-only">{t('machines.list.tags')}</legend>
      {[...counts]
        .sort((a, b) => b[1] - a[1])
        .map(([tag, count]) => (
          <CheckField
            key={tag}
            label={t('machines.list.tagCount', { tag, count })}
            checked={tags.includes(tag)}
            onChange={() =>
              onChange(tags.includes(tag) ? tags.filter((each) => each !== tag) : [...tags, tag])
            }
          />
        ))}
    </fieldset>
  );
}
