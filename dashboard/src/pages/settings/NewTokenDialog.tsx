/** Makes an API token for a program or a wallboard; what was made is shown once. */
import { useState } from 'react';
import { TOKEN_ROLES, type TokenRole } from '@muster/shared/api/rights.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { useCreateToken } from './accessActions.ts';
import { FormDialog } from './FormDialog.tsx';
import { RoleChoice } from './RolesCard.tsx';

const EXPIRIES = ['30', '90', '365', 'never'] as const;
type Expiry = (typeof EXPIRIES)[number];
type Purpose = 'program' | 'wall';

export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const create = useCreateToken();
  const [purpose, setPurpose] = useState<Purpose>('program');
  const [name, setName] = useState('');
  const [role, setRole] = useState<TokenRole>('viewer');
  const [expiry, setExpiry] = useState<Expiry>('365');
  if (create.data) return <Made purpose={purpose} token={create.data} onClose={onClose} />;
  return (
    <FormDialog
      title={t('settings.tokens.make')}
      button={t('settings.tokens.make')}
      right="tokens.write"
      state={create}
      onClose={onClose}
      onSubmit={() =>
        create.mutate({
          name,
          role: purpose === 'wall' ? 'viewer' : role,
          expiresInDays: expiry === 'never' ? null : Number(expiry),
        })
      }
    >
      <div className="grid gap-1.5">
        <span className="text-12 font-medium">{t('settings.tokens.purpose')}</span>
        <Segmented
          label={t('settings.tokens.purpose')}
          value={purpose}
          options={[
            { value: 'program', label: t('settings.tokens.forProgram') },
            { value: 'wall', label: t('settings.tokens.forWall') },
          ]}
          onChange={setPurpose}
        />
      </div>
      <TextField
        label={t('settings.tokens.column.name')}
        value={name}
        required
        maxLength={64}
        autoComplete="off"
        help={t(purpose === 'wall' ? 'settings.tokens.nameHelpWall' : 'settings.tokens.nameHelp')}
        onChange={(event) => setName(event.target.value)}
      />
      {purpose === 'wall' ? (
        <p className="text-text-2">{t('settings.tokens.wallRole')}</p>
      ) : (
        <RoleChoice
          label={t('settings.users.column.role')}
          roles={TOKEN_ROLES}
          value={role}
          onChange={setRole}
        />
      )}
      <SelectField
        label={t('settings.tokens.column.until')}
        value={expiry}
        options={EXPIRIES.map((value) => ({
          value,
          label:
            value === 'never'
              ? t('settings.tokens.never')
              : t('settings.tokens.days', { count: Number(value) }),
        }))}
        onChange={setExpiry}
      />
    </FormDialog>
  );
}

function Made({
  purpose,
  token,
  onClose,
}: {
  purpose: Purpose;
  token: { readonly name: string; readonly role: TokenRole; readonly token: string };
  onClose: () => void;
}) {
  const t = useT();
  const { origin } = window.location;
  return (
    <Dialog open onClose={onClose} title={t('settings.tokens.made', { name: token.name })} shownOnce>
      <div className="grid gap-3">
        {purpose === 'wall' ? (
          <>
            <p className="text-text-2">{t('settings.tokens.wallText')}</p>
            <CodeLine code={`${origin}/wall#token=${token.token}`} label={t('settings.tokens.wallLink')} />
          </>
        ) : (
          <>
            <p className="text-text-2">{t('settings.tokens.madeText')}</p>
            <CodeLine code={token.token} label={t('settings.tokens.token')} />
            {token.role === 'sender' ? (
              <p className="text-text-2">{t('settings.tokens.senderText')}</p>
            ) : (
              <>
                <p className="text-text-2">{t('settings.tokens.example')}</p>
                <CodeLine
                  code={`curl -H 'Authorization: Bearer ${token.token}' ${origin}/api/v1/overview`}
                  label={t('settings.tokens.example')}
                />
              </>
            )}
          </>
        )}
      </div>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t('settings.users.done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
