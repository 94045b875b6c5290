/** The off-site twin: where and when it is made, how the last one went, and the key to check it by. */
import { useState } from 'react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TwinSettings as Settings, TwinState } from '@muster/shared/api/twin.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { TextField } from '../../ui/Field.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { say } from '../../ui/Toast.tsx';
import { ABSENT, quantityText } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';

const twinQuery = queryOptions({
  queryKey: ['twin'],
  queryFn: ({ signal }) => call(ENDPOINTS.getTwin, {}, signal),
  staleTime: 10 * SECOND_MS,
  refetchInterval: ({ state: { data } }) => (data?.running ? SECOND_MS : MINUTE_MS),
});
const KEPT = [1, 3, 7, 14, 30, 90, 365].map(String);
const HOURS = Array.from({ length: 24 }, (_none, hour) => String(hour));

export function TwinSettings() {
  const t = useT();
  const twin = useQuery(twinQuery);
  return (
    <>
      <h1>{t('map.twin.title')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('map.twin.intro')}</p>
      {twin.data === undefined ? (
        <Card className="mt-3">
          {twin.error ? (
            <ErrorPanel error={twin.error} retry={() => void twin.refetch()} />
          ) : (
            <Skeleton className="h-40" />
          )}
        </Card>
      ) : (
        <Loaded state={twin.data} />
      )}
    </>
  );
}

function Loaded({ state }: { state: TwinState }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useRefusal('twin.write');
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Settings>(state.settings);
  const keep = (answer: TwinState) => queries.setQueryData(twinQuery.queryKey, answer);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.setTwin, { body: draft }),
    onSuccess: (answer) => {
      keep(answer);
      say(t('map.twin.saved'));
    },
  });
  const run = useMutation({ mutationFn: () => call(ENDPOINTS.runTwin, {}), onSuccess: keep });
  const lacksFolder = state.settings.folder === '';
  const time = (iso: string | null) => (iso === null ? ABSENT : dateTimeText(millis(iso), language, false));
  return (
    <div className="mt-3 grid gap-3">
      <Card
        title={t('map.twin.last')}
        tone={state.overdue ? 'crit' : undefined}
        action={
          <Button
            size="small"
            disabled={state.running !== null}
            disabledReason={refusal ?? (lacksFolder ? t('map.twin.lacksFolder') : undefined)}
            onClick={() => run.mutate()}
          >
            {t('map.twin.now')}
          </Button>
        }
      >
        {lacksFolder && <p className="mb-2 text-text-2">{t('map.twin.lacksFolder')}</p>}
        {state.overdue && <p className="mb-2 font-medium text-crit-fg">{t('map.twin.overdue')}</p>}
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
          <dt className="text-text-3">{t('map.twin.success')}</dt>
          <dd>{time(state.lastSuccessAt)}</dd>
          <dt className="text-text-3">{t('map.twin.where')}</dt>
          <dd className="break-all">{state.lastPath ?? ABSENT}</dd>
          <dt className="text-text-3">{t('map.twin.size')}</dt>
          <dd>{state.lastBytes === null ? ABSENT : quantityText(state.lastBytes, 'B', language)}</dd>
          <dt className="text-text-3">{t('map.twin.next')}</dt>
          <dd>{time(state.nextAt)}</dd>
        </dl>
        {state.running && (
          <div role="status" className="mt-3 max-w-sm">
            <p className="mb-1 text-12 text-text-2">
              {t('map.twin.progress', { done: state.running.done, total: state.running.total })}
            </p>
            <Meter
              percent={state.running.total === 0 ? null : (state.running.done / state.running.total) * 100}
            />
          </div>
        )}
        {state.lastError && (
          <p role="alert" className="mt-3 text-crit-fg">
            {t('map.twin.failed', { time: time(state.lastError.at), message: state.lastError.message })}
          </p>
        )}
        {run.error && <ErrorPanel error={run.error} />}
      </Card>
      <Card
        title={t('map.twin.plan')}
        action={
          <Button
            size="small"
            look="primary"
            disabled={refusal !== undefined || save.isPending}
            disabledReason={refusal}
            onClick={() => save.mutate()}
          >
            {t('ui.save')}
          </Button>
        }
      >
        <div className="grid gap-3">
          <Switch
            label={t('map.twin.daily')}
            checked={draft.enabled}
            onChange={(enabled) => setDraft({ ...draft, enabled })}
          >
            {t('map.twin.daily')}
          </Switch>
          <TextField
            label={t('map.twin.folder')}
            help={t('map.twin.folderHelp')}
            value={draft.folder}
            maxLength={1024}
            onChange={(event) => setDraft({ ...draft, folder: event.target.value })}
          />
          <div className="flex flex-wrap gap-4">
            <SelectLine
              label={t('map.twin.hour')}
              value={String(draft.hour)}
              options={HOURS.map((value) => ({ value, label: `${value.padStart(2, '0')}:00` }))}
              onChange={(value) => setDraft({ ...draft, hour: Number(value) })}
            />
            <SelectLine
              label={t('map.twin.keep')}
              value={String(draft.keep)}
              options={[...new Set([...KEPT, String(draft.keep)])].map((value) => ({ value, label: value }))}
              onChange={(value) => setDraft({ ...draft, keep: Number(value) })}
            />
          </div>
          {save.error && <ErrorPanel error={save.error} />}
        </div>
      </Card>
      <Card title={t('map.twin.check')}>
        <p className="max-w-[80ch] leading-prose text-text-2">{t('map.twin.checkText')}</p>
        <div className="mt-2">
          <CodeLine
            code={`muster twin verify FOLDER --key ${state.keyFingerprint}`}
            label={t('map.twin.check')}
          />
        </div>
      </Card>
    </div>
  );
}
