/** Adds a calendar with office hours to begin with; its editor opens next. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CALENDAR_NAME_MAX } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';

const OFFICE_DAY = [{ fromMinute: 480, toMinute: 1_080 }];

export function NewCalendarDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [zone, setZone] = useState('');
  const add = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.createCalendar, {
        body: {
          name: name.trim(),
          zone: zone.trim() === '' ? null : zone.trim(),
          weekly: [OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, [], []],
          days: [],
        },
      }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['calendars'] });
      say(t('calendars.created'));
      onClose();
      void navigate({ to: '/settings/calendars', search: { calendar: id } });
    },
  });
  return (
    <Dialog open onClose={onClose} title={t('calendars.add')}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') add.mutate();
        }}
      >
        <TextField
          label={t('calendars.name')}
          value={name}
          maxLength={CALENDAR_NAME_MAX}
          required
          error={add.error ? errorWords(add.error) : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t('calendars.zoneFixed')}
          help={t('calendars.zoneHelp')}
          value={zone}
          onChange={(event) => setZone(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('calendars.cancel')}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === '' || add.isPending}>
            {t('calendars.add')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
