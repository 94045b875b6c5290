/** An incident that a person reports: what happened, to what, how bad; the priority follows and is shown. */
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { PRIORITY_MATRIX } from '@muster/shared/api/incidents.ts';
import { useT } from '../../i18n/i18n.ts';
import { useIncidentRefusal, useReport } from '../../parts/incidentActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { MachinePicker, type PickedMachine } from './MachinePicker.tsx';

export function ReportDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t('incidents.report.title')}>
      {open && <ReportForm onClose={onClose} />}
    </Dialog>
  );
}

const LEVELS = ['1', '2', '3', '4'] as const;
type Level = (typeof LEVELS)[number];

function ReportForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const navigate = useNavigate();
  const report = useReport();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [machine, setMachine] = useState<PickedMachine | null>(null);
  const [impact, setImpact] = useState<Level>('3');
  const [urgency, setUrgency] = useState<Level>('3');
  const priority = PRIORITY_MATRIX[Number(impact) - 1]?.[Number(urgency) - 1] ?? 4;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        report.mutate(
          {
            title,
            description,
            ciId: machine?.id ?? null,
            impact: Number(impact),
            urgency: Number(urgency),
          },
          {
            onSuccess: ({ ref }) => {
              onClose();
              void navigate({ to: '/incidents/$ref', params: { ref } });
            },
          },
        );
      }}
    >
      <TextField
        label={t('incidents.report.what')}
        help={t('incidents.report.whatHelp')}
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <MachinePicker value={machine} onChange={setMachine} />
      <TextArea
        label={t('incidents.report.details')}
        maxLength={4000}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label={t('incidents.report.impact')}
          value={impact}
          options={LEVELS.map((value) => ({ value, label: t(`incidents.impact.${value}`) }))}
          onChange={setImpact}
        />
        <SelectField
          label={t('incidents.report.urgency')}
          value={urgency}
          options={LEVELS.map((value) => ({ value, label: t(`incidents.urgency.${value}`) }))}
          onChange={setUrgency}
        />
      </div>
      <p role="status" className="flex items-center gap-2 text-12 text-text-2">
        <PriorityTag priority={priority} />
        {t('incidents.report.priority')}
      </p>
      {report.error && <ErrorPanel error={report.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={title.trim() === '' || report.isPending}
          disabledReason={refusal}
        >
          {t('incidents.report.send')}
        </Button>
      </DialogActions>
    </form>
  );
}
