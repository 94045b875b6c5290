/** Change records: what was asked for, when it may happen, and who approved it. */
import { CHANGE_STATES } from '@muster/shared/api/choices.ts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type Change, type ChangeState } from '@muster/shared/api/changes.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { ChangeDialog } from '../../parts/ChangeDialog.tsx';
import { actorWord } from '../../parts/changes.ts';
import { changesQuery, useControlMutation } from '../../parts/controlQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import type { StateLook } from '../../ui/states.ts';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { byDay, dateTimeText, dayText, millis } from '../../util/time.ts';
import type { ChangesSearch } from './search.ts';

const LOOKS = {
  requested: { word: 'control.changes.state.requested', glyph: 'half', tone: 'warn' },
  approved: { word: 'control.changes.state.approved', glyph: 'tick', tone: 'up' },
  rejected: { word: 'control.changes.state.rejected', glyph: 'square-x', tone: 'crit' },
  cancelled: { word: 'control.changes.state.cancelled', glyph: 'dash', tone: 'idle' },
  closed: { word: 'control.changes.state.closed', glyph: 'tick', tone: 'idle' },
} as const satisfies Record<ChangeState, StateLook>;

type Step = Exclude<ChangeState, 'requested'>;

export function ChangesPage() {
  const t = useT();
  const language = useLanguage();
  usePageTitle(t('shell.nav.changes'));
  const search = useSearch({ from: `/app${'/changes'}` });
  const navigate = useNavigate({ from: '/changes' });
  const set = (change: Partial<ChangesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const refusal = useActionRefusal('changes.request');
  const changes = useInfiniteQuery(changesQuery({ state: search.state }));
  const rows = useMemo(() => changes.data?.pages.flatMap(({ items }) => items), [changes.data]);
  const [requesting, setRequesting] = useState(false);
  const [moving, setMoving] = useState<{ change: Change; to: Step } | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.changes')}</h1>
        <Button look="primary" icon="plus" disabledReason={refusal} onClick={() => setRequesting(true)}>
          {t('control.changes.request')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('control.changes.intro')}</p>
      <div className="no-print scrollbar-none -m-1 mt-2 max-w-full overflow-x-auto p-1">
        <Segmented
          label={t('control.state.label')}
          value={search.state ?? 'all'}
          options={[
            { value: 'all' as const, label: t('ui.any') },
            ...CHANGE_STATES.map((value) => ({ value, label: t(LOOKS[value].word) })),
          ]}
          onChange={(state) => set({ state: state === 'all' ? undefined : state })}
        />
      </div>
      <section className="card mt-3 overflow-clip" aria-label={t('shell.nav.changes')}>
        {rows === undefined ? (
          changes.error ? (
            <div className="px-4">
              <ErrorPanel error={changes.error} retry={() => void changes.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={6} />
          )
        ) : rows.length === 0 ? (
          <EmptyState>{t('control.changes.none')}</EmptyState>
        ) : (
          byDay(rows, ({ startsAt }) => millis(startsAt)).map(([dayMs, ofDay]) => (
            <div key={dayMs}>
              <h2 className="border-b border-line bg-sunken px-4 py-1.5 text-12 font-medium text-text-2">
                {dayText(dayMs, language)}
              </h2>
              <ul>
                {ofDay.map((change) => (
                  <Row
                    key={change.id}
                    change={change}
                    shown={search.open === change.id}
                    onShow={() => set({ open: search.open === change.id ? undefined : change.id })}
                    onMove={(to) => setMoving({ change, to })}
                  />
                ))}
              </ul>
            </div>
          ))
        )}
        {rows !== undefined && <MorePages pages={changes} label={t('control.older')} />}
      </section>
      {requesting && (
        <ChangeDialog
          title={t('control.changes.request')}
          text={t('control.changes.requestText')}
          onClose={() => setRequesting(false)}
          onDone={(change) => {
            setRequesting(false);
            say(t('control.changes.requested', { ref: change.ref }));
          }}
        />
      )}
      {moving && <MoveDialog {...moving} onClose={() => setMoving(null)} />}
    </>
  );
}

function Row({
  change,
  shown,
  onShow,
  onMove,
}: {
  change: Change;
  shown: boolean;
  onShow: () => void;
  onMove: (to: Step) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const inForce =
    change.state === 'approved' && millis(change.startsAt) <= now && now < millis(change.endsAt);
  return (
    <li className="px-4 py-3 [&+&]:border-t [&+&]:border-line">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1 basis-72">
          <button
            type="button"
            aria-expanded={shown}
            onClick={onShow}
            className="flex min-w-0 items-start gap-1.5 text-left font-medium hover:text-accent"
          >
            <Icon name="chevron" size={14} className={shown ? 'mt-0.5' : 'mt-0.5 -rotate-90'} />
            <span className="min-w-0 break-words">
              {change.ref} {change.title}
            </span>
          </button>
          <p className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 pl-5 text-12 text-text-3">
            <StatusBadge look={LOOKS[change.state]} />
            {inForce && <span className="font-medium text-accent">{t('control.changes.now')}</span>}
            <span>
              {dateTimeText(millis(change.startsAt), language, false)} –{' '}
              {dateTimeText(millis(change.endsAt), language, false)}
            </span>
            <span>{t('control.changes.by', { name: actorWord(change.requestedBy, t) })}</span>
            {change.decidedBy !== null && (
              <span>{t('control.changes.decidedBy', { name: actorWord(change.decidedBy, t) })}</span>
            )}
          </p>
        </div>
        <Steps change={change} onMove={onMove} />
      </div>
      {shown && (
        <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 pl-5">
          <dt className="text-text-3">{t('control.changes.cis')}</dt>
          <dd className="flex flex-wrap gap-x-3">
            {change.cis.map((ci) => (
              <Link key={ci.id} to="/cis/$id" params={{ id: ci.id }} className="text-accent hover:underline">
                {ci.name}
              </Link>
            ))}
            {change.tags.map((tag) => (
              <span key={tag}>#{tag}</span>
            ))}
          </dd>
          <dt className="text-text-3">{t('control.changes.kindsShort')}</dt>
          <dd>
            {change.kinds.length === 0
              ? t('control.changes.anything')
              : change.kinds.map((kind) => t(`control.change.${kind}`)).join(', ')}
          </dd>
          {change.description !== '' && (
            <>
              <dt className="text-text-3">{t('control.changes.description')}</dt>
              <dd className="whitespace-pre-wrap">{change.description}</dd>
            </>
          )}
          {change.note !== null && (
            <>
              <dt className="text-text-3">{t('control.changes.note')}</dt>
              <dd className="whitespace-pre-wrap">{change.note}</dd>
            </>
          )}
        </dl>
      )}
    </li>
  );
}

function Steps({ change, onMove }: { change: Change; onMove: (to: Step) => void }) {
  const t = useT();
  const me = useMe();
  const approve = useActionRefusal('changes.approve');
  const request = useActionRefusal('changes.request');
  const own = change.requestedBy === `user:${me?.name ?? ''}`;
  const refusal = approve ?? (own && !change.mayDecide ? t('control.changes.ownRefused') : undefined);
  const step = (to: Step, why: string | undefined) => (
    <Button size="small" disabledReason={why} onClick={() => onMove(to)}>
      {t(`control.changes.step.${to}`)}
    </Button>
  );
  return (
    <span className="flex flex-wrap gap-2">
      {change.state === 'requested' && (
        <>
          {step('approved', refusal)}
          {step('rejected', refusal)}
          {step('cancelled', request)}
        </>
      )}
      {change.state === 'approved' && (
        <>
          {step('closed', request)}
          {step('cancelled', request)}
        </>
      )}
    </span>
  );
}

function MoveDialog({ change, to, onClose }: { change: Change; to: Step; onClose: () => void }) {
  const t = useT();
  const [note, setNote] = useState('');
  const move = useControlMutation((body: { to: Step; note: string | null }) =>
    call(ENDPOINTS.moveChange, { params: { id: change.id }, body }),
  );
  return (
    <AskDialog
      title={t(`control.changes.ask.${to}`, { ref: change.ref })}
      text={change.title}
      button={t(`control.changes.step.${to}`)}
      danger={to === 'rejected' || to === 'cancelled'}
      right={to === 'approved' || to === 'rejected' ? 'changes.approve' : 'changes.request'}
      ready={to !== 'rejected' || note.trim() !== ''}
      state={move}
      onClose={onClose}
      onSubmit={() => move.mutate({ to, note: note.trim() || null }, { onSuccess: onClose })}
    >
      <TextArea
        label={t('control.changes.note')}
        value={note}
        maxLength={10_000}
        onChange={(event) => setNote(event.target.value)}
      />
    </AskDialog>
  );
}
