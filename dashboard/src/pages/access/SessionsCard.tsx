/** Where one is signed in, and how to end it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@muster/shared/api/access.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useSignOut } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateTimeText, millis, recordTime } from '../../util/time.ts';
import { sessionsQuery } from './queries.ts';

export function SessionsCard() {
  const t = useT();
  const words = useErrorWords();
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const endOthers = useMutation({
    mutationFn: () => call(ENDPOINTS.endOtherSessions, {}),
    onSuccess: ({ ended }) => say(t('access.signedOutCount', { count: ended })),
    onError: (error) => say(words(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const others = (sessions.data ?? []).filter(({ current }) => !current).length;
  return (
    <Card
      title={t('access.sessions.title')}
      action={
        others > 0 && (
          <Button size="small" disabled={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t('access.sessions.endOthers')}
          </Button>
        )
      }
      flush
    >
      <p className="px-4 pb-2.5 text-12 text-text-3">{t('access.sessions.text')}</p>
      {sessions.data ? (
        <ul className="border-t border-line [&>li+li]:border-t [&>li+li]:border-line">
          {sessions.data.map((session) => (
            <Row key={session.id} session={session} />
          ))}
          {others === 0 && (
            <li className="px-4 py-2.5 text-12 text-text-3">{t('access.sessions.onlyThis')}</li>
          )}
        </ul>
      ) : sessions.error ? (
        <div className="px-4">
          <ErrorPanel error={sessions.error} retry={() => void sessions.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={2} />
      )}
    </Card>
  );
}

function Row({ session }: { session: Session }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const end = useEnd(session);
  const name = browserName(session, t);
  const madeMs = millis(session.createdAt);
  const usedMs = millis(session.lastUsedAt);
  return (
    <li className="flex items-center gap-3 px-4 py-2.5">
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 font-medium">
          {name}
          {session.current && (
            <span className="rounded-full bg-up-weak px-2 text-12 leading-5 text-up-fg">
              {t('access.sessions.this')}
            </span>
          )}
        </span>
        <span className="flex flex-wrap gap-x-3 text-12 text-text-3">
          <time dateTime={session.createdAt} title={dateTimeText(madeMs, language)}>
            {t('access.sessions.from', {
              address: session.address,
              time: recordTime(madeMs, now, language),
            })}
          </time>
          <time dateTime={session.lastUsedAt} title={dateTimeText(usedMs, language)}>
            {t('access.sessions.used', { ago: agoText(usedMs, now, t) })}
          </time>
        </span>
      </span>
      <Button
        size="small"
        aria-label={t('access.sessions.endNamed', { name })}
        disabled={end.isPending}
        onClick={() => end.mutate()}
      >
        {t('access.sessions.end')}
      </Button>
    </li>
  );
}

function browserName({ browser, system }: Session, t: ReturnType<typeof useT>): string {
  if (browser !== '' && system !== '') return t('access.sessions.browser', { browser, system });
  return browser || system || t('access.sessions.unknown');
}

/** Ending the session that one is in is signing out. */
function useEnd({ id, current }: Session) {
  const words = useErrorWords();
  const queries = useQueryClient();
  const signOut = useSignOut();
  const end = useMutation({
    mutationFn: () => call(ENDPOINTS.endSession, { params: { id } }),
    onError: (error) => say(words(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return current ? signOut : end;
}
