/** Who has seen alerts says until when and why. */
import { useState } from 'react';
import { ACKNOWLEDGE_DAYS_MAX, ACKNOWLEDGE_NOTE_MAX } from '@muster/shared/api/alerts.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextArea } from '../../ui/Field.tsx';
import { nowMs } from '../../util/clock.ts';
import { useAcknowledging } from './acknowledging.ts';
import { UNTIL_CHOICES, type UntilChoice, untilMs } from './until.ts';

export function AcknowledgeDialog({
  alerts,
  onClose,
  onDone,
}: {
  alerts: readonly Alert[];
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useT();
  return (
    <Dialog
      open={alerts.length > 0}
      onClose={onClose}
      title={t('alerts.acknowledge.title', { count: alerts.length })}
      description={t('alerts.acknowledge.text')}
    >
      {alerts.length > 0 && <AcknowledgeForm alerts={alerts} onClose={onClose} onDone={onDone} />}
    </Dialog>
  );
}

function AcknowledgeForm({
  alerts,
  onClose,
  onDone,
}: {
  alerts: readonly Alert[];
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useT();
  const words = useErrorWords();
  const refusal = useActionRefusal('incidents.write');
  const { acknowledging } = useAcknowledging();
  const [choice, setChoice] = useState<UntilChoice>('4h');
  const [own, setOwn] = useState('');
  const [note, setNote] = useState('');
  const end = untilMs(choice, own, nowMs());
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const until = untilMs(choice, own, nowMs());
        if (until === undefined) return;
        acknowledging.mutate(
          { ids: alerts.map(({ id }) => id), untilMs: until, note: note.trim() },
          { onSuccess: onDone },
        );
      }}
    >
      <SelectField
        label={t('alerts.acknowledge.until')}
        value={choice}
        options={UNTIL_CHOICES.map((value) => ({ value, label: t(`alerts.acknowledge.for.${value}`) }))}
        onChange={setChoice}
      />
      {choice === 'at' && (
        <DateField
          type="datetime-local"
          label={t('alerts.acknowledge.at')}
          value={own}
          onChange={(event) => setOwn(event.target.value)}
          error={
            own !== '' && end === undefined
              ? t('alerts.acknowledge.atWrong', { count: ACKNOWLEDGE_DAYS_MAX })
              : undefined
          }
        />
      )}
      <TextArea
        label={t('alerts.acknowledge.why')}
        help={t('alerts.acknowledge.whyHelp')}
        value={note}
        maxLength={ACKNOWLEDGE_NOTE_MAX}
        onChange={(event) => setNote(event.target.value)}
      />
      {acknowledging.error && (
        <p role="alert" className="text-12 font-medium text-crit-fg">
          {words(acknowledging.error)}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={acknowledging.isPending || note.trim() === '' || end === undefined}
          disabledReason={refusal}
        >
          {t('alerts.acknowledge.button')}
        </Button>
      </DialogActions>
    </form>
  );
}
