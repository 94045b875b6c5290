/** Where our samples are sent to: each target with its queue, what became of its samples, and what it answered. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RemoteWriteOut, RemoteWriteTarget, TargetState } from '@muster/shared/api/remote-write.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AnswerLine, ReceiverBar } from '../../parts/ReceiverBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import type { StateLook } from '../../ui/states.ts';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber, quantityText } from '../../util/quantity.ts';
import { agoText, millis, wholeSpanText } from '../../util/time.ts';
import { FormDialog } from '../settings/FormDialog.tsx';
import { outQuery, useDeleteTarget, useSaveTarget, useTestTarget } from './exchangeQueries.ts';
import { isPathAnswer } from './exchangeText.ts';
import { Tile, Tiles } from './Facts.tsx';
import { TargetForm } from './TargetForm.tsx';

export function OutgoingTab() {
  const t = useT();
  const out = useQuery(outQuery);
  const refusal = useActionRefusal('exchange.write');
  const [adding, setAdding] = useState(false);
  if (out.data === undefined)
    return (
      <div className="card mt-3 px-4">
        {out.error ? (
          <ErrorPanel error={out.error} retry={() => void out.refetch()} />
        ) : (
          <SkeletonRows rows={4} className="-mx-4" />
        )}
      </div>
    );
  const { targets, queue } = out.data;
  return (
    <div className="mt-3 grid gap-4 [&>*]:min-w-0">
      <div className="flex flex-wrap items-end gap-3">
        <p className="mr-auto max-w-[80ch] flex-1 basis-80 leading-prose text-text-2">
          {t('exchange.targets.intro')}
        </p>
        <Button
          look="primary"
          icon="plus"
          disabledReason={refusal}
          disabled={adding}
          onClick={() => setAdding(true)}
        >
          {t('exchange.targets.add')}
        </Button>
      </div>
      {adding && (
        <section aria-label={t('exchange.targets.newTitle')} className="card">
          <h2 className="px-4 py-3 text-14 leading-5 font-semibold">{t('exchange.targets.newTitle')}</h2>
          <TargetForm target={null} onClose={() => setAdding(false)} />
        </section>
      )}
      {targets.length === 0 && !adding ? (
        <div className="card">
          <EmptyState>{t('exchange.targets.none')}</EmptyState>
        </div>
      ) : (
        targets.map((target) => <TargetCard key={target.id} target={target} />)
      )}
      <div className="grid items-start gap-4 wide:grid-cols-2 [&>*]:min-w-0">
        <QueueCard queue={queue} />
        <NamesCard />
      </div>
    </div>
  );
}

const LOOKS = {
  sending: { word: 'exchange.state.sending', glyph: 'tick', tone: 'up' },
  behind: { word: 'exchange.state.behind', glyph: 'half', tone: 'warn' },
  waiting: { word: 'exchange.state.waiting', glyph: 'square-x', tone: 'crit' },
  paused: { word: 'exchange.state.paused', glyph: 'pill', tone: 'planned' },
  idle: { word: 'exchange.state.idle', glyph: 'ring', tone: 'idle' },
} as const satisfies Record<TargetState['state'], StateLook>;

function TargetCard({ target }: { target: RemoteWriteTarget }) {
  const t = useT();
  const errorWords = useErrorWords();
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const save = useSaveTarget();
  const test = useTestTarget(target.id);
  const { id, status, ...fields } = target;
  const toggle = (enabled: boolean) =>
    save.mutate(
      { id, body: { ...fields, enabled } },
      {
        onSuccess: () =>
          say(
            t(enabled ? 'exchange.targets.switchedOn' : 'exchange.targets.switchedOff', {
              name: target.name,
            }),
          ),
        onError: (error) => say(errorWords(error)),
      },
    );
  return (
    <section aria-label={target.name} className="card">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="flex flex-wrap items-center gap-x-3 text-14 leading-5 font-semibold">
            <span className="break-words">{target.name}</span>
            <StatusBadge look={LOOKS[status.state]} kind="badge" />
          </h2>
          <p className="text-12 break-all text-text-3">
            {target.url}
            {' · '}
            {target.metrics.length === 0
              ? t('exchange.targets.all')
              : t('exchange.targets.some', { count: target.metrics.length })}
            {target.classes.length > 0 &&
              ` ${t('exchange.targets.classes', { classes: target.classes.join(', ') })}`}
          </p>
        </div>
        <ReceiverBar
          name={target.name}
          right="exchange.write"
          enabled={target.enabled}
          label={t('exchange.targets.switch', { name: target.name })}
          state={t(target.enabled ? 'exchange.targets.on' : 'exchange.targets.off')}
          remove={t('exchange.targets.remove')}
          isSwitching={save.isPending}
          isTesting={test.isPending}
          isEditing={editing}
          onSwitch={toggle}
          onTest={() => test.mutate()}
          onEdit={() => setEditing(!editing)}
          onRemove={() => setRemoving(true)}
        />
      </div>
      <Troubles status={status} />
      <TestLine test={test} />
      {editing ? (
        <TargetForm target={target} onClose={() => setEditing(false)} />
      ) : (
        <TargetFacts status={status} />
      )}
      {removing && <RemoveDialog target={target} onClose={() => setRemoving(false)} />}
    </section>
  );
}

/** What the target answered when it did not take something. */
function Troubles({ status }: { status: TargetState }) {
  const t = useT();
  const now = useNow(1_000);
  const language = useLanguage();
  const { failingSince, nextAttemptAt, lastError, lastRefusal } = status;
  const waitMs = nextAttemptAt === null ? 0 : millis(nextAttemptAt) - now;
  const next =
    waitMs <= 0 ? t('exchange.targets.now') : t('exchange.targets.next', { span: wholeSpanText(waitMs, t) });
  return (
    <>
      {failingSince !== null && lastError !== null && (
        <p role="status" className="border-t border-line bg-crit-weak px-4 py-2 text-12 text-crit-fg">
          <span className="font-medium">
            {t('exchange.targets.failing', {
              span: wholeSpanText(now - millis(failingSince), t),
              next,
            })}
          </span>{' '}
          <code lang="en" className="break-words">
            {lastError.answer}
          </code>
          {isPathAnswer(lastError.answer) && (
            <span className="mt-0.5 block">{t('exchange.targets.pathHint')}</span>
          )}
        </p>
      )}
      {lastRefusal !== null && (
        <p className="border-t border-line bg-warn-weak px-4 py-2 text-12 text-warn-fg">
          <span className="font-medium">
            {t('exchange.targets.refusal', {
              ago: agoText(millis(lastRefusal.at), now, t),
              count: formatNumber(lastRefusal.samples, 0, language),
            })}
          </span>{' '}
          <code lang="en" className="break-words">
            {lastRefusal.answer}
          </code>
        </p>
      )}
    </>
  );
}

function TestLine({ test }: { test: ReturnType<typeof useTestTarget> }) {
  const t = useT();
  const errorWords = useErrorWords();
  if (test.isPending || (!test.data && !test.error)) return null;
  const ok = test.data?.ok ?? false;
  const isPath = !ok && isPathAnswer(test.data?.answer ?? '');
  const words = test.error
    ? errorWords(test.error)
    : t(
        ok
          ? 'exchange.targets.testGood'
          : isPath
            ? 'exchange.targets.testBadPath'
            : 'exchange.targets.testBad',
      );
  return <AnswerLine look={ok ? 'good' : 'bad'} words={words} answer={test.data?.answer ?? ''} />;
}

function TargetFacts({ status }: { status: TargetState }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(5_000);
  const whole = (value: number) => formatNumber(value, 0, language);
  return (
    <Tiles>
      <Tile
        word={t('exchange.targets.waits')}
        value={
          status.queuedSamples === 0
            ? t('exchange.targets.nothingWaits')
            : t('exchange.targets.samples', { count: whole(status.queuedSamples) })
        }
        {...(status.queueAgeMs === null
          ? {}
          : {
              note: t('exchange.targets.waitsNote', {
                bytes: quantityText(status.queuedBytes, 'B', language),
                span: wholeSpanText(status.queueAgeMs, t),
              }),
            })}
        warn={status.state === 'behind' || status.state === 'waiting'}
      />
      <Tile
        word={t('exchange.targets.sent')}
        value={whole(status.sent)}
        note={
          status.lastSentAt === null
            ? t('exchange.targets.notSinceStart')
            : t('exchange.targets.lastSent', { ago: agoText(millis(status.lastSentAt), now, t) })
        }
      />
      <Tile
        word={t('exchange.targets.refused')}
        value={whole(status.refused)}
        {...(status.refused > 0 ? { note: t('exchange.targets.refusedNote') } : {})}
        warn={status.refused > 0}
      />
      <Tile
        word={t('exchange.targets.dropped')}
        value={whole(status.dropped)}
        {...(status.dropped > 0 ? { note: t('exchange.targets.droppedNote') } : {})}
        warn={status.dropped > 0}
      />
      <Tile word={t('exchange.targets.failed')} value={whole(status.failedRequests)} />
    </Tiles>
  );
}

function RemoveDialog({ target, onClose }: { target: RemoteWriteTarget; onClose: () => void }) {
  const t = useT();
  const remove = useDeleteTarget();
  return (
    <FormDialog
      title={t('exchange.targets.removeTitle', { name: target.name })}
      text={t('exchange.targets.removeText')}
      button={t('exchange.targets.remove')}
      keep={t('exchange.targets.keep')}
      danger
      right="exchange.write"
      state={remove}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(target.id, {
          onSuccess: () => {
            say(t('exchange.targets.removed', { name: target.name }));
            onClose();
          },
        })
      }
    />
  );
}

function QueueCard({ queue }: { queue: RemoteWriteOut['queue'] }) {
  const t = useT();
  const language = useLanguage();
  return (
    <Card title={t('exchange.queue.title')} note={t('exchange.queue.note')}>
      <p className="flex items-baseline gap-2">
        <span className="text-20 leading-7 font-semibold">{quantityText(queue.bytes, 'B', language)}</span>
        <span className="text-12 text-text-3">
          {t('exchange.queue.of', { max: quantityText(queue.bytesMax, 'B', language) })}
        </span>
      </p>
      <Meter percent={(queue.bytes / queue.bytesMax) * 100} className="mt-1.5" />
      <p className="mt-2 leading-prose text-text-2">{t('exchange.queue.text')}</p>
      {queue.lastError !== null && (
        <p role="status" className="mt-2 rounded-md bg-crit-weak px-3 py-2 text-12 text-crit-fg">
          <span className="font-medium">{t('exchange.queue.unwritten')}</span>{' '}
          <code lang="en" className="break-words">
            {queue.lastError}
          </code>
        </p>
      )}
      {queue.unwrittenDropped > 0 && (
        <p className="mt-2 text-12 font-medium text-warn-fg">
          {t('exchange.queue.lost', { count: formatNumber(queue.unwrittenDropped, 0, language) })}
        </p>
      )}
      {queue.setAside.map(({ name, samples }) => (
        <p key={name} className="mt-2 rounded-md bg-warn-weak px-3 py-2 text-12 text-warn-fg">
          <span className="font-medium">
            {t('exchange.queue.setAside', { count: formatNumber(samples, 0, language) })}
          </span>
          <code className="mt-1 block break-all">{name}</code>
        </p>
      ))}
    </Card>
  );
}

const NAMES = [
  ['cpu.utilisation', 'muster_cpu_utilisation_percent'],
  ['memory.used', 'muster_memory_used_bytes'],
  ['network.received', 'muster_network_received_bytes_total'],
  ['disk.reads', 'muster_disk_reads_total'],
  ['load.1m', 'muster_load_1m'],
] as const;

function NamesCard() {
  const t = useT();
  return (
    <Card title={t('exchange.names.title')} flush>
      <p className="px-4 pb-2 leading-prose text-text-2">{t('exchange.names.text')}</p>
      <PlainTable
        label={t('exchange.names.title')}
        head={[
          { id: 'here', label: t('exchange.names.here') },
          { id: 'there', label: t('exchange.names.there') },
        ]}
      >
        {NAMES.map(([here, there]) => (
          <tr key={here}>
            <td>
              <code className="break-all">{here}</code>
            </td>
            <td>
              <code className="break-all">{there}</code>
            </td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}
