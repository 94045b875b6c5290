/** Any range, typed. */
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Span, ZOOM_MS_MAX } from '../../charts/zoom.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { nowMs } from '../../util/clock.ts';
import { zoneText } from '../../util/time.ts';
import { fixedSearch, fromLocalField, localField } from './timeWindow.ts';

export function PeriodDialog({ span, onClose }: { span: Span; onClose: () => void }) {
  const t = useT();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const [from, setFrom] = useState(() => localField(span.fromMs));
  const [to, setTo] = useState(() => localField(span.toMs));
  const [tried, setTried] = useState(false);
  const fromMs = fromLocalField(from);
  const now = nowMs();
  const typedToMs = fromLocalField(to);
  const toMs = Math.min(typedToMs, now);
  const wrong = fault(fromMs, typedToMs, now);
  const submit = (event: React.SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong !== null) return;
    void navigate({ search: (before) => ({ ...before, ...fixedSearch({ fromMs, toMs }) }) });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('machines.period.title')}
      description={t('machines.timesIn', { zone: zoneText(span.toMs) })}
    >
      <form onSubmit={submit} noValidate className="grid gap-3">
        <DateField
          label={t('machines.period.from')}
          type="datetime-local"
          step={1}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <DateField
          label={t('machines.period.to')}
          type="datetime-local"
          step={1}
          value={to}
          error={tried && wrong !== null ? t(wrong) : undefined}
          onChange={(event) => setTo(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit">
            {t('machines.period.show')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function fault(fromMs: number, toMs: number, now: number) {
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) return 'machines.period.missing';
  if (fromMs >= toMs) return 'machines.period.reversed';
  if (fromMs >= now) return 'machines.period.future';
  if (Math.min(toMs, now) - fromMs > ZOOM_MS_MAX) return 'machines.period.tooLong';
  return null;
}
