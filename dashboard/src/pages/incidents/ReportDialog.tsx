/** An incident that a person reports: what happened, to what, how bad; the priority follows and is shown. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { PRIORITY_MATRIX } from '@muster/shared/api/incidents.ts';
import { useT } from '../../i18n/i18n.ts';
import { useIncidentRefusal, useReport } from '../../parts/incidentActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { useSentence } from '../../parts/sentence.ts';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { MachinePicker, type PickedMachine } from './MachinePicker.tsx';
import { candidatesQuery, matrixQuery, useCategories } from './related.ts';

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
  const [category, setCategory] = useState('');
  const categories = useCategories(null);
  const cells = useQuery(matrixQuery).data?.current.cells ?? PRIORITY_MATRIX;
  const priority = cells[Number(impact) - 1]?.[Number(urgency) - 1] ?? 4;
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
            category: category === '' ? null : category,
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
      <SelectField
        label={t('incidents.category')}
        value={category}
        options={[{ value: '', label: t('incidents.categoryUnknown') }, ...categories]}
        onChange={setCategory}
      />
      <Candidates ciId={machine?.id} category={category} title={title} />
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

/** What is reported already, so that nobody reports it again. */
function Candidates({
  ciId,
  category,
  title,
}: {
  ciId: string | undefined;
  category: string;
  title: string;
}) {
  const t = useT();
  const sentence = useSentence();
  const found = useQuery(candidatesQuery({ ci: ciId, category, title })).data?.items ?? [];
  if (found.length === 0) return null;
  return (
    <div role="status" className="rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
      <p className="flex gap-2 font-medium">
        <Glyph name="triangle" className="mt-1" />
        {t('incidents.report.candidates')}
      </p>
      <ul className="mt-1 grid gap-1 text-12">
        {found.map((one) => (
          <li key={one.id}>
            <Link to="/incidents/$ref" params={{ ref: one.ref }} className="font-medium underline">
              {one.ref}
            </Link>{' '}
            {sentence(one.title)}
          </li>
        ))}
      </ul>
    </div>
  );
}
