/** What the charts are compared with: the same time before, or other machines. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { machinesQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { COMPARED_MAX, type LiveSearch, type PeriodName, PERIODS } from './search.ts';

/** Machines offered at once; a few letters of the name find the others. */
const OFFERED_MAX = 8;

export function othersOf({ compare }: LiveSearch, id: string): readonly string[] {
  return (compare ?? '').split(',').filter((each) => each !== '' && each !== id);
}

export function CompareMenu({ ci, search }: { ci: CiDetail; search: LiveSearch }) {
  const t = useT();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const [choosing, setChoosing] = useState(false);
  const others = othersOf(search, ci.id);
  const period = others.length > 0 ? 'none' : (search.against ?? 'none');
  const against = (next: PeriodName | 'none') =>
    void navigate({
      search: (before) => ({ ...before, against: next === 'none' ? undefined : next, compare: undefined }),
      replace: true,
    });
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button icon="columns" aria-pressed={period !== 'none' || others.length > 0}>
            {t('machines.compare.title')}
            <Icon name="chevron" size={12} />
          </Button>
        }
      >
        <MenuChoice
          label={t('machines.compare.with')}
          value={period}
          options={(['none', ...PERIODS] as const).map((value) => ({
            value,
            label: t(`machines.compare.${value}`),
          }))}
          onChange={against}
        />
        <MenuSeparator />
        <MenuItem onSelect={() => setChoosing(true)}>{t('machines.compare.machines')}</MenuItem>
      </Menu>
      {choosing && <MachineChoice ci={ci} held={others} onClose={() => setChoosing(false)} />}
    </>
  );
}

function MachineChoice({
  ci,
  held,
  onClose,
}: {
  ci: CiDetail;
  held: readonly string[];
  onClose: () => void;
}) {
  const t = useT();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const machines = useQuery(machinesQuery).data;
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(held);
  const offered = useMemo(() => {
    const needle = text.trim().toLowerCase();
    const others = (machines ?? []).filter(({ id }) => id !== ci.id);
    const near = (each: (typeof others)[number]) => (each.class === ci.class ? 0 : 1);
    return others
      .filter(({ id, name }) => chosen.includes(id) || name.toLowerCase().includes(needle))
      .sort(
        (a, b) =>
          Number(chosen.includes(b.id)) - Number(chosen.includes(a.id)) ||
          near(a) - near(b) ||
          a.name.localeCompare(b.name),
      )
      .slice(0, OFFERED_MAX);
  }, [machines, text, chosen, ci]);
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  const submit = () => {
    void navigate({
      search: (before) => ({
        ...before,
        against: undefined,
        compare: chosen.length === 0 ? undefined : chosen.join(','),
      }),
    });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('machines.compare.choose', { name: ci.name })}
      description={t('machines.compare.chooseNote', { max: COMPARED_MAX })}
    >
      <div className="grid gap-3">
        <SearchField label={t('machines.compare.find')} value={text} onChange={setText} />
        {machines === undefined ? (
          <SkeletonRows rows={4} />
        ) : offered.length === 0 ? (
          <EmptyState>{t('machines.compare.noneFound')}</EmptyState>
        ) : (
          <ul className="grid gap-px">
            {offered.map((machine) => {
              const on = chosen.includes(machine.id);
              return (
                <li key={machine.id}>
                  <label className="flex min-h-8 items-center gap-2.5 rounded-sm px-2 hover:bg-hover coarse:min-h-11">
                    <input
                      type="checkbox"
                      checked={on}
                      disabled={!on && chosen.length >= COMPARED_MAX}
                      onChange={() => toggle(machine.id)}
                      className="size-4 flex-none accent-accent-solid"
                    />
                    <Icon name={classIcon(machine.class)} className="text-text-3" />
                    <span className="min-w-0 flex-1 truncate">{machine.name}</span>
                    <span className="max-w-[45%] truncate text-12 text-text-3">{machine.site}</span>
                  </label>
                </li>
              );
            })}
          </ul>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" onClick={submit}>
            {t('machines.compare.title')}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
