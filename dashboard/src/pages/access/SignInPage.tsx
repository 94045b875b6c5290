/** Sign in: one card, language switch on it, errors in one sentence above the fields. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { ApiError, call } from '../../api/client.ts';
import { meQuery } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { LanguageButton } from '../../app/TopBar.tsx';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { PasswordField, TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Mark } from '../../ui/Icon.tsx';
import { useNow } from '../../util/clock.ts';
import { safeReturn } from '../../util/safe-return.ts';
import { clockTime, countdownText, millis } from '../../util/time.ts';

/** While the server does not answer it is asked again this often. */
const RETRY_MS = 3 * SECOND_MS;

export function SignInPage() {
  const t = useT();
  usePageTitle(t('access.signIn'));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => nameField.current?.focus(), []);
  const { submit, error, busy } = useSignIn({ name, password }, () => setPassword(''));
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-[360px]">
        <form
          className="card grid gap-4 p-6"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <div className="flex items-center gap-2.5">
            <Mark size={28} />
            <div className="min-w-0 flex-1">
              <h1 className="text-16">{t('shell.product')}</h1>
              <p className="truncate text-12 text-text-3">{window.location.host}</p>
            </div>
            <LanguageButton className="!block" />
          </div>
          {error && <SignInFailure error={error} />}
          <TextField
            label={t('access.name')}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            ref={nameField}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <PasswordField
            label={t('access.password')}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Button type="submit" look="primary" disabled={busy}>
            {t('access.signIn')}
          </Button>
        </form>
        <p className="mt-4 px-2 text-center text-12 text-text-3">{t('access.firstStart')}</p>
      </div>
    </main>
  );
}

/** What was typed is forgotten once the server looked at it and refused; one that does not answer is asked again. */
function useSignIn(given: { name: string; password: string }, forget: () => void) {
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const signIn = useMutation({
    mutationFn: () => call(ENDPOINTS.signIn, { body: given }),
    onSuccess: (user) => {
      queries.setQueryData(meQuery.queryKey, user);
      router.history.push(safeReturn(next));
    },
    onError: (error) => {
      if (!isAway(error)) forget();
    },
  });
  const { mutate, isPending } = signIn;
  // The refusal stays to be read while the server is asked again.
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    if (signIn.error !== null) setError(signIn.error);
  }, [signIn.error]);
  const away = error !== null && isAway(error);
  const complete = given.name !== '' && given.password !== '';
  useEffect(() => {
    if (!away || isPending || !complete) return;
    const timer = window.setTimeout(() => mutate(), RETRY_MS);
    return () => window.clearTimeout(timer);
  }, [away, isPending, complete, mutate]);
  return { submit: () => mutate(), error, busy: isPending && !away };
}

/** The server is not there, or not yet. */
function isAway(error: Error): boolean {
  return error instanceof ApiError && (error.code === 'unreachable' || error.code === 'server-starting');
}

/** The focus goes to the sentence, once for each new refusal. */
function SignInFailure({ error }: { error: Error }) {
  const box = useRef<HTMLDivElement>(null);
  const away = isAway(error);
  useEffect(() => {
    if (!away) box.current?.focus();
  }, [error, away]);
  return (
    <div
      ref={box}
      tabIndex={-1}
      className={`flex gap-2 rounded-md px-3 py-2 ${away ? 'bg-warn-weak text-warn-fg' : 'bg-crit-weak text-crit-fg'}`}
    >
      <Glyph name={away ? 'triangle' : 'square-x'} className="mt-1" />
      <FailureWords error={error} />
    </div>
  );
}

function FailureWords({ error }: { error: Error }) {
  const t = useT();
  const seconds = RETRY_MS / SECOND_MS;
  if (error instanceof ApiError) {
    const { code, retryAt } = error;
    if (code === 'sign-in-locked' && retryAt !== undefined) return <Locked untilMs={millis(retryAt)} />;
    if (code === 'server-starting')
      return <p role="alert">{t('access.serverStarting', { count: seconds })}</p>;
    if (code === 'unreachable') return <p role="alert">{t('access.serverAway', { count: seconds })}</p>;
    if (code === 'sign-in-failed') return <p role="alert">{t('access.wrong')}</p>;
    if (code === 'cross-site') return <p role="alert">{t('access.crossSite')}</p>;
  }
  return <p role="alert">{t('errors.unknown')}</p>;
}

/** Until when, in words for everybody, and counted down for those who look. */
function Locked({ untilMs }: { untilMs: Millis }) {
  const t = useT();
  const leftMs = untilMs - useNow(SECOND_MS);
  if (leftMs <= 0) return <p role="alert">{t('access.lockedOver')}</p>;
  return (
    <div>
      <p role="alert">{t('access.locked', { time: clockTime(untilMs, true) })}</p>
      <p aria-hidden="true" className="text-12">
        {t('access.lockedLeft', { span: countdownText(leftMs, t) })}
      </p>
    </div>
  );
}
