/** What can be done to the chosen incidents at once; it says how far it is, and what could not be done. */
import { useState } from 'react';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { useMe } from '../../app/session.ts';
import { useT } from '../../i18n/i18n.ts';
import { useBulk, useIncidentRefusal } from '../../parts/incidentActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextArea } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { useHolderOptions } from './dialogs.tsx';

export function BulkBar({ chosen, onClear }: { chosen: readonly IncidentSummary[]; onClear: () => void }) {
  const t = useT();
  const me = useMe();
  const refusal = useIncidentRefusal();
  const bulk = useBulk();
  const words = useErrorWords();
  const [dialog, setDialog] = useState<'assign' | 'close' | null>(null);
  if (chosen.length === 0) return null;
  const open = chosen.filter(({ state }) => isOpen(state));
  const takeable = open.filter(({ assignee }) => assignee !== me?.name);
  const closable = chosen.filter(({ state }) => state === 'restored');
  const busy = bulk.progress !== null;
  const finish = (of: number, failed: { ref: string; error: unknown }[]) => {
    setDialog(null);
    onClear();
    const [first] = failed;
    say(
      first === undefined
        ? t('incidents.bulk.done', { count: of })
        : t('incidents.bulk.partly', {
            done: of - failed.length,
            count: of,
            refs: failed.map(({ ref }) => ref).join(t('ui.listSeparator')),
            why: words(first.error),
          }),
    );
  };
  return (
    <section
      aria-label={t('incidents.bulk.label')}
      className="no-print sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-raised px-3 py-2 shadow-2"
    >
      <span role="status" className="mr-2 font-medium">
        {bulk.progress
          ? t('incidents.bulk.progress', { done: bulk.progress.done, count: bulk.progress.of })
          : t('incidents.bulk.count', { count: chosen.length })}
      </span>
      <Button
        look="primary"
        disabled={busy || takeable.length === 0}
        disabledReason={refusal}
        onClick={() =>
          me && void bulk.assign(takeable, me.name).then((failed) => finish(takeable.length, failed))
        }
      >
        {t('incidents.take')}
      </Button>
      <Button
        disabled={busy || open.length === 0}
        disabledReason={refusal}
        onClick={() => setDialog('assign')}
      >
        {t('incidents.assign')}
      </Button>
      <Button
        disabled={busy || closable.length === 0}
        disabledReason={refusal ?? (closable.length === 0 ? t('incidents.bulk.onlyVerified') : undefined)}
        onClick={() => setDialog('close')}
      >
        {t('incidents.to.closed')}
      </Button>
      <Button look="quiet" disabled={busy} onClick={onClear}>
        {t('incidents.bulk.clear')}
      </Button>
      <Dialog
        open={dialog === 'assign'}
        onClose={() => setDialog(null)}
        title={t('incidents.bulk.assignTitle', { count: open.length })}
      >
        <BulkAssign
          busy={busy}
          onCancel={() => setDialog(null)}
          onAssign={(assignee) =>
            void bulk.assign(open, assignee).then((failed) => finish(open.length, failed))
          }
        />
      </Dialog>
      <Dialog
        open={dialog === 'close'}
        onClose={() => setDialog(null)}
        title={t('incidents.bulk.closeTitle', { count: closable.length })}
        description={t('incidents.causeNeeded')}
      >
        <BulkClose
          busy={busy}
          onCancel={() => setDialog(null)}
          onClose={(cause, action) =>
            void bulk
              .move(closable, {
                to: 'closed',
                ...(cause === '' ? {} : { cause }),
                ...(action === '' ? {} : { action }),
              })
              .then((failed) => finish(closable.length, failed))
          }
        />
      </Dialog>
    </section>
  );
}

function BulkAssign({
  busy,
  onCancel,
  onAssign,
}: {
  busy: boolean;
  onCancel: () => void;
  onAssign: (assignee: string | null) => void;
}) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const holders = useHolderOptions();
  const me = useMe();
  const [assignee, setAssignee] = useState(me?.name ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onAssign(assignee === '' ? null : assignee);
      }}
    >
      <SelectField label={t('incidents.holder')} value={assignee} options={holders} onChange={setAssignee} />
      <DialogActions>
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button type="submit" look="primary" disabled={busy} disabledReason={refusal}>
          {t('incidents.assign')}
        </Button>
      </DialogActions>
    </form>
  );
}

function BulkClose({
  busy,
  onCancel,
  onClose,
}: {
  busy: boolean;
  onCancel: () => void;
  onClose: (cause: string, action: string) => void;
}) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const [cause, setCause] = useState('');
  const [action, setAction] = useState('');
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onClose(cause.trim(), action.trim());
      }}
    >
      <TextArea
        label={t('incidents.cause')}
        rows={2}
        maxLength={2000}
        value={cause}
        onChange={(event) => setCause(event.target.value)}
      />
      <TextArea
        label={t('incidents.action')}
        rows={2}
        maxLength={2000}
        value={action}
        onChange={(event) => setAction(event.target.value)}
      />
      <DialogActions>
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button type="submit" look="primary" disabled={busy} disabledReason={refusal}>
          {t('incidents.to.closed')}
        </Button>
      </DialogActions>
    </form>
  );
}
