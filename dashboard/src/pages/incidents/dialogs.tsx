/** What a step needs is asked before it is taken; what was typed stays when somebody else was faster. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  HOLD_REASONS,
  type IncidentDetail,
  type IncidentState,
  type IncidentSummary,
  isOpen,
  RESOLUTIONS,
} from '@muster/shared/api/incidents.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { ApiError } from '../../api/client.ts';
import { incidentQuery, usersQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { useAssign, useIncidentRefusal, useMoveAtOnce, useTransition } from '../../parts/incidentActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextArea } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { INCIDENT_LOOKS } from '../../ui/states.ts';
import { asks } from './moves.ts';
import { relatedQuery } from './related.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';

export function AssignDialog({
  incident,
  open,
  onClose,
}: {
  incident: IncidentSummary;
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

/** Accounts that may hold an incident, and nobody. */
export function useHolderOptions(): { value: string; label: string }[] {
  const t = useT();
  const users = useQuery(usersQuery).data ?? [];
  return [
    { value: '', label: t('incidents.nobody') },
    ...users
      .filter((user) => !user.disabled && roleHas(user.role, 'incidents.write'))
      .map((user) => ({ value: user.name, label: `${user.displayName} (${user.name})` })),
  ];
}

function AssignForm({ incident, onDone }: { incident: IncidentSummary; onDone: () => void }) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const holders = useHolderOptions();
  const assign = useAssign(incident);
  const [assignee, setAssignee] = useState(incident.assignee ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        assign.mutate(assignee === '' ? null : assignee, { onSuccess: onDone });
      }}
    >
      <SelectField label={t('incidents.holder')} value={assignee} options={holders} onChange={setAssignee} />
      <Conflict error={assign.error} />
      <DialogActions>
        <Button onClick={onDone}>{t('ui.cancel')}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={assign.isPending || assignee === (incident.assignee ?? '')}
          disabledReason={refusal}
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
  incident: IncidentSummary;
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
      {to !== null && <TransitionQuestion incidentRef={incident.ref} to={to} onDone={onClose} />}
    </Dialog>
  );
}

/** Lists know an incident in brief; what it asks for depends on all of it. */
function TransitionQuestion({
  incidentRef,
  to,
  onDone,
}: {
  incidentRef: string;
  to: IncidentState;
  onDone: () => void;
}) {
  const incident = useQuery(incidentQuery(incidentRef));
  if (incident.data) return <TransitionForm incident={incident.data} to={to} onDone={onDone} />;
  if (incident.error) return <ErrorPanel error={incident.error} retry={() => void incident.refetch()} />;
  return <SkeletonRows rows={4} />;
}

/** That nothing watches it any more the machine says. */
const BY_PERSON = RESOLUTIONS.filter((resolution) => resolution !== 'not-watched');

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
  const refusal = useIncidentRefusal();
  const move = useTransition(incident);
  const [note, setNote] = useState('');
  const holders = useHolderOptions();
  const [assignee, setAssignee] = useState('');
  const [holdReason, setHoldReason] = useState<(typeof HOLD_REASONS)[number]>('caller');
  const before = BY_PERSON.find((one) => one === incident.resolution);
  const [resolution, setResolution] = useState<(typeof BY_PERSON)[number] | ''>(before ?? '');
  const [cause, setCause] = useState(incident.cause ?? '');
  const [action, setAction] = useState(incident.action ?? '');
  const explains = to === 'resolved' || to === 'closed';
  const required = to === 'closed' && incident.needsCause;
  const below = useQuery(relatedQuery(incident.id)).data?.children.filter(({ state }) => isOpen(state)) ?? [];
  const [children, setChildren] = useState(true);
  const asksHolder = to === 'assigned' && incident.assignee === null;
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
            ...(asksHolder ? { assignee } : {}),
            ...(to === 'on_hold' ? { holdReason } : {}),
            ...(to === 'resolved' && resolution !== '' ? { resolution } : {}),
            ...(explains && cause.trim() !== '' ? { cause } : {}),
            ...(explains && action.trim() !== '' ? { action } : {}),
            ...(explains && below.length > 0 ? { children } : {}),
          },
          { onSuccess: onDone },
        );
      }}
    >
      {asksHolder && (
        <SelectField
          label={t('incidents.holder')}
          value={assignee}
          options={holders}
          onChange={setAssignee}
        />
      )}
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
          options={[
            ...(resolution === '' ? [{ value: '' as const, label: t('incidents.chooseResolution') }] : []),
            ...BY_PERSON.map((value) => ({ value, label: t(`incidents.resolutions.${value}`) })),
          ]}
          onChange={setResolution}
        />
      )}
      {explains && (
        <>
          <TextArea
            label={t(required ? 'incidents.cause' : 'incidents.causeOptional')}
            rows={2}
            maxLength={2000}
            required={required}
            value={cause}
            help={incident.needsCause ? t('incidents.causeNeeded') : undefined}
            onChange={(event) => setCause(event.target.value)}
          />
          <TextArea
            label={t(required ? 'incidents.action' : 'incidents.actionOptional')}
            rows={2}
            maxLength={2000}
            required={required}
            value={action}
            onChange={(event) => setAction(event.target.value)}
          />
        </>
      )}
      <TextArea
        label={t(to === 'cancelled' ? 'incidents.whyCancel' : 'incidents.noteOptional')}
        rows={2}
        maxLength={4000}
        required={to === 'cancelled'}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      {explains && below.length > 0 && (
        <CheckField
          label={t('incidents.links.children', { count: below.length })}
          help={below.map(({ ref }) => ref).join(', ')}
          checked={children}
          onChange={({ target: { checked } }) => setChildren(checked)}
        />
      )}
      <Conflict error={move.error} />
      <DialogActions>
        <Button onClick={onDone}>{t('ui.cancel')}</Button>
        <Button
          type="submit"
          look={to === 'cancelled' ? 'danger' : 'primary'}
          disabled={
            move.isPending || (asksHolder && assignee === '') || (to === 'resolved' && resolution === '')
          }
          disabledReason={refusal}
        >
          {t(`incidents.to.${to}`)}
        </Button>
      </DialogActions>
    </form>
  );
}

/** The dialogs that change an incident, and the moves that need none. */
export interface IncidentMoves {
  readonly move: (incident: IncidentSummary, to: IncidentState) => void;
  readonly assign: (incident: IncidentSummary) => void;
  /** To be put somewhere on the page. */
  readonly dialogs: React.ReactNode;
}

export function useIncidentMoves(): IncidentMoves {
  const t = useT();
  const [asked, setAsked] = useState<{ incident: IncidentSummary; to: IncidentState | 'assign' } | null>(
    null,
  );
  // The dialog that fades out still shows its incident.
  const [shown, setShown] = useState<IncidentSummary | null>(null);
  const atOnce = useMoveAtOnce();
  const words = useErrorWords();
  if (asked !== null && asked.incident !== shown) setShown(asked.incident);
  const close = () => setAsked(null);
  return {
    move: (incident, to) => {
      if (asks(incident, to)) setAsked({ incident, to });
      else
        atOnce.mutate(
          { incident, body: { to, note: '', ...(to === 'new' ? { assignee: null } : {}) } },
          {
            onSuccess: (after) =>
              say(t('incidents.moved', { ref: after.ref, state: t(INCIDENT_LOOKS[after.state].word) })),
            onError: (error) => say(words(error)),
          },
        );
    },
    assign: (incident) => setAsked({ incident, to: 'assign' }),
    dialogs: shown && (
      <>
        <AssignDialog incident={shown} open={asked?.to === 'assign'} onClose={close} />
        <TransitionDialog
          incident={shown}
          to={asked === null || asked.to === 'assign' ? null : asked.to}
          onClose={close}
        />
      </>
    ),
  };
}

/** The incident behind the dialog has been read again by then; pressing once more acts on what is shown. */
function Conflict({ error }: { error: Error | null }) {
  const t = useT();
  const words = useErrorWords();
  if (error === null) return null;
  const conflict = error instanceof ApiError && error.code === 'conflict';
  const holder = error instanceof ApiError && error.issues?.some(({ path }) => path === 'assignee');
  return (
    <p role="alert" className="mt-2 flex gap-2 rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
      <Glyph name="triangle" className="mt-1" />
      {conflict ? t('incidents.conflict') : holder ? t('incidents.holderUnknown') : words(error)}
    </p>
  );
}
