/** Adds a user; a made-up password is shown once, afterwards. */
import { useState } from 'react';
import { type Language, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@muster/shared/api/access.ts';
import { type Role, ROLES } from '@muster/shared/api/rights.ts';
import { ApiError } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { LANGUAGE_OPTIONS } from '../../i18n/languages.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { PasswordField, SelectField, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { useAccessErrorWords, useCreateUser } from './accessActions.ts';
import { FormDialog } from './FormDialog.tsx';
import { newPassword } from './newPassword.ts';
import { RoleChoice } from './RolesCard.tsx';

/** Choice of a select: nothing chosen. */
const OF_THE_BROWSER = '';

export function AddUserDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [made, setMade] = useState<{ name: string; password: string | null } | null>(null);
  if (made === null) return <Form onClose={onClose} onMade={setMade} />;
  return (
    <Dialog open onClose={onClose} title={t('settings.users.added', { name: made.name })} shownOnce>
      <ShownOnce name={made.name} password={made.password} />
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t('settings.users.done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** The address, the name and, where it was made up, the password that somebody has to be told. */
export function ShownOnce({ name, password }: { name: string; password: string | null }) {
  const t = useT();
  return (
    <div className="grid gap-3">
      <p className="text-text-2">
        {t(password === null ? 'settings.users.tell' : 'settings.users.tellPassword', {
          address: window.location.origin,
          name,
        })}
      </p>
      {password !== null && <CodeLine code={password} label={t('access.password')} />}
    </div>
  );
}

type PasswordKind = 'made' | 'chosen';

function Form({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (made: { name: string; password: string | null }) => void;
}) {
  const t = useT();
  const words = useAccessErrorWords();
  const create = useCreateUser();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [language, setLanguage] = useState<Language | typeof OF_THE_BROWSER>(OF_THE_BROWSER);
  const [kind, setKind] = useState<PasswordKind>('made');
  const [chosen, setChosen] = useState('');
  const [submitted, setSubmitted] = useState(false);
  const tooShort = kind === 'chosen' && chosen.length < PASSWORD_LENGTH_MIN;
  const onName =
    create.error instanceof ApiError && ['name-taken', 'input-invalid'].includes(create.error.code);
  const submit = () => {
    setSubmitted(true);
    if (tooShort) return;
    const password = kind === 'made' ? newPassword() : chosen;
    const shown = displayName.trim() === '' ? {} : { displayName };
    create.mutate(
      {
        name: name.trim(),
        ...shown,
        role,
        language: language === OF_THE_BROWSER ? null : language,
        password,
      },
      { onSuccess: (user) => onMade({ name: user.name, password: kind === 'made' ? password : null }) },
    );
  };
  return (
    <FormDialog
      title={t('settings.users.add')}
      button={t('settings.users.add')}
      right="users.write"
      state={{ isPending: create.isPending, error: onName ? null : create.error }}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t('access.name')}
        value={name}
        required
        maxLength={64}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        help={t('settings.users.nameRule')}
        error={onName ? words(create.error) : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('access.displayName')}
        value={displayName}
        maxLength={128}
        autoComplete="off"
        onChange={(event) => setDisplayName(event.target.value)}
      />
      <RoleChoice roles={ROLES} label={t('settings.users.column.role')} value={role} onChange={setRole} />
      <SelectField
        label={t('settings.users.column.language')}
        value={language}
        options={[{ value: OF_THE_BROWSER, label: t('settings.users.browserLanguage') }, ...LANGUAGE_OPTIONS]}
        help={t('settings.users.languageHelp')}
        onChange={setLanguage}
      />
      <PasswordChoice
        kind={kind}
        onKind={setKind}
        value={chosen}
        onChange={setChosen}
        error={submitted && tooShort ? t('access.passwordShort', { count: PASSWORD_LENGTH_MIN }) : undefined}
      />
    </FormDialog>
  );
}

export function PasswordChoice({
  kind,
  onKind,
  value,
  onChange,
  error,
}: {
  kind: PasswordKind;
  onKind: (kind: PasswordKind) => void;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  const t = useT();
  return (
    <div className="grid gap-2">
      <span className="text-12 font-medium">{t('access.password')}</span>
      <Segmented
        label={t('access.password')}
        value={kind}
        options={[
          { value: 'made', label: t('settings.users.passwordMade') },
          { value: 'chosen', label: t('settings.users.passwordChosen') },
        ]}
        onChange={onKind}
      />
      {kind === 'chosen' && (
        <PasswordField
          label={t('access.newPassword')}
          autoComplete="new-password"
          required
          maxLength={PASSWORD_LENGTH_MAX}
          value={value}
          help={t('access.passwordRule', { count: PASSWORD_LENGTH_MIN })}
          error={error}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  );
}
