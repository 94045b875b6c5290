/** The users: who may come in, as what, and since when they were not here. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { User } from '@muster/shared/api/access.ts';
import { usersQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { LANGUAGE_NAMES } from '../../i18n/languages.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { type Column, DataTable, type Sort } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { Menu, MenuItem, MenuLinkItem } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import type { StateLook } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateTimeText, millis } from '../../util/time.ts';
import { AddUserDialog } from './AddUserDialog.tsx';
import { RolesCard } from './RolesCard.tsx';
import { UserDialog, type UserAct } from './userDialogs.tsx';

export function UsersSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.users'));
  const users = useQuery(usersQuery);
  const refusal = useActionRefusal('users.write');
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sort | null>(null);
  const [adding, setAdding] = useState(false);
  const [acting, setActing] = useState<{ user: User; act: UserAct } | null>(null);
  const needle = filter.trim().toLowerCase();
  const rows = useMemo(
    () => (users.data ?? []).filter((user) => searchText(user).includes(needle)),
    [users.data, needle],
  );
  const onAct = useCallback((user: User, act: UserAct) => setActing({ user, act }), []);
  const columns = useColumns(onAct);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('settings.nav.users')}</h1>
        <Button look="primary" icon="plus" disabledReason={refusal} onClick={() => setAdding(true)}>
          {t('settings.users.add')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('settings.users.intro')}</p>
      <div className="mt-3 flex">
        <SearchField label={t('ui.filter')} value={filter} onChange={setFilter} />
      </div>
      <section aria-label={t('settings.nav.users')} className="card mt-3 overflow-clip">
        {users.data ? (
          <DataTable
            label={t('settings.nav.users')}
            rows={rows}
            rowId={(user) => user.id}
            columns={columns}
            sort={sort}
            onSort={setSort}
            rowPx={48}
            narrowRow={(user) => <NarrowRow user={user} onAct={(act) => onAct(user, act)} />}
            empty={
              <EmptyState action={<Button onClick={() => setFilter('')}>{t('ui.clearFilters')}</Button>}>
                {t('settings.users.noneMatch', { text: filter })}
              </EmptyState>
            }
          />
        ) : users.error ? (
          <div className="px-4">
            <ErrorPanel error={users.error} retry={() => void users.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={4} />
        )}
      </section>
      <RolesCard />
      {adding && <AddUserDialog onClose={() => setAdding(false)} />}
      {acting && <UserDialog {...acting} onClose={() => setActing(null)} />}
    </>
  );
}

function searchText({ name, displayName }: User): string {
  return `${name} ${displayName}`.toLowerCase();
}

function useColumns(onAct: (user: User, act: UserAct) => void): Column<User>[] {
  const t = useT();
  return useMemo<Column<User>[]>(
    () => [
      {
        id: 'name',
        header: t('settings.users.column.name'),
        cell: (user) => <Who user={user} />,
        sortValue: (user) => user.name,
        widthPx: 190,
        grow: 2,
        priority: 1,
      },
      {
        id: 'role',
        header: t('settings.users.column.role'),
        cell: (user) => (
          <span className="block min-w-0 leading-tight">
            <span className="block truncate">{t(`states.role.${user.role}`)}</span>
            <span className="block truncate text-12 text-text-3">
              {t(`settings.users.roleHint.${user.role}`)}
            </span>
          </span>
        ),
        sortValue: (user) => user.role,
        widthPx: 170,
        grow: 3,
        priority: 2,
      },
      {
        id: 'language',
        header: t('settings.users.column.language'),
        cell: (user) => (
          <span className="text-text-2">
            {user.language === null ? t('settings.users.browserLanguage') : LANGUAGE_NAMES[user.language]}
          </span>
        ),
        sortValue: (user) => user.language ?? '',
        widthPx: 100,
        priority: 4,
      },
      {
        id: 'signIn',
        header: t('settings.users.column.lastSignIn'),
        cell: (user) => <LastSignIn user={user} />,
        sortValue: (user) => millis(user.lastSignInAt),
        widthPx: 130,
        priority: 3,
      },
      {
        id: 'state',
        header: t('settings.users.column.state'),
        cell: (user) => <StatusBadge look={lookOf(user)} />,
        sortValue: (user) => Number(user.disabled),
        widthPx: 110,
        priority: 2,
      },
      {
        id: 'actions',
        header: '',
        spokenHeader: t('settings.users.column.actions'),
        align: 'right',
        cell: (user) => <UserMenu user={user} onAct={(act) => onAct(user, act)} />,
        widthPx: 60,
        priority: 1,
      },
    ],
    [t, onAct],
  );
}

function lookOf({ disabled }: User): StateLook {
  return disabled
    ? { word: 'settings.users.disabled', glyph: 'ring', tone: 'idle' }
    : { word: 'settings.users.active', glyph: 'disc', tone: 'up' };
}

function Who({ user }: { user: User }) {
  const t = useT();
  const own = useMe()?.id === user.id;
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <Avatar name={user.displayName} />
      <span className="min-w-0 leading-tight">
        <span className="block truncate font-medium">{user.displayName}</span>
        <span className="block truncate text-12 text-text-3">
          {own ? t('settings.users.you', { name: user.name }) : user.name}
        </span>
      </span>
    </span>
  );
}

function LastSignIn({ user }: { user: User }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  if (user.lastSignInAt === null) return <span className="text-text-3">{t('time.never')}</span>;
  const atMs = millis(user.lastSignInAt);
  return (
    <time dateTime={user.lastSignInAt} title={dateTimeText(atMs, language)} className="text-text-2">
      {agoText(atMs, now, t)}
    </time>
  );
}

/** Nobody locks the own account: what would is not offered there. */
function UserMenu({ user, onAct }: { user: User; onAct: (act: UserAct) => void }) {
  const t = useT();
  const own = useMe()?.id === user.id;
  return (
    <Menu
      trigger={
        <IconButton
          icon="more"
          label={t('settings.users.actionsFor', { name: user.displayName })}
          className="!size-7 coarse:!size-11"
        />
      }
    >
      <MenuItem onSelect={() => onAct('rename')}>{t('settings.users.rename')}</MenuItem>
      {own ? (
        <MenuLinkItem render={<Link to="/account">{t('settings.users.ownPage')}</Link>} />
      ) : (
        <>
          <MenuItem onSelect={() => onAct('role')}>{t('settings.users.changeRole')}</MenuItem>
          <MenuItem onSelect={() => onAct('password')}>{t('settings.users.setPassword')}</MenuItem>
          <MenuItem onSelect={() => onAct('signOut')}>{t('settings.users.signOut')}</MenuItem>
          <MenuItem onSelect={() => onAct(user.disabled ? 'enable' : 'disable')}>
            {user.disabled ? t('settings.users.enable') : t('settings.users.disable')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

function NarrowRow({ user, onAct }: { user: User; onAct: (act: UserAct) => void }) {
  const t = useT();
  return (
    <span className="flex h-full min-w-0 items-center gap-2">
      <span className="min-w-0 flex-1">
        <Who user={user} />
      </span>
      <span className="flex flex-none flex-col items-end gap-0.5 text-12">
        <span className="text-text-2">{t(`states.role.${user.role}`)}</span>
        {user.disabled ? <StatusBadge look={lookOf(user)} /> : <LastSignIn user={user} />}
      </span>
      <UserMenu user={user} onAct={onAct} />
    </span>
  );
}
