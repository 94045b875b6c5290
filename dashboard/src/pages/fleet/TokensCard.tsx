/** Enrolment tokens: what each is good for, how much of it is used, and how to end it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EnrolmentToken } from '@muster/shared/api/fleet.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { TOKEN_NAMES } from '@muster/shared/given-names.ts';
import type { Millis } from '@muster/shared/time.ts';
import { enrolmentTokensQuery } from '../../api/queries.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { useGivenName } from '../../parts/givenName.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Term } from '../../ui/Term.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';
import { useAgentRefusal, useRevokeToken } from './agentActions.ts';

export function TokensCard() {
  const t = useT();
  const tokens = useQuery(enrolmentTokensQuery);
  const now = useNow(10_000);
  const [all, setAll] = useState(false);
  const usable = (tokens.data ?? []).filter((token) => tokenState(token, now) === 'usable');
  const over = (tokens.data?.length ?? 0) - usable.length;
  const given = useGivenName(TOKEN_NAMES);
  const nameOf = ({ name }: EnrolmentToken) => given({ id: name, name });
  const shown = all ? (tokens.data ?? []) : usable;
  return (
    <Card
      title={<Term id="enrolmentToken">{t('fleet.tokens.title')}</Term>}
      note={t('fleet.tokens.note')}
      action={
        over > 0 && (
          <button
            type="button"
            aria-pressed={all}
            onClick={() => setAll(!all)}
            className="text-accent hover:underline coarse:min-h-11"
          >
            {all ? t('fleet.tokens.hideOver') : t('fleet.tokens.showOver', { count: over })}
          </button>
        )
      }
      className="mt-4"
      flush
    >
      {tokens.data ? (
        shown.length === 0 ? (
          <div className="border-t border-line">
            <EmptyState>{t('fleet.tokens.none')}</EmptyState>
          </div>
        ) : (
          <PlainTable
            label={t('fleet.tokens.title')}
            head={[
              { id: 'name', label: t('fleet.tokens.name') },
              { id: 'place', label: t('fleet.tokens.place'), className: 'max-tablet:hidden' },
              { id: 'uses', label: t('fleet.tokens.uses'), align: 'right' },
              { id: 'until', label: t('fleet.tokens.until') },
              { id: 'made', label: t('fleet.tokens.made'), className: 'max-tablet:hidden' },
              { id: 'actions', label: t('fleet.column.actions'), align: 'right' },
            ]}
          >
            {shown.map((token) => (
              <TokenRow
                key={token.id}
                token={token}
                name={
                  shown.some(({ id, name }) => id !== token.id && name === token.name)
                    ? `${nameOf(token)} · ${token.id.slice(-ID_END_LENGTH)}`
                    : nameOf(token)
                }
              />
            ))}
          </PlainTable>
        )
      ) : tokens.error ? (
        <div className="px-4">
          <ErrorPanel error={tokens.error} retry={() => void tokens.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Card>
  );
}

/** Characters of the id that tell two tokens of one name apart. */
const ID_END_LENGTH = 4;

type TokenState = 'usable' | 'revoked' | 'expired' | 'usedUp';

function tokenState(token: EnrolmentToken, nowMs: Millis): TokenState {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt !== null && millis(token.expiresAt) <= nowMs) return 'expired';
  return token.uses >= token.usesMax ? 'usedUp' : 'usable';
}

const STATE_WORDS = {
  revoked: 'fleet.tokens.revoked',
  expired: 'fleet.tokens.expired',
  usedUp: 'fleet.tokens.usedUp',
} as const satisfies Record<Exclude<TokenState, 'usable'>, Key>;

/** `name`: told apart from that of another. */
function TokenRow({ token, name }: { token: EnrolmentToken; name: string }) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const now = useNow(10_000);
  const refusal = useAgentRefusal();
  const [asked, setAsked] = useState(false);
  const state = tokenState(token, now);
  const place = [token.class && words(CI_CLASSES[token.class].title), token.site, ...token.tags].filter(
    Boolean,
  );
  const madeMs = millis(token.createdAt);
  return (
    <tr className={state === 'usable' ? '' : 'text-text-3'}>
      <td className="max-w-52 truncate font-medium max-tablet:max-w-24" title={token.id}>
        {name}
      </td>
      <td className="max-w-72 truncate text-text-2 max-tablet:hidden">
        {[...place, ...(token.approval ? [t('fleet.tokens.approval')] : [])].join(' · ')}
      </td>
      <td className="text-right whitespace-nowrap">
        {t('fleet.tokens.usesOf', { uses: token.uses, max: token.usesMax })}
      </td>
      <td className="whitespace-nowrap">
        {state === 'usable' ? <Expiry atMs={millis(token.expiresAt)} /> : t(STATE_WORDS[state])}
      </td>
      <td className="whitespace-nowrap text-text-2 max-tablet:hidden">
        <time dateTime={token.createdAt} title={dateTimeText(madeMs, language)}>
          {recordTime(madeMs, now, language)}
        </time>
      </td>
      <td className="text-right">
        {state === 'usable' && (
          <Button
            size="small"
            aria-label={t('fleet.tokens.revokeNamed', { name })}
            disabledReason={refusal}
            onClick={() => setAsked(true)}
          >
            {t('fleet.revoke')}
          </Button>
        )}
        {asked && <RevokeDialog token={token} name={name} onClose={() => setAsked(false)} />}
      </td>
    </tr>
  );
}

function RevokeDialog({
  token: { id, uses },
  name,
  onClose,
}: {
  token: EnrolmentToken;
  name: string;
  onClose: () => void;
}) {
  const t = useT();
  const revoke = useRevokeToken(id);
  return (
    <AskDialog
      title={t('fleet.tokens.revokeTitle', { name })}
      text={t('fleet.tokens.revokeText', { count: uses })}
      button={t('fleet.revoke')}
      danger
      right="enrolment.write"
      state={revoke}
      onClose={onClose}
      onSubmit={() => revoke.mutate(undefined, { onSuccess: onClose })}
    />
  );
}

function Expiry({ atMs }: { atMs: Millis | null }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  if (atMs === null) return t('fleet.add.expires.never');
  return (
    <time dateTime={new Date(atMs).toISOString()} title={dateTimeText(atMs, language)}>
      {recordTime(atMs, now, language)}
    </time>
  );
}
