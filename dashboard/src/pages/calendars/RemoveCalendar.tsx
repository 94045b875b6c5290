/** Deletes a calendar that was never assigned, after asking. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Calendar } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';

export function RemoveCalendar({ calendar, refusal }: { calendar: Calendar; refusal: string | undefined }) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteCalendar, { params: { id: calendar.id } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['calendars'] });
      say(t('calendars.removed'));
      void navigate({ to: '/settings/calendars', search: {} });
    },
  });
  return (
    <>
      <Button disabledReason={refusal} onClick={() => setAsking(true)}>
        {t('calendars.remove')}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('calendars.remove')}
        description={t('calendars.removeAsk', { name: calendar.name })}
      >
        {remove.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(remove.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={() => setAsking(false)}>{t('calendars.cancel')}</Button>
          <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {t('calendars.remove')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
