/** Saved views of the list: as tabs, kept by name, renamed, shared and deleted with a way back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { defaultParseSearch, defaultStringifySearch, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type View, VIEW_NAME_LENGTH_MAX, VIEWS_PER_PERSON_MAX } from '@muster/shared/api/machines.ts';
import { call } from '../../api/client.ts';
import { useMay } from '../../app/session.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, TextField } from '../../ui/Field.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { say } from '../../ui/Toast.tsx';
import { viewsQuery } from './listQueries.ts';
import { MachinesSearch } from './search.ts';

/** What of the address a view keeps: filters and order, in one spelling. */
export function viewSearch({ view: _view, hide: _hide, ...rest }: MachinesSearch): string {
  const sorted = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return defaultStringifySearch(Object.fromEntries(sorted)).replace(/^\?/, '');
}

function searchOf({ id, search }: View): MachinesSearch {
  return { ...MachinesSearch.parse(defaultParseSearch(search)), view: id };
}

export interface OpenView {
  readonly view: View | undefined;
  /** Columns left out: by the address, else by the view, else by this person. */
  readonly hiddenColumns: readonly string[];
  /** The address says something else than the view. */
  readonly changed: boolean;
}

export function useOpenView(search: MachinesSearch, own: readonly string[]): OpenView {
  const view = useQuery(viewsQuery).data?.find(({ id }) => id === search.view);
  const ofView = view?.hiddenColumns ?? own;
  const hiddenColumns = search.hide === undefined ? ofView : search.hide.split(',').filter(Boolean);
  const changed =
    view !== undefined &&
    (viewSearch(search) !== view.search || hiddenColumns.toSorted().join() !== ofView.toSorted().join());
  return { view, hiddenColumns, changed };
}

/** The tabs; nothing while nobody has kept a view. */
export function ViewTabs({ open }: { open: View | undefined }) {
  const t = useT();
  const views = useQuery(viewsQuery).data ?? [];
  if (views.length === 0) return null;
  const look = (current: boolean) =>
    cx(
      'inline-flex h-9 flex-none items-center gap-1.5 border-b-2 px-1 whitespace-nowrap coarse:h-11',
      current ? 'border-accent font-medium text-text' : 'border-transparent text-text-2 hover:text-text',
    );
  return (
    <nav
      aria-label={t('machines.list.views')}
      className="scrollbar-none mt-2 flex gap-4 overflow-x-auto border-b border-line"
    >
      <Link
        to="/machines"
        search={{}}
        aria-current={open === undefined ? 'page' : undefined}
        className={look(open === undefined)}
      >
        {t('machines.list.allMachines')}
      </Link>
      {views.map((view) => (
        <Link
          key={view.id}
          to="/machines"
          search={searchOf(view)}
          aria-current={view.id === open?.id ? 'page' : undefined}
          title={
            view.shared ? t('machines.list.sharedBy', { name: view.owner.replace(/^\w+:/, '') }) : undefined
          }
          className={look(view.id === open?.id)}
        >
          {view.name}
        </Link>
      ))}
    </nav>
  );
}

type ViewBody = Pick<View, 'name' | 'search' | 'hiddenColumns' | 'shared'>;

function useViewActions() {
  const t = useT();
  const queries = useQueryClient();
  const words = useErrorWords();
  const read = () => queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
  const onError = (error: unknown) => say(words(error));
  const create = useMutation({
    mutationFn: (body: ViewBody) => call(ENDPOINTS.createView, { body }),
    onSuccess: read,
    onError,
  });
  const update = useMutation({
    mutationFn: ({ id, ...body }: Partial<ViewBody> & { id: string }) =>
      call(ENDPOINTS.updateView, { params: { id }, body }),
    onSuccess: read,
    onError,
  });
  const remove = useMutation({
    mutationFn: ({ id }: View) => call(ENDPOINTS.deleteView, { params: { id } }),
    onSuccess: async (_answer, { name, search, hiddenColumns, shared }) => {
      await read();
      say(t('machines.list.viewDeleted', { name }), {
        label: t('ui.undo'),
        onPress: () => create.mutate({ name, search, hiddenColumns, shared }),
      });
    },
    onError,
  });
  return { create, update, remove };
}

export interface ViewActionsProps {
  readonly search: MachinesSearch;
  readonly open: OpenView;
  /** Something is filtered or ordered: there is a view to keep. */
  readonly worthKeeping: boolean;
  readonly go: (search: MachinesSearch) => void;
}

/** Save as a view, save the changes of the open one, and its menu. */
export function ViewActions({
  search,
  open: { view, hiddenColumns, changed },
  worthKeeping,
  go,
}: ViewActionsProps) {
  const t = useT();
  const mayShare = useMay('views.share');
  const actions = useViewActions();
  const [dialog, setDialog] = useState<'create' | 'rename' | null>(null);
  const mayChange = view !== undefined && (view.mine || mayShare);
  const kept = {
    search: viewSearch(search),
    hiddenColumns: hiddenColumns.length === 0 ? [] : [...hiddenColumns],
  };
  return (
    <>
      {view !== undefined && changed && mayChange && (
        <Button
          size="small"
          look="quiet"
          onClick={() =>
            actions.update.mutate(
              { id: view.id, ...kept },
              { onSuccess: () => go({ ...search, hide: undefined }) },
            )
          }
        >
          {t('machines.list.saveChanges')}
        </Button>
      )}
      {(view === undefined ? worthKeeping : changed) && (
        <Button size="small" look="quiet" onClick={() => setDialog('create')}>
          {t('machines.list.saveView')}
        </Button>
      )}
      {mayChange && (
        <Menu trigger={<IconButton icon="more" label={t('machines.list.viewMenu', { name: view.name })} />}>
          <MenuItem onSelect={() => setDialog('rename')}>{t('machines.list.rename')}</MenuItem>
          {mayShare && (
            <MenuItem onSelect={() => actions.update.mutate({ id: view.id, shared: !view.shared })}>
              {t(view.shared ? 'machines.list.unshare' : 'machines.list.share')}
            </MenuItem>
          )}
          <MenuItem
            onSelect={() =>
              actions.remove.mutate(view, {
                onSuccess: () => go({ ...search, view: undefined, hide: undefined }),
              })
            }
          >
            {t('machines.list.deleteView')}
          </MenuItem>
        </Menu>
      )}
      {dialog !== null && (
        <ViewDialog
          view={dialog === 'rename' ? view : undefined}
          mayShare={mayShare && dialog === 'create'}
          onClose={() => setDialog(null)}
          onSave={async ({ name, shared }) => {
            if (dialog === 'rename' && view) await actions.update.mutateAsync({ id: view.id, name });
            else {
              const made = await actions.create.mutateAsync({ name, shared, ...kept });
              go({ ...search, view: made.id, hide: undefined });
            }
          }}
        />
      )}
    </>
  );
}

function ViewDialog({
  view,
  mayShare,
  onClose,
  onSave,
}: {
  view: View | undefined;
  mayShare: boolean;
  onClose: () => void;
  onSave: (input: { name: string; shared: boolean }) => Promise<void>;
}) {
  const t = useT();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(false);
  const save = useMutation({ mutationFn: onSave, onSuccess: onClose });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(view ? 'machines.list.rename' : 'machines.list.saveView')}
      description={view ? undefined : t('machines.list.saveViewHelp', { count: VIEWS_PER_PERSON_MAX })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ name: name.trim(), shared });
        }}
        className="grid gap-3"
      >
        <TextField
          label={t('machines.list.viewName')}
          value={name}
          maxLength={VIEW_NAME_LENGTH_MAX}
          required
          onChange={(event) => setName(event.target.value)}
        />
        {mayShare && (
          <CheckField
            label={t('machines.list.shareNew')}
            checked={shared}
            onChange={(event) => setShared(event.target.checked)}
          />
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
