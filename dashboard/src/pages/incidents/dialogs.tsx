/** What a step needs is asked before it is taken; what was typed stays when somebody else was faster. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  HOLD_REASONS,
  type IncidentDetail,
  type IncidentState,
  RESOLUTIONS,
} from '@muster/shared/api/incidents.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { ApiError } from '../../api/client.ts';
import { usersQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { useAssign, useTransition } from '../../parts/incidentActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextArea } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';

export function AssignDialog({
  incident,
  open,
  onClose,
}: {
  incident: IncidentDetail;
  open: boolean;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t('incidents.assignTitle', { ref: incident.ref })}>
      {open && <AssignForm incident={incident} onDone={onClose} />}
    </Dialog>
  );
}

function AssignForm({ incident, onDone }: { incident: IncidentDetail; onDone: () => void }) {
  const t = useT();
  const users = useQuery(usersQuery).data ?? [];
  const assign = useAssign(incident);
  const [assignee, setAssignee] = useState(incident.assignee ?? '');
  const people = users.filter((user) => !user.disabled && roleHas(user.role, 'incidents.write'));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        assign.mutate(assignee === '' ? null : assignee, { onSuccess: onDone });
      }}
    >
      <SelectField
        label={t('incidents.holder')}
        value={assignee}
        options={[
          { value: '', label: t('incidents.nobody') },
          ...people.map((user) => ({ value: user.name, label: `${user.displayName} (${user.name})` })),
        ]}
        onChange={setAssignee}
      />
      <Conflict error={assign.error} />
      <DialogActions>
        <Button onClick={onDone}>{t('ui.cancel')}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={assign.isPending || assignee === (incident.assignee ?? '')}
        >
          {t('incidents.assign')}
        </Button>
      </DialogActions>
    </form>
  );
}

export function TransitionDialog({
  incident,
  to,
  onClose,
}: {
  incident: IncidentDetail;
  to: IncidentState | null;
  onClose: () => void;
}) {
  const t = useT();
  // The words stay while the dialog fades out.
  const [shown, setShown] = useState<IncidentState>('resolved');
  if (to !== null && to !== shown) setShown(to);
  return (
    <Dialog
      open={to !== null}
      onClose={onClose}
      title={t('incidents.stepTitle', { step: t(`incidents.to.${shown}`), ref: incident.ref })}
    >
      {to !== null && <TransitionForm incident={incident} to={to} onDone={onClose} />}
    </Dialog>
  );
}

function TransitionForm({
  incident,
  to,
  onDone,
}: {
  incident: IncidentDetail;
  to: IncidentState;
  onDone: () => void;
}) {
  const t = useT();
  const move = useTransition(incident);
  const [note, setNote] = useState('');
  const [holdReason, setHoldReason] = useState<(typeof HOLD_REASONS)[number]>('caller');
  const [resolution, setResolution] = useState<(typeof RESOLUTIONS)[number]>(
    incident.resolution ?? 'permanent',
  );
  const [cause, setCause] = useState(incident.cause ?? '');
  const [action, setAction] = useState(incident.action ?? '');
  const explains = to === 'resolved' || to === 'closed';
  const required = to === 'closed' && incident.needsCause;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        move.mutate(
          {
            to,
            note,
            ...(to === 'new' ? { assignee: null } : {}),
            ...(to === 'on_hold' ? { holdReason } : {}),
            ...(to === 'resolved' ? { resolution } : {}),
            ...(explains && cause.trim() !== '' ? { cause } : {}),
            ...(explains && action.trim() !== '' ? { action } : {}),
          },
          { onSuccess: onDone },
        );
      }}
    >
      {to === 'on_hold' && (
        <SelectField
          label={t('incidents.holdReason')}
          value={holdReason}
          options={HOLD_REASONS.map((value) => ({ value, label: t(`incidents.hold.${value}`) }))}
          onChange={setHoldReason}
        />
      )}
      {to === 'resolved' && (
        <SelectField
          label={t('incidents.resolution')}
          value={resolution}
          options={RESOLUTIONS.map((value) => ({ value, label: t(`incidents.resolutions.${value}`) }))}
          onChange={setResolution}
        />
      )}
      {explains && (
        <>
          <TextArea
            label={t('incidents.cause')}
            rows={2}
            maxLength={2000}
            required={required}
            value={cause}
            help={incident.needsCause ? t('incidents.causeNeeded') : undefined}
            onChange={(event) => setCause(event.target.value)}
          />
          <TextArea
            label={t('incidents.action')}
            rows={2}
            maxLength={2000}
            required={required}
            value={action}
            onChange={(event) => setAction(event.target.value)}
          />
        </>
      )}
      <TextArea
        label={t('incidents.noteOptional')}
        rows={2}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <Conflict error={move.error} />
      <DialogActions>
        <Button onClick={onDone}>{t('ui.cancel')}</Button>
        <Button type="submit" look={to === 'cancelled' ? 'danger' : 'primary'} disabled={move.isPending}>
          {t(`incidents.to.${to}`)}
        </Button>
      </DialogActions>
    </form>
  );
}

/** The incident behind the dialog has been read again by then; pressing once more acts on what is shown. */
function Conflict({ error }: { error: Error | null }) {
  const t = useT();
  const words = useErrorWords();
  if (error === null) return null;
  const conflict = error instanceof ApiError && error.code === 'conflict';
  return (
    <p role="alert" className="mt-2 flex gap-2 rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
      <Glyph name="triangle" className="mt-1" />
      {conflict ? t('incidents.conflict') : words(error)}
    </p>
  );
}
