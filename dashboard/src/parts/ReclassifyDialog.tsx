/** Asks for a stretch of the record to be judged otherwise; a second person decides. */
import { useState } from 'react';
import { RECLASSIFIED_AS, type ReclassifiedAs } from '@muster/shared/api/availability.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { RECLASSIFY_REASON_MAX } from '@muster/shared/api/reclassifications.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { DateField } from '../ui/DateField.tsx';
import { SelectField, TextArea } from '../ui/Field.tsx';
import { useJudging } from './reclassify.ts';

const REASON_MIN = 3;

interface ReclassifyDialogProps {
  readonly ci: { readonly id: string; readonly name: string };
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly onClose: () => void;
}

export function ReclassifyDialog({ ci, fromMs, toMs, onClose }: ReclassifyDialogProps) {
  const t = useT();
  const errorWords = useErrorWords();
  const [as, setAs] = useState<ReclassifiedAs>('excluded');
  const [from, setFrom] = useState(localText(fromMs));
  const [to, setTo] = useState(localText(toMs));
  const [reason, setReason] = useState('');
  // What was not touched is sent to the millisecond.
  const times = {
    fromMs: from === localText(fromMs) ? fromMs : Date.parse(from),
    toMs: to === localText(toMs) ? toMs : Date.parse(to),
  };
  const ready = times.fromMs < times.toMs && reason.trim().length >= REASON_MIN;
  const send = useJudging(
    () =>
      call(ENDPOINTS.requestReclassification, {
        body: { ciId: ci.id, from: toIso(times.fromMs), to: toIso(times.toMs), as, reason: reason.trim() },
      }),
    t('agreed.reclassify.sent'),
    onClose,
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('agreed.reclassify.title')}
      description={t('agreed.reclassify.intro', { name: ci.name })}
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send.mutate(undefined);
        }}
      >
        <SelectField
          label={t('agreed.reclassify.as')}
          value={as}
          options={RECLASSIFIED_AS.map((value) => ({ value, label: t(`agreed.as.${value}`) }))}
          onChange={setAs}
        />
        <div className="grid gap-3 tablet:grid-cols-2">
          <DateField
            type="datetime-local"
            step={1}
            label={t('agreed.reclassify.from')}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <DateField
            type="datetime-local"
            step={1}
            label={t('agreed.reclassify.to')}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        <TextArea
          label={t('agreed.reclassify.reason')}
          help={t('agreed.reclassify.reasonHelp')}
          value={reason}
          maxLength={RECLASSIFY_REASON_MAX}
          rows={4}
          onChange={(event) => setReason(event.target.value)}
        />
        {send.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(send.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('calendars.cancel')}</Button>
          <Button type="submit" look="primary" disabled={!ready || send.isPending}>
            {t('agreed.reclassify.send')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Local time as a field of date and time holds it. */
function localText(atMs: Millis): string {
  const at = new Date(atMs);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
