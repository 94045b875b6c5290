/** Own name, language, theme and password. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { PASSWORD_LENGTH_MIN, type User } from '@muster/shared/api/access.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { keptTheme, setTheme, THEMES, usePreference } from '../../app/preferences.ts';
import { meQuery, useMe, useSetLanguage } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { LANGUAGE_OPTIONS } from '../../i18n/languages.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { PasswordField, SelectField, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { clockTime, millis } from '../../util/time.ts';
import { SessionsCard } from './SessionsCard.tsx';
import { sessionsQuery } from './queries.ts';

export function AccountPage() {
  const t = useT();
  usePageTitle(t('access.account'));
  const me = useMe();
  if (me === undefined) return null;
  return (
    <div className="grid max-w-2xl gap-4">
      <h1>{t('access.account')}</h1>
      <Profile me={me} />
      <Appearance me={me} />
      <Password me={me} />
      <SessionsCard />
    </div>
  );
}

function Profile({ me }: { me: User }) {
  const t = useT();
  const words = useErrorWords();
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState(me.displayName);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.updateMe, { body: { displayName } }),
    onSuccess: (user) => {
      queries.setQueryData(meQuery.queryKey, user);
      say(t('access.saved'));
    },
  });
  const changed = displayName.trim() !== '' && displayName.trim() !== me.displayName;
  return (
    <Card title={t('access.profile')} note={`${me.name} · ${t(`states.role.${me.role}`)}`}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={t('access.displayName')}
          value={displayName}
          maxLength={128}
          error={save.isError ? words(save.error) : undefined}
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <div>
          <Button type="submit" disabled={!changed || save.isPending}>
            {t('ui.save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Appearance({ me }: { me: User }) {
  const t = useT();
  const setLanguage = useSetLanguage();
  usePreference('theme');
  return (
    <Card title={t('access.appearance')}>
      <div className="grid gap-3 tablet:grid-cols-2">
        <SelectField
          label={t('shell.language')}
          value={me.language ?? 'browser'}
          options={[{ value: 'browser', label: t('access.languageOfBrowser') }, ...LANGUAGE_OPTIONS]}
          onChange={(chosen) => setLanguage(chosen === 'browser' ? null : chosen)}
        />
        <SelectField
          label={t('shell.theme.label')}
          value={keptTheme()}
          options={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
          onChange={setTheme}
        />
      </div>
    </Card>
  );
}

function Password({ me }: { me: User }) {
  const t = useT();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [submitted, setSubmitted] = useState(false);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.updateMe, { body: { password: { current, next } } }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      setAgain('');
      setSubmitted(false);
      say(t('access.passwordChanged'));
      void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const tooShort = submitted && next.length < PASSWORD_LENGTH_MIN;
  const differs = submitted && next !== again;
  const refusal = useCurrentRefusal(save.error);
  return (
    <Card title={t('access.changePassword')}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          setSubmitted(true);
          if (next.length >= PASSWORD_LENGTH_MIN && next === again) save.mutate();
        }}
      >
        <input type="text" name="username" autoComplete="username" value={me.name} readOnly hidden />
        <PasswordField
          label={t('access.currentPassword')}
          autoComplete="current-password"
          required
          value={current}
          error={refusal}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <PasswordField
          label={t('access.newPassword')}
          autoComplete="new-password"
          required
          value={next}
          help={t('access.passwordRuleEnds', { count: PASSWORD_LENGTH_MIN })}
          error={tooShort ? t('access.passwordShort', { count: PASSWORD_LENGTH_MIN }) : undefined}
          onChange={(event) => setNext(event.target.value)}
        />
        <PasswordField
          label={t('access.newPasswordAgain')}
          autoComplete="new-password"
          required
          value={again}
          error={differs ? t('access.passwordDiffers') : undefined}
          onChange={(event) => setAgain(event.target.value)}
        />
        <div>
          <Button type="submit" disabled={save.isPending}>
            {t('access.changePassword')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** Why the password was not changed, under the field that it is about. */
function useCurrentRefusal(error: Error | null): string | undefined {
  const t = useT();
  const words = useErrorWords();
  if (error === null) return undefined;
  if (!(error instanceof ApiError)) return words(error);
  if (error.code === 'sign-in-failed') return t('access.currentWrong');
  if (error.code === 'sign-in-locked' && error.retryAt !== undefined) {
    return t('access.currentLocked', { time: clockTime(millis(error.retryAt), true) });
  }
  return words(error);
}
