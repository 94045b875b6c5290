/** What is done to one user; each step says what it means for that person. */
import { useState } from 'react';
import { PASSWORD_LENGTH_MIN, type User } from '@muster/shared/api/access.ts';
import { ROLES } from '@muster/shared/api/rights.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { useEndUserSessions, useUpdateUser } from './accessActions.ts';
import { PasswordChoice, ShownOnce } from './AddUserDialog.tsx';
import { FormDialog } from './FormDialog.tsx';
import { newPassword } from './newPassword.ts';
import { RoleChoice } from './RolesCard.tsx';

export type UserAct = 'rename' | 'role' | 'password' | 'signOut' | 'disable' | 'enable';

interface UserDialogProps {
  readonly user: User;
  readonly onClose: () => void;
}

export function UserDialog({ act, ...props }: UserDialogProps & { act: UserAct }) {
  if (act === 'rename') return <RenameDialog {...props} />;
  if (act === 'role') return <RoleDialog {...props} />;
  if (act === 'password') return <PasswordDialog {...props} />;
  if (act === 'signOut') return <SignOutDialog {...props} />;
  return <SwitchDialog {...props} />;
}

function RenameDialog({ user, onClose }: UserDialogProps) {
  const t = useT();
  const [displayName, setDisplayName] = useState(user.displayName);
  const update = useUpdateUser(user.id);
  return (
    <FormDialog
      right="users.write"
      title={t('settings.users.renameTitle', { name: user.displayName })}
      button={t('ui.save')}
      ready={displayName.trim() !== '' && displayName.trim() !== user.displayName}
      state={update}
      onClose={onClose}
      onSubmit={() => update.mutate({ displayName: displayName.trim() }, { onSuccess: onClose })}
    >
      <TextField
        label={t('access.displayName')}
        value={displayName}
        required
        maxLength={128}
        onChange={(event) => setDisplayName(event.target.value)}
      />
    </FormDialog>
  );
}

function RoleDialog({ user, onClose }: UserDialogProps) {
  const t = useT();
  const [role, setRole] = useState(user.role);
  const update = useUpdateUser(user.id);
  return (
    <FormDialog
      right="users.write"
      title={t('settings.users.roleTitle', { name: user.displayName })}
      text={t('settings.users.roleText')}
      button={t('settings.users.changeRole')}
      ready={role !== user.role}
      state={update}
      onClose={onClose}
      onSubmit={() => update.mutate({ role }, { onSuccess: onClose })}
    >
      <RoleChoice roles={ROLES} label={t('settings.users.column.role')} value={role} onChange={setRole} />
    </FormDialog>
  );
}

function PasswordDialog({ user, onClose }: UserDialogProps) {
  const t = useT();
  const [kind, setKind] = useState<'made' | 'chosen'>('made');
  const [chosen, setChosen] = useState('');
  const [submitted, setSubmitted] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const update = useUpdateUser(user.id);
  const tooShort = kind === 'chosen' && chosen.length < PASSWORD_LENGTH_MIN;
  if (made !== null) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('settings.users.passwordSet', { name: user.displayName })}
        shownOnce
      >
        <ShownOnce name={user.name} password={made} />
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t('settings.users.done')}
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  const submit = () => {
    setSubmitted(true);
    if (tooShort) return;
    const password = kind === 'made' ? newPassword() : chosen;
    const after = () => {
      if (kind === 'made') setMade(password);
      else {
        say(t('settings.users.passwordSet', { name: user.displayName }));
        onClose();
      }
    };
    update.mutate({ password }, { onSuccess: after });
  };
  return (
    <FormDialog
      right="users.write"
      title={t('settings.users.passwordTitle', { name: user.displayName })}
      text={t('settings.users.passwordText')}
      button={t('settings.users.setPassword')}
      state={update}
      onClose={onClose}
      onSubmit={submit}
    >
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

function SignOutDialog({ user, onClose }: UserDialogProps) {
  const t = useT();
  const end = useEndUserSessions(user.id);
  return (
    <FormDialog
      right="users.write"
      title={t('settings.users.signOutTitle', { name: user.displayName })}
      text={t('settings.users.signOutText')}
      button={t('settings.users.signOut')}
      state={end}
      onClose={onClose}
      onSubmit={() =>
        end.mutate(undefined, {
          onSuccess: ({ ended }) => {
            say(t('access.signedOutCount', { count: ended }));
            onClose();
          },
        })
      }
    />
  );
}

function SwitchDialog({ user, onClose }: UserDialogProps) {
  const t = useT();
  const update = useUpdateUser(user.id);
  const { disabled, displayName: name } = user;
  return (
    <FormDialog
      right="users.write"
      title={t(disabled ? 'settings.users.enableTitle' : 'settings.users.disableTitle', { name })}
      text={t(disabled ? 'settings.users.enableText' : 'settings.users.disableText')}
      button={t(disabled ? 'settings.users.enable' : 'settings.users.disable')}
      danger={!disabled}
      state={update}
      onClose={onClose}
      onSubmit={() => update.mutate({ disabled: !disabled }, { onSuccess: onClose })}
    />
  );
}
