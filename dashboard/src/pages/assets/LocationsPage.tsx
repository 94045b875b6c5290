/** The locations as a tree, with what is at each; new ones are added below any. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { LocationNode } from '@muster/shared/api/assets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Waiting } from './Waiting.tsx';
import { locationsQuery } from './queries.ts';

const KINDS = ['site', 'building', 'floor', 'room', 'rack', 'desk'] as const;

export function LocationsPage() {
  const t = useT();
  const title = t('shell.nav.locations');
  usePageTitle(title);
  const refusal = useActionRefusal('cis.write');
  const list = useQuery(locationsQuery);
  const [below, setBelow] = useState<LocationNode | 'root' | null>(null);
  const items = list.data?.items;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{title}</h1>
        <Button icon="plus" disabledReason={refusal} onClick={() => setBelow('root')}>
          {t('assets.place.new')}
        </Button>
      </div>
      {items === undefined ? (
        <Waiting error={list.error} retry={() => void list.refetch()} />
      ) : (
        <Card className="mt-3" flush title={title} note={items.length}>
          {items.length === 0 ? (
            <EmptyState>{t('assets.place.none')}</EmptyState>
          ) : (
            <Tree
              items={items}
              parentId={null}
              depth={0}
              onAdd={refusal === undefined ? setBelow : undefined}
            />
          )}
        </Card>
      )}
      {below !== null && (
        <NewDialog parent={below === 'root' ? null : below} onClose={() => setBelow(null)} />
      )}
    </>
  );
}

const DEPTH_MAX = 12;
const INDENTS = ['pl-4', 'pl-9', 'pl-14', 'pl-[76px]', 'pl-24'] as const;

function Tree({
  items,
  parentId,
  depth,
  onAdd,
}: {
  items: readonly LocationNode[];
  parentId: string | null;
  depth: number;
  onAdd: ((node: LocationNode) => void) | undefined;
}) {
  const t = useT();
  const here = items.filter((item) => item.parentId === parentId);
  if (here.length === 0 || depth > DEPTH_MAX) return null;
  return (
    <ul>
      {here.map((node) => (
        <li key={node.id}>
          <div
            className={`flex min-h-(--row) items-center gap-2 border-t border-line pr-4 ${INDENTS[Math.min(depth, INDENTS.length - 1)] ?? ''}`}
          >
            <Icon name="home" className="text-text-3" />
            <Link
              to="/cis/$id"
              params={{ id: node.id }}
              className="min-w-0 truncate font-medium hover:text-accent"
            >
              {node.name}
            </Link>
            {node.kind !== null && <span className="text-12 text-text-3">{kindWord(node.kind, t)}</span>}
            <span className="ml-auto text-12 whitespace-nowrap text-text-2">
              {t('assets.place.count', { count: node.assetsBelow })}
            </span>
            {onAdd && (
              <Button
                size="small"
                look="quiet"
                aria-label={t('assets.place.addBelow', { name: node.name })}
                onClick={() => onAdd(node)}
              >
                <Icon name="plus" size={14} />
              </Button>
            )}
          </div>
          <Tree items={items} parentId={node.id} depth={depth + 1} onAdd={onAdd} />
        </li>
      ))}
    </ul>
  );
}

function kindWord(kind: string, t: ReturnType<typeof useT>): string {
  const known = KINDS.find((each) => each === kind);
  return known === undefined ? kind : t(`assets.place.kind.${known}`);
}

function NewDialog({ parent, onClose }: { parent: LocationNode | null; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const errorWords = useErrorWords();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>(parent === null ? 'site' : 'room');
  const save = useMutation({
    mutationFn: async () => {
      const made = await call(ENDPOINTS.createCi, {
        body: { class: 'Location', name: name.trim(), set: { kind } },
      });
      if (parent !== null)
        await call(ENDPOINTS.createRelations, {
          body: { items: [{ type: 'locatedAt', fromId: made.id, toId: parent.id }] },
        });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['assets'] });
      void queries.invalidateQueries({ queryKey: ['cmdb'] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={parent === null ? t('assets.place.new') : t('assets.place.addBelow', { name: parent.name })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
        className="grid gap-3"
      >
        <TextField
          label={t('assets.name')}
          value={name}
          maxLength={128}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t('assets.place.kindTitle')}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`assets.place.kind.${value}`) }))}
          onChange={setKind}
        />
        {save.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(save.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={name.trim() === '' || save.isPending}>
            {t('ui.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
