/** Makes an address for agents of other makers; it is shown once, as a line for each of them. */
import { useState } from 'react';
import type { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CallOutput } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { useMakeIntakeSite } from '../../parts/otherAgentsQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { FormDialog } from './FormDialog.tsx';

const EXPIRIES = ['90', '365', '1095', 'never'] as const;
type Expiry = (typeof EXPIRIES)[number];
type MachineClass = '' | 'Server' | 'Workstation';
const NAME_LENGTH_MAX = 64;

export function NewIntakeSiteDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const make = useMakeIntakeSite();
  const [name, setName] = useState('');
  const [site, setSite] = useState('');
  const [machineClass, setMachineClass] = useState<MachineClass>('');
  const [tags, setTags] = useState('');
  const [expiry, setExpiry] = useState<Expiry>('never');
  if (make.data) return <Made site={make.data} onClose={onClose} />;
  return (
    <FormDialog
      title={t('intake.make')}
      button={t('intake.make')}
      right="enrolment.write"
      ready={name.trim() !== ''}
      state={make}
      onClose={onClose}
      onSubmit={() =>
        make.mutate({
          name,
          site: site.trim() === '' ? null : site.trim(),
          class: machineClass === '' ? null : machineClass,
          tags: tags.split(/[,，;；\s]+/u).filter(Boolean),
          expiresInDays: expiry === 'never' ? null : Number(expiry),
        })
      }
    >
      <TextField
        label={t('intake.name')}
        value={name}
        required
        maxLength={NAME_LENGTH_MAX}
        autoComplete="off"
        help={t('intake.nameHelp')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('intake.siteField')}
        value={site}
        maxLength={NAME_LENGTH_MAX}
        onChange={(event) => setSite(event.target.value)}
      />
      <SelectField
        label={t('intake.classField')}
        value={machineClass}
        options={[
          { value: '', label: t('intake.classAuto') },
          { value: 'Server', label: t('intake.class.Server') },
          { value: 'Workstation', label: t('intake.class.Workstation') },
        ]}
        onChange={setMachineClass}
      />
      <TextField
        label={t('intake.tagsField')}
        value={tags}
        maxLength={512}
        help={t('intake.tagsHelp')}
        onChange={(event) => setTags(event.target.value)}
      />
      <SelectField
        label={t('intake.expiry')}
        value={expiry}
        options={EXPIRIES.map((value) => ({
          value,
          label: value === 'never' ? t('intake.never') : t('intake.days', { count: Number(value) }),
        }))}
        onChange={setExpiry}
      />
    </FormDialog>
  );
}

const AGENTS = ['glpi', 'fusioninventory', 'ocs'] as const;

function Made({
  site,
  onClose,
}: {
  site: CallOutput<typeof ENDPOINTS.createIntakeSite>;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog open onClose={onClose} title={t('intake.madeTitle', { name: site.name })} shownOnce>
      <div className="grid gap-3">
        <p className="text-text-2">{t('intake.madeText')}</p>
        {AGENTS.map((agent) => (
          <div key={agent} className="grid gap-1">
            <span className="text-12 font-medium">{t(`intake.line.${agent}`)}</span>
            <CodeLine code={site.lines[agent]} label={t(`intake.line.${agent}`)} />
          </div>
        ))}
        {site.address.startsWith('https:') && (
          <p className="text-12 leading-prose text-text-3">{t('intake.tlsNote')}</p>
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
