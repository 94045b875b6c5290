/** API tokens: what programs and wallboards come in with. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ApiToken } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Term } from '../../ui/Term.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { apiTokensQuery, useDeleteToken } from './accessActions.ts';
import { FormDialog } from './FormDialog.tsx';
import { NewTokenDialog } from './NewTokenDialog.tsx';
import { roleWord } from './roleWords.ts';

export function TokensSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.tokens'));
  const tokens = useQuery(apiTokensQuery);
  const refusal = useActionRefusal('tokens.write');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">
          <Term id="apiToken">{t('settings.nav.tokens')}</Term>
        </h1>
        <Button look="primary" icon="plus" disabledReason={refusal} onClick={() => setMaking(true)}>
          {t('settings.tokens.make')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">
        {t('settings.tokens.intro')}{' '}
        <Link to="/agents" className="text-accent underline">
          {t('settings.tokens.toEnrolment')}
        </Link>
      </p>
      <section aria-label={t('settings.nav.tokens')} className="card mt-3 overflow-clip">
        {tokens.data ? (
          tokens.data.length === 0 ? (
            <EmptyState
              action={
                <Button disabledReason={refusal} onClick={() => setMaking(true)}>
                  {t('settings.tokens.make')}
                </Button>
              }
            >
              {t('settings.tokens.none')}
            </EmptyState>
          ) : (
            <TokenTable tokens={tokens.data} onRevoke={setRevoking} />
          )
        ) : tokens.error ? (
          <div className="px-4">
            <ErrorPanel error={tokens.error} retry={() => void tokens.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )}
      </section>
      {making && <NewTokenDialog onClose={() => setMaking(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

interface TokenProps {
  readonly token: ApiToken;
  readonly onRevoke: (token: ApiToken) => void;
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly ApiToken[]; onRevoke: TokenProps['onRevoke'] }) {
  const t = useT();
  const now = useNow(30_000);
  const rows = useMemo(
    () => tokens.toReversed().sort((a, b) => Number(isOver(a, now)) - Number(isOver(b, now))),
    [tokens, now],
  );
  return (
    <DataTable
      label={t('settings.nav.tokens')}
      rows={rows}
      rowId={(token) => token.id}
      columns={useColumns(onRevoke)}
      narrowRow={(token) => <NarrowRow token={token} onRevoke={onRevoke} />}
      empty={null}
    />
  );
}

function isOver({ expiresAt }: ApiToken, nowMs: Millis): boolean {
  return expiresAt !== null && millis(expiresAt) <= nowMs;
}

function useColumns(onRevoke: TokenProps['onRevoke']): Column<ApiToken>[] {
  const t = useT();
  return useMemo<Column<ApiToken>[]>(
    () => [
      {
        id: 'name',
        header: t('settings.tokens.column.name'),
        cell: (token) => <Name token={token} />,
        widthPx: 180,
        grow: 2,
        priority: 1,
      },
      {
        id: 'role',
        header: t('settings.users.column.role'),
        cell: (token) => t(roleWord(token.role)),
        widthPx: 110,
        grow: 1,
        priority: 1,
      },
      {
        id: 'used',
        header: t('settings.tokens.column.used'),
        cell: (token) => <Used token={token} />,
        widthPx: 130,
        grow: 1,
        priority: 2,
      },
      {
        id: 'until',
        header: t('settings.tokens.column.until'),
        cell: (token) => <Until token={token} />,
        widthPx: 120,
        grow: 1,
        priority: 3,
      },
      {
        id: 'made',
        header: t('settings.tokens.column.made'),
        cell: (token) => <Day at={token.createdAt} />,
        widthPx: 120,
        grow: 1,
        priority: 4,
      },
      {
        id: 'actions',
        header: '',
        spokenHeader: t('settings.users.column.actions'),
        align: 'right',
        cell: (token) => <RevokeButton token={token} onRevoke={onRevoke} />,
        widthPx: 96,
        priority: 1,
      },
    ],
    [t, onRevoke],
  );
}

function NarrowRow({ token, onRevoke }: TokenProps) {
  const t = useT();
  return (
    <span className="flex h-full min-w-0 items-center gap-3">
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <Name token={token} />
        </span>
        <span className="flex flex-wrap gap-x-2 text-12 leading-4 text-text-3">
          <span>{t(roleWord(token.role))}</span>
          <Until token={token} narrow />
          <Used token={token} />
        </span>
      </span>
      <RevokeButton token={token} onRevoke={onRevoke} />
    </span>
  );
}

function Name({ token }: { token: ApiToken }) {
  const over = isOver(token, useNow(30_000));
  return <span className={over ? 'text-text-3' : 'font-medium'}>{token.name}</span>;
}

function Used({ token }: { token: ApiToken }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  if (token.lastUsedAt === null) return <span className="text-text-3">{t('settings.tokens.notUsed')}</span>;
  const usedMs = millis(token.lastUsedAt);
  return (
    <time dateTime={token.lastUsedAt} title={dateTimeText(usedMs, language)} className="text-text-2">
      {agoText(usedMs, now, t)}
    </time>
  );
}

/** `narrow`: without a heading above it. */
function Until({ token, narrow = false }: { token: ApiToken; narrow?: boolean }) {
  const t = useT();
  const language = useLanguage();
  const over = isOver(token, useNow(30_000));
  if (token.expiresAt === null) return t('settings.tokens.never');
  if (over) return <span className="text-text-3">{t('settings.tokens.over')}</span>;
  return narrow ? (
    <span className="text-text-2">
      {t('settings.tokens.validUntil', { date: dateText(millis(token.expiresAt), language) })}
    </span>
  ) : (
    <Day at={token.expiresAt} />
  );
}

function Day({ at }: { at: string }) {
  const language = useLanguage();
  return (
    <time dateTime={at} title={dateTimeText(millis(at), language)} className="text-text-2">
      {dateText(millis(at), language)}
    </time>
  );
}

function RevokeButton({ token, onRevoke }: TokenProps) {
  const t = useT();
  const refusal = useActionRefusal('tokens.write');
  return (
    <Button
      size="small"
      aria-label={t('settings.tokens.revokeNamed', { name: token.name })}
      disabledReason={refusal}
      onClick={() => onRevoke(token)}
    >
      {t('settings.tokens.revoke')}
    </Button>
  );
}

function RevokeDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const t = useT();
  const revoke = useDeleteToken();
  return (
    <FormDialog
      title={t('settings.tokens.revokeTitle', { name: token.name })}
      text={t('settings.tokens.revokeText')}
      button={t('settings.tokens.revoke')}
      keep={t('settings.tokens.keep')}
      danger
      right="tokens.write"
      state={revoke}
      onClose={onClose}
      onSubmit={() => revoke.mutate(token.id, { onSuccess: onClose })}
    />
  );
}
