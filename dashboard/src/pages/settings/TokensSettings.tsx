/** API tokens: what programs and wallboards come in with. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiToken } from '@muster/shared/api/access.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { apiTokensQuery, useAccessErrorWords, useChangeRefusal, useDeleteToken } from './accessActions.ts';
import { NewTokenDialog } from './NewTokenDialog.tsx';

export function TokensSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.tokens'));
  const tokens = useQuery(apiTokensQuery);
  const refusal = useChangeRefusal('tokens.write');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('settings.nav.tokens')}</h1>
        <Button look="primary" icon="plus" disabledReason={refusal} onClick={() => setMaking(true)}>
          {t('settings.tokens.make')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">
        {t('settings.tokens.intro')}{' '}
        <Link to="/agents" className="text-accent hover:underline">
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

function TokenTable({
  tokens,
  onRevoke,
}: {
  tokens: readonly ApiToken[];
  onRevoke: (token: ApiToken) => void;
}) {
  const t = useT();
  return (
    <PlainTable
      label={t('settings.nav.tokens')}
      head={[
        { id: 'name', label: t('settings.tokens.column.name') },
        { id: 'role', label: t('settings.users.column.role') },
        { id: 'used', label: t('settings.tokens.column.used') },
        { id: 'until', label: t('settings.tokens.column.until'), className: 'max-tablet:hidden' },
        { id: 'made', label: t('settings.tokens.column.made'), className: 'max-tablet:hidden' },
        { id: 'actions', label: t('settings.users.column.actions'), align: 'right' },
      ]}
    >
      {tokens.toReversed().map((token) => (
        <TokenRow key={token.id} token={token} onRevoke={() => onRevoke(token)} />
      ))}
    </PlainTable>
  );
}

function TokenRow({ token, onRevoke }: { token: ApiToken; onRevoke: () => void }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useChangeRefusal('tokens.write');
  const now = useNow(30_000);
  const usedMs = millis(token.lastUsedAt);
  const untilMs = millis(token.expiresAt);
  const over = untilMs !== null && untilMs <= now;
  return (
    <tr className={over ? 'text-text-3' : ''}>
      <td className="max-w-60 truncate font-medium max-tablet:max-w-28">{token.name}</td>
      <td className="whitespace-nowrap">{t(`states.role.${token.role}`)}</td>
      <td className="whitespace-nowrap text-text-2">
        {usedMs === null ? (
          t('time.never')
        ) : (
          <time dateTime={token.lastUsedAt ?? ''} title={dateTimeText(usedMs, language)}>
            {agoText(usedMs, now, t)}
          </time>
        )}
      </td>
      <td className="whitespace-nowrap max-tablet:hidden">
        {untilMs === null ? (
          t('settings.tokens.never')
        ) : (
          <time dateTime={token.expiresAt ?? ''} title={dateTimeText(untilMs, language)}>
            {over ? t('settings.tokens.over') : dateText(untilMs, language)}
          </time>
        )}
      </td>
      <td className="whitespace-nowrap text-text-2 max-tablet:hidden">
        <time dateTime={token.createdAt} title={dateTimeText(millis(token.createdAt), language)}>
          {dateText(millis(token.createdAt), language)}
        </time>
      </td>
      <td className="text-right">
        <Button
          size="small"
          aria-label={t('settings.tokens.revokeNamed', { name: token.name })}
          disabledReason={refusal}
          onClick={onRevoke}
        >
          {t('settings.tokens.revoke')}
        </Button>
      </td>
    </tr>
  );
}

function RevokeDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const t = useT();
  const words = useAccessErrorWords();
  const refusal = useChangeRefusal('tokens.write');
  const revoke = useDeleteToken();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('settings.tokens.revokeTitle', { name: token.name })}
      description={t('settings.tokens.revokeText')}
    >
      {revoke.error && (
        <p role="alert" className="text-12 font-medium text-crit-fg">
          {words(revoke.error)}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('settings.tokens.keep')}</Button>
        <Button
          look="danger"
          disabled={revoke.isPending}
          disabledReason={refusal}
          onClick={() => revoke.mutate(token.id, { onSuccess: onClose })}
        >
          {t('settings.tokens.revoke')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
