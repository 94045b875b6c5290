/** One maintenance window: the form at the left, what it means at the right. */
import { useQuery } from '@tanstack/react-query';
import { Link, useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { MaintenanceWindow } from '@muster/shared/api/maintenance.ts';
import { ApiError, call } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useMe, useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { useControlErrorWords } from '../../parts/controlQueries.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { TextArea, TextField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { EndDialog, type Ending } from './dialogs.tsx';
import {
  blankDraft,
  type Draft,
  draftOf,
  namesNothing,
  type Target,
  targetsOf,
  timeInputOf,
} from './draft.ts';
import { CoveredCard, PreviewCard } from './PreviewCard.tsx';
import {
  previewQuery,
  PROLONG_MINUTES,
  useProlong,
  useWindowMutation,
  type WindowDetail,
  windowQuery,
} from './queries.ts';
import { TargetFields } from './TargetFields.tsx';
import { TimeFields } from './TimeFields.tsx';
import { scheduleText, spanWords, WINDOW_LOOKS } from './words.ts';
import { ownZone } from './zone.ts';

export function NewWindowPage() {
  const t = useT();
  usePageTitle(t('maintenance.set'));
  const { ci } = useSearch({ from: '/app/maintenance/new' });
  const me = useMe();
  const named = useQuery({ ...ciQuery(ci ?? ''), enabled: ci !== undefined });
  if (me === undefined || (ci !== undefined && named.isPending))
    return <SkeletonRows rows={8} className="card mt-4" />;
  const blank = blankDraft(nowMs(), ownZone());
  return (
    <Editor
      key={ci ?? 'new'}
      window={null}
      initial={{ ...blank, agreedBy: me.name, targets: named.data ? [targetOf(named.data)] : [] }}
    />
  );
}

function targetOf({ id, name, class: ciClass }: { id: string; name: string; class: string }): Target {
  const kind = ciClass === 'Service' ? 'services' : ciClass === 'Location' ? 'locations' : 'ciIds';
  return { kind, id, name, class: ciClass };
}

export function WindowPage() {
  const t = useT();
  const { id } = useParams({ from: '/app/maintenance/$id' });
  const window = useQuery(windowQuery(id));
  usePageTitle(window.data?.title);
  if (window.error instanceof ApiError && window.error.status === 404)
    return (
      <div className="mx-auto max-w-2xl text-center">
        <h1 className="mb-4">{t('maintenance.gone')}</h1>
        <Card>
          <EmptyState
            action={
              <Link to="/maintenance" className={buttonClass('primary')}>
                {t('maintenance.toList')}
              </Link>
            }
          >
            {t('maintenance.goneHint')}
          </EmptyState>
        </Card>
      </div>
    );
  if (window.data === undefined)
    return window.error === null ? (
      <SkeletonRows rows={8} className="card mt-4" />
    ) : (
      <div className="card mt-4 px-4">
        <ErrorPanel error={window.error} retry={() => void window.refetch()} />
      </div>
    );
  return <Editor key={id} window={window.data} initial={draftOf(window.data, nowMs())} />;
}

function Editor({ window, initial }: { window: WindowDetail | null; initial: Draft }) {
  const t = useT();
  const [first, setFirst] = useState(initial);
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const role = useRefusal('maintenance.write');
  const refusal = useActionRefusal('maintenance.write');
  const over = window?.state === 'over';
  const readOnly = role !== undefined || over;
  const changed = draft !== first && JSON.stringify(draft) !== JSON.stringify(first);
  const time = timeInputOf(draft);
  const nothing = namesNothing(draft);
  const preview = usePreview(draft, window?.id ?? null);
  const save = useSave(window, draft, () => setFirst(draft));
  const ready =
    draft.title.trim() !== '' && !nothing && time !== null && (preview.data?.problem ?? null) === null;
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed && !save.leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => changed && !save.leaving.current,
    withResolver: true,
  });
  const changedAt = window?.changedAt;
  // What somebody else, or a button above, changed is taken over where nothing was changed here.
  const [seen, setSeen] = useState(changedAt);
  if (seen !== changedAt) {
    setSeen(changedAt);
    if (!changed) {
      setFirst(initial);
      setDraft(initial);
    }
  }
  return (
    <>
      <Heading window={window} />
      <div className="mt-4 grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_minmax(0,440px)]">
        <form
          noValidate
          className="card grid min-w-0 gap-5 p-4"
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (ready) save.run();
          }}
        >
          <fieldset disabled={readOnly} className="grid min-w-0 gap-5">
            <legend className="sr-only">{t('maintenance.form.title')}</legend>
            <AboutFields draft={draft} set={set} tried={tried} />
            <TargetFields
              draft={draft}
              set={set}
              error={tried && nothing ? t('maintenance.form.nothing') : undefined}
            />
            {window?.schedule !== null && <TimeFields draft={draft} set={set} />}
          </fieldset>
          {window !== null && !over && (
            <p className="text-12 text-text-3">{t('maintenance.form.fromNowOn')}</p>
          )}
          {save.error !== null && (
            <p role="alert" className="font-medium text-crit-fg">
              {save.error}
            </p>
          )}
          {!readOnly && (
            <div className="flex flex-wrap justify-end gap-2">
              <Link to="/maintenance" className={buttonClass()}>
                {t('ui.cancel')}
              </Link>
              <Button
                type="submit"
                look="primary"
                disabledReason={refusal}
                disabled={save.isPending || (window !== null && !changed)}
              >
                {t(window === null ? 'maintenance.set' : 'maintenance.save')}
              </Button>
            </div>
          )}
        </form>
        {window?.state === 'over' ? (
          <CoveredCard covered={{ total: window.covered, items: window.cis }} spared={[]} />
        ) : (
          <PreviewCard preview={preview} incomplete={time === null} timeZone={draft.timeZone} />
        )}
      </div>
      {blocker.status === 'blocked' && (
        <Dialog open onClose={blocker.reset} title={t('maintenance.form.leave')}>
          <DialogActions>
            <Button onClick={blocker.reset}>{t('maintenance.form.stay')}</Button>
            <Button look="danger" onClick={blocker.proceed}>
              {t('maintenance.form.discard')}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}

function Heading({ window }: { window: MaintenanceWindow | null }) {
  const t = useT();
  const language = useLanguage();
  const role = useRefusal('maintenance.write');
  const refusal = useActionRefusal('maintenance.write');
  const prolong = useProlong();
  const [ending, setEnding] = useState<Ending['what'] | null>(null);
  if (window === null)
    return (
      <>
        <h1>{t('maintenance.set')}</h1>
        <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('maintenance.form.intro')}</p>
      </>
    );
  const runs = window.state === 'running' || window.state === 'waiting';
  const recurs = window.schedule?.kind === 'recurring';
  const span = window.now ?? window.next ?? window.last;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto min-w-0 break-words">{window.title}</h1>
        {role === undefined && window.state === 'running' && (
          <Button disabledReason={refusal} disabled={prolong.isPending} onClick={() => prolong.run(window)}>
            {t('maintenance.prolong', { minutes: PROLONG_MINUTES })}
          </Button>
        )}
        {role === undefined && recurs && (
          <Button disabledReason={refusal} onClick={() => setEnding('skip')}>
            {t(runs ? 'maintenance.endNow' : 'maintenance.skip')}
          </Button>
        )}
        {role === undefined && window.state !== 'over' && (
          <Button disabledReason={refusal} onClick={() => setEnding('stop')}>
            {t(recurs ? 'maintenance.stop' : runs ? 'maintenance.endNow' : 'maintenance.cancel')}
          </Button>
        )}
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-text-2">
        <StatusBadge look={WINDOW_LOOKS[window.state]} kind="badge" />
        {span !== null && <span>{spanWords(millis(span.from), millis(span.to), language)}</span>}
        {recurs && <span>{scheduleText(window, { t, language })}</span>}
        <span className="text-12 text-text-3">
          {t('maintenance.setBy', {
            name: actorWord(window.createdBy, t),
            at: dateTimeText(millis(window.createdAt), language, false),
          })}
        </span>
        {window.ended && (
          <span className="text-12 text-text-3">
            {t('maintenance.endedBy', {
              name: actorWord(window.ended.by, t),
              at: dateTimeText(millis(window.ended.at), language, false),
            })}
          </span>
        )}
      </p>
      {ending !== null && <EndDialog what={ending} window={window} onClose={() => setEnding(null)} />}
    </>
  );
}

function AboutFields({
  draft,
  set,
  tried,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  tried: boolean;
}) {
  const t = useT();
  return (
    <div className="grid gap-3">
      <TextField
        label={t('maintenance.form.name')}
        value={draft.title}
        required
        maxLength={200}
        error={tried && draft.title.trim() === '' ? t('maintenance.form.nameMissing') : undefined}
        onChange={(event) => set({ title: event.target.value })}
      />
      <TextField
        label={t('maintenance.form.agreedBy')}
        help={t('maintenance.form.agreedByHelp')}
        value={draft.agreedBy}
        maxLength={200}
        onChange={(event) => set({ agreedBy: event.target.value })}
      />
      <TextArea
        label={t('maintenance.form.reason')}
        value={draft.reason}
        rows={2}
        maxLength={2_000}
        onChange={(event) => set({ reason: event.target.value })}
      />
    </div>
  );
}

/** Asked again a moment after the last key. */
const PAUSE_MS = 300;

function usePreview(draft: Draft, windowId: string | null) {
  const time = timeInputOf(draft);
  const wanted = JSON.stringify(
    time && { ...time, targets: targetsOf(draft), children: draft.children, windowId },
  );
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const body = useDeferredValue(asked);
  return useQuery(previewQuery(JSON.parse(body) as Parameters<typeof previewQuery>[0]));
}

function useSave(window: MaintenanceWindow | null, draft: Draft, onSaved: () => void) {
  const t = useT();
  const words = useControlErrorWords();
  const navigate = useNavigate();
  const leaving = useRef(false);
  const mutation = useWindowMutation(async () => {
    const time = timeInputOf(draft);
    if (time === null) throw new Error('a draft with gaps is not saved');
    const body = {
      title: draft.title.trim(),
      reason: draft.reason.trim(),
      agreedBy: draft.agreedBy.trim(),
      targets: targetsOf(draft),
      children: draft.children,
      ...time,
    };
    return window === null
      ? call(ENDPOINTS.createMaintenanceWindow, { body })
      : call(ENDPOINTS.updateMaintenanceWindow, {
          params: { id: window.id },
          body: { ...body, ...unchangedTimes(window, time) },
        });
  });
  return {
    leaving,
    isPending: mutation.isPending,
    error: mutation.error && words(mutation.error),
    run: () =>
      mutation.mutate(undefined, {
        onSuccess: () => {
          say(t('maintenance.saved', { title: draft.title.trim() }));
          onSaved();
          if (window !== null) return;
          leaving.current = true;
          void navigate({ to: '/maintenance' });
        },
      }),
  };
}

/** Times that are as they were are not sent: what was agreed of them stays the same agreement. */
function unchangedTimes(window: MaintenanceWindow, time: NonNullable<ReturnType<typeof timeInputOf>>) {
  const { schedule, timeZone, flexible } = window;
  const same =
    JSON.stringify([schedule, timeZone, flexible]) ===
    JSON.stringify([time.schedule, time.timeZone, time.flexible]);
  return same ? { schedule: undefined, timeZone: undefined, flexible: undefined } : {};
}
