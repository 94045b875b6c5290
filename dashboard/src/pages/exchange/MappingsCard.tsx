/** Mappings: which metric of Prometheus is which of ours, for which machine. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Mapping } from '@muster/shared/api/remote-write.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { say } from '../../ui/Toast.tsx';
import { FormDialog } from '../settings/FormDialog.tsx';
import { mappingsQuery, useDeleteMapping, useSaveMapping } from './exchangeQueries.ts';
import { conditionsText } from './exchangeText.ts';
import { LineDialog } from './LineDialog.tsx';
import { MappingDialog } from './MappingDialog.tsx';

export function MappingsCard() {
  const t = useT();
  const mappings = useQuery(mappingsQuery);
  const refusal = useActionRefusal('exchange.write');
  const [adding, setAdding] = useState(false);
  return (
    <Card
      title={t('exchange.mappings.title')}
      note={t('exchange.mappings.note')}
      action={
        <Button size="small" icon="plus" disabledReason={refusal} onClick={() => setAdding(true)}>
          {t('exchange.mappings.add')}
        </Button>
      }
      flush
    >
      {mappings.data === undefined ? (
        mappings.error ? (
          <div className="px-4">
            <ErrorPanel error={mappings.error} retry={() => void mappings.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : mappings.data.length === 0 ? (
        <EmptyState>{t('exchange.mappings.none')}</EmptyState>
      ) : (
        <ul>
          {mappings.data.map((mapping) => (
            <MappingRow key={mapping.id} mapping={mapping} refusal={refusal} />
          ))}
        </ul>
      )}
      {adding && <MappingDialog mapping={null} onClose={() => setAdding(false)} />}
    </Card>
  );
}

interface RowProps {
  readonly mapping: Mapping;
  readonly refusal: string | undefined;
}

function MappingRow({ mapping, refusal }: RowProps) {
  const t = useT();
  const id = useId();
  const role = useRefusal('exchange.write');
  const errorWords = useErrorWords();
  const [open, setOpen] = useState(false);
  const [doing, setDoing] = useState<'edit' | 'line' | 'delete' | null>(null);
  const save = useSaveMapping();
  const { id: mappingId, origin, ...fields } = mapping;
  return (
    <li className="border-t border-line">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
        <div className="min-w-0 flex-1 basis-64">
          <h3 className={cx('font-medium', !mapping.enabled && 'text-text-3')}>
            {mapping.name}
            <span className="ml-2 text-12 font-normal text-text-3">
              {t(`exchange.mappings.origin.${origin}`)}
            </span>
          </h3>
          <Summary mapping={mapping} />
        </div>
        <Switch
          label={t('exchange.mappings.switch', { name: mapping.name })}
          checked={mapping.enabled}
          disabled={save.isPending}
          disabledReason={refusal}
          onChange={(enabled) =>
            save.mutate(
              { id: mappingId, body: { ...fields, enabled } },
              { onError: (error) => say(errorWords(error)) },
            )
          }
        >
          {t(mapping.enabled ? 'exchange.mappings.on' : 'exchange.mappings.off')}
        </Switch>
        <Button size="small" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {t(open ? 'exchange.mappings.hide' : 'exchange.mappings.show')}
        </Button>
        {role === undefined && (
          <Menu
            trigger={
              <IconButton
                icon="more"
                label={t('exchange.mappings.actionsFor', { name: mapping.name })}
                className="!size-7 coarse:!size-11"
              />
            }
          >
            <MenuItem onSelect={() => setDoing('edit')}>{t('exchange.mappings.edit')}</MenuItem>
            <MenuItem onSelect={() => setDoing('line')}>{t('exchange.mappings.addLine')}</MenuItem>
            {origin !== 'shipped' && (
              <MenuItem onSelect={() => setDoing('delete')}>
                {t(origin === 'own' ? 'exchange.mappings.delete' : 'exchange.mappings.reset')}
              </MenuItem>
            )}
          </Menu>
        )}
      </div>
      <div id={id} hidden={!open}>
        {open && <Lines mapping={mapping} mayEdit={role === undefined} />}
      </div>
      {doing === 'edit' && <MappingDialog mapping={mapping} onClose={() => setDoing(null)} />}
      {doing === 'line' && (
        <LineDialog mapping={mapping} index={null} from="" onClose={() => setDoing(null)} />
      )}
      {doing === 'delete' && <DeleteDialog mapping={mapping} onClose={() => setDoing(null)} />}
    </li>
  );
}

function Summary({ mapping }: { mapping: Mapping }) {
  const t = useT();
  const { machine, where, lines } = mapping;
  const parts = [
    t('exchange.mappings.lines', { count: lines.length }),
    t('exchange.mappings.machineBy', {
      label: machine.label,
      keys: machine.by.map((key) => t(`exchange.mappings.key.${key}`)).join(t('ui.listSeparator')),
    }),
    machine.stripPort ? t('exchange.mappings.withoutPort') : null,
    where.length === 0 ? null : t('exchange.mappings.where', { text: conditionsText(where) }),
  ].filter((part) => part !== null);
  return <p className="text-12 break-words text-text-3">{parts.join(' · ')}</p>;
}

function Lines({ mapping, mayEdit }: { mapping: Mapping; mayEdit: boolean }) {
  const t = useT();
  const [editing, setEditing] = useState<number | null>(null);
  return (
    <>
      <PlainTable
        label={mapping.name}
        wide
        head={[
          { id: 'from', label: t('exchange.mappings.from') },
          { id: 'to', label: t('exchange.mappings.to') },
          { id: 'instance', label: t('exchange.mappings.instance'), className: 'max-tablet:hidden' },
          {
            id: 'factor',
            label: t('exchange.mappings.factor'),
            align: 'right',
            className: 'max-tablet:hidden',
          },
          { id: 'where', label: t('exchange.mappings.conditions'), className: 'max-wide:hidden' },
          ...(mayEdit ? [{ id: 'do', label: t('exchange.keptOut.action'), align: 'right' as const }] : []),
        ]}
      >
        {mapping.lines.map((line, index) => (
          <tr key={`${line.from} ${line.to} ${index}`}>
            <td>
              <code className="break-all">{line.from}</code>
            </td>
            <td>
              <code className="break-all">{line.to}</code>
            </td>
            <td className="text-text-2 max-tablet:hidden">
              <code>{line.instanceLabel}</code>
            </td>
            <td className="text-right text-text-2 max-tablet:hidden">
              {line.factor === 1 ? '' : line.factor}
            </td>
            <td className="max-w-64 truncate text-12 text-text-3 max-wide:hidden">
              {conditionsText(line.where)}
            </td>
            {mayEdit && (
              <td className="w-20 text-right">
                <Button
                  size="small"
                  aria-label={t('exchange.mappings.editLine', { name: line.from })}
                  onClick={() => setEditing(index)}
                >
                  {t('exchange.mappings.edit')}
                </Button>
              </td>
            )}
          </tr>
        ))}
      </PlainTable>
      {editing !== null && (
        <LineDialog mapping={mapping} index={editing} from="" onClose={() => setEditing(null)} />
      )}
    </>
  );
}

function DeleteDialog({ mapping, onClose }: { mapping: Mapping; onClose: () => void }) {
  const t = useT();
  const remove = useDeleteMapping();
  const own = mapping.origin === 'own';
  return (
    <FormDialog
      title={t(own ? 'exchange.mappings.deleteTitle' : 'exchange.mappings.resetTitle', {
        name: mapping.name,
      })}
      text={t(own ? 'exchange.mappings.deleteText' : 'exchange.mappings.resetText')}
      button={t(own ? 'exchange.mappings.delete' : 'exchange.mappings.reset')}
      keep={t('exchange.mappings.keep')}
      danger
      right="exchange.write"
      state={remove}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(mapping.id, {
          onSuccess: () => {
            if (own) say(t('exchange.mappings.deleted', { name: mapping.name }));
            onClose();
          },
        })
      }
    />
  );
}
