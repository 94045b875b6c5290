/** Reads days from a file, shows what they would change, and hands over those that are wanted. */
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { CalendarDay, calendarsEndpoints } from '@muster/shared/api/calendars.ts';
import { CALENDAR_FILE_BYTES_MAX } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { z } from 'zod';
import { call } from '../../api/client.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';

type Preview = z.infer<(typeof calendarsEndpoints)['previewCalendarImport']['response']>;

export function ImportCard({
  calendarId,
  locked,
  onTake,
}: {
  calendarId: string;
  locked: string | undefined;
  onTake: (days: readonly CalendarDay[]) => void;
}) {
  const t = useT();
  const id = useId();
  const errorWords = useErrorWords();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [tooLarge, setTooLarge] = useState(false);
  const read = useMutation({
    mutationFn: async (file: File) =>
      call(ENDPOINTS.previewCalendarImport, {
        params: { id: calendarId },
        body: { fileName: file.name.slice(0, 255), contentBase64: await base64Of(file) },
      }),
    onSuccess: setPreview,
  });
  return (
    <Card title={t('calendars.import')}>
      <p className="max-w-[80ch] leading-prose text-text-2">{t('calendars.importIntro')}</p>
      <div className="mt-3 grid gap-1">
        <label htmlFor={id} className="text-12 font-medium">
          {t('calendars.file')}
        </label>
        <input
          id={id}
          type="file"
          accept=".ics,.csv,.xlsx,text/calendar,text/csv"
          disabled={locked !== undefined}
          title={locked}
          onChange={(event) => {
            const file = event.target.files?.[0];
            setPreview(null);
            setTooLarge(file !== undefined && file.size > CALENDAR_FILE_BYTES_MAX);
            if (file && file.size <= CALENDAR_FILE_BYTES_MAX) read.mutate(file);
          }}
          className="block w-full rounded-md border border-line-strong bg-surface p-2 text-13"
        />
      </div>
      {read.isPending && <p role="status">{t('calendars.reading')}</p>}
      {(read.error ?? tooLarge) && (
        <p role="alert" className="mt-2 font-medium text-crit-fg">
          {tooLarge ? t('errors.bodyTooLarge') : errorWords(read.error)}
        </p>
      )}
      {preview && (
        <Found
          preview={preview}
          onTake={(days) => {
            onTake(days);
            setPreview(null);
          }}
        />
      )}
    </Card>
  );
}

function Found({ preview, onTake }: { preview: Preview; onTake: (days: readonly CalendarDay[]) => void }) {
  const t = useT();
  const words = useWords();
  const wanted = preview.days.filter(({ state }) => state === 'new' || state === 'other');
  const problems = preview.problems.length + preview.problemsBeyond;
  return (
    <div className="mt-3 grid gap-3">
      <p className="font-medium">{t('calendars.found', { count: preview.days.length })}</p>
      <ul className="max-h-72 overflow-y-auto rounded-md border border-line">
        {preview.days.map((day) => (
          <li
            key={`${day.line} ${day.day}`}
            className="flex flex-wrap gap-x-3 px-3 py-1 not-first:border-t not-first:border-line"
          >
            <span className="font-medium">{day.day}</span>
            <span className="min-w-0 flex-1 break-words">
              {t(`calendars.kinds.${day.kind}`)}
              {day.name !== '' && ` · ${day.name}`}
            </span>
            <span className="text-12 text-text-2">{t(`calendars.importState.${day.state}`)}</span>
          </li>
        ))}
      </ul>
      {problems > 0 && (
        <div>
          <p className="font-medium text-warn-fg">{t('calendars.problems', { count: problems })}</p>
          <ul className="mt-1 max-h-40 overflow-y-auto text-12 text-text-2">
            {preview.problems.map((problem) => (
              <li key={`${problem.line} ${problem.words.en}`}>
                {t('calendars.line', { line: problem.line })}
                {t('ui.colon')}
                {words(problem.words)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {wanted.length === 0 ? (
        <p className="text-text-2">{t('calendars.nothingNew')}</p>
      ) : (
        <div>
          <Button
            look="primary"
            onClick={() => onTake(wanted.map(({ line: _line, state: _state, ...day }) => day))}
          >
            {t('calendars.takeDays', { count: wanted.length })}
          </Button>
        </div>
      )}
    </div>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
