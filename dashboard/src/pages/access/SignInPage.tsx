/** Sign in: one card, language switch on it, errors in one sentence above the fields. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { meQuery } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { LanguageButton } from '../../app/TopBar.tsx';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { PasswordField, TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Mark } from '../../ui/Icon.tsx';
import { safeReturn } from '../../util/safe-return.ts';

/** While the server does not answer it is asked again this often. */
const RETRY_MS = 3_000;

export function SignInPage() {
  const t = useT();
  const language = useLanguage();
  usePageTitle(t('access.signIn'));
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const failure = useRef<HTMLParagraphElement>(null);
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => nameField.current?.focus(), []);
  const signIn = useMutation({
    mutationFn: () => call(ENDPOINTS.signIn, { body: { name, password, language } }),
    onSuccess: (user) => {
      queries.setQueryData(meQuery.queryKey, user);
      router.history.push(safeReturn(next));
    },
    onError: () => setPassword(''),
  });
  const { error, mutate } = signIn;
  const unreachable = error instanceof ApiError && error.status === 0;
  useEffect(() => {
    if (error !== null) failure.current?.focus();
  }, [error]);
  useEffect(() => {
    if (!unreachable || name === '' || password === '') return;
    const timer = window.setTimeout(() => mutate(), RETRY_MS);
    return () => window.clearTimeout(timer);
  }, [unreachable, mutate, name, password]);

  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-[360px]">
        <form
          className="card grid gap-4 p-6"
          onSubmit={(event) => {
            event.preventDefault();
            mutate();
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
          {error && (
            <p
              ref={failure}
              tabIndex={-1}
              role="alert"
              className="flex gap-2 rounded-md bg-crit-weak px-3 py-2 text-crit-fg"
            >
              <Glyph name="square-x" className="mt-1" />
              <SignInFailure error={error} />
            </p>
          )}
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
          <Button type="submit" look="primary" disabled={signIn.isPending && !unreachable}>
            {t('access.signIn')}
          </Button>
        </form>
        <p className="mt-4 px-2 text-center text-12 text-text-3">{t('access.firstStart')}</p>
      </div>
    </main>
  );
}

function SignInFailure({ error }: { error: Error }) {
  const t = useT();
  if (!(error instanceof ApiError)) return t('errors.unknown');
  if (error.status === 0 || error.code === 'server-starting') return t('access.serverAway');
  if (error.code === 'sign-in-failed') return t('access.wrong');
  if (error.code === 'sign-in-locked') return t('access.locked', { detail: error.message });
  return t('errors.unknown');
}
