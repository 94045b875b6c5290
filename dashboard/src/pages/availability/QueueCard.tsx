/** What people asked to judge otherwise: the second person's queue, and what was decided. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Reclassification } from '@muster/shared/api/reclassifications.ts';
import { RECLASSIFY_REASON_MAX } from '@muster/shared/api/reclassifications.ts';
import type { Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { reclassificationsQuery, useJudging } from '../../parts/reclassify.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';

const REASON_MIN = 3;
/** Of the card in the page. */
export const JUDGEMENTS_ANCHOR = 'judgements';

export function QueueCard({ nowMs }: { nowMs: Millis }) {
  const t = useT();
  const query = useQuery(reclassificationsQuery);
  const pending = query.data?.pending ?? 0;
  return (
    <div id={JUDGEMENTS_ANCHOR} className="scroll-mt-20">
      <Card
        title={t('agreed.queue.title')}
        note={pending > 0 ? t('agreed.queue.pending', { count: pending }) : undefined}
        flush
      >
        {query.data === undefined ? (
          query.error ? (
            <div className="px-4">
              <ErrorPanel error={query.error} retry={() => void query.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={2} />
          )
        ) : query.data.items.length === 0 ? (
          <EmptyState>{t('agreed.queue.none')}</EmptyState>
        ) : (
          <ul className="max-h-120 overflow-y-auto print:max-h-none">
            {query.data.items.map((one) => (
              <Row key={one.id} request={one} nowMs={nowMs} />
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

const nameOf = (who: string) => who.replace(/^user:/, '');

function Row({ request, nowMs }: { request: Reclassification; nowMs: Millis }) {
  const t = useT();
  const language = useLanguage();
  const { id, ciName, as, from, to, reason, state, undoes } = request;
  return (
    <li className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2 tablet:grid-cols-[minmax(0,1fr)_minmax(0,1.6fr)_minmax(0,0.8fr)]">
      <span className="min-w-0">
        <span className="block truncate font-medium">{ciName}</span>
        <span className="block text-12 text-text-2">
          {t('agreed.queue.span', {
            from: dateTimeText(millis(from), language, false),
            to: dateTimeText(millis(to), language, false),
          })}
        </span>
      </span>
      <span className="min-w-0">
        <span className="font-medium">
          {undoes === null ? t(`agreed.as.${as}`) : `${t('agreed.queue.undoes')} (${t(`agreed.as.${as}`)})`}
        </span>{' '}
        <span className="text-12 text-text-3">{t(`agreed.queue.states.${state}`)}</span>
        <span className="block break-words text-text-2">{reason}</span>
        {request.correctedAt !== null && (
          <span className="flex items-start gap-1.5 text-12 font-medium">
            <Glyph name="triangle" className="mt-1 flex-none text-warn-fg" />
            {t('agreed.queue.corrected', {
              time: recordTime(millis(request.correctedAt), nowMs, language),
            })}
          </span>
        )}
        <span className="block text-12 text-text-3">
          {t('agreed.queue.asked', {
            who: nameOf(request.requestedBy),
            time: recordTime(millis(request.requestedAt), nowMs, language),
          })}
          {request.decidedBy !== null &&
            request.decidedAt !== null &&
            ` · ${t('agreed.queue.decided', {
              who: nameOf(request.decidedBy),
              time: recordTime(millis(request.decidedAt), nowMs, language),
            })}`}
          {request.decisionNote ? `${t('ui.colon')}${request.decisionNote}` : ''}
        </span>
      </span>
      <Actions key={`${id} ${state}`} request={request} />
    </li>
  );
}

function Actions({ request }: { request: Reclassification }) {
  const t = useT();
  const refusal = useActionRefusal('availability.request');
  const [asking, setAsking] = useState<'refuse' | 'undo' | null>(null);
  const params = { id: request.id };
  const approve = useJudging(
    () => call(ENDPOINTS.decideReclassification, { params, body: { approve: true } }),
    t('agreed.queue.approved'),
  );
  const withdraw = useJudging(
    () => call(ENDPOINTS.withdrawReclassification, { params }),
    t('agreed.queue.withdrawn'),
  );
  const errorWords = useErrorWords();
  const error = approve.error ?? withdraw.error;
  const canUndo = request.state === 'approved' && request.undoes === null;
  return (
    <span className="no-print flex flex-wrap items-start gap-2 tablet:justify-end">
      {request.mayDecide && (
        <>
          <Button
            size="small"
            look="primary"
            disabled={approve.isPending}
            onClick={() => approve.mutate(undefined)}
          >
            {t('agreed.queue.approve')}
          </Button>
          <Button size="small" onClick={() => setAsking('refuse')}>
            {t('agreed.queue.refuse')}
          </Button>
        </>
      )}
      {request.mayWithdraw && (
        <>
          <span className="text-12 text-text-3">{t('agreed.queue.own')}</span>
          <Button size="small" disabled={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
            {t('agreed.queue.withdraw')}
          </Button>
        </>
      )}
      {canUndo && (
        <Button size="small" disabledReason={refusal} onClick={() => setAsking('undo')}>
          {t('agreed.queue.undo')}
        </Button>
      )}
      {error && (
        <span role="alert" className="w-full text-12 font-medium text-crit-fg">
          {errorWords(error)}
        </span>
      )}
      {asking !== null && <WhyDialog id={request.id} kind={asking} onClose={() => setAsking(null)} />}
    </span>
  );
}

function WhyDialog({ id, kind, onClose }: { id: string; kind: 'refuse' | 'undo'; onClose: () => void }) {
  const t = useT();
  const errorWords = useErrorWords();
  const [why, setWhy] = useState('');
  const params = { id };
  const send = useJudging(
    () =>
      kind === 'refuse'
        ? call(ENDPOINTS.decideReclassification, { params, body: { approve: false, note: why.trim() } })
        : call(ENDPOINTS.undoReclassification, { params, body: { reason: why.trim() } }),
    t(kind === 'refuse' ? 'agreed.queue.refused' : 'agreed.queue.undoAsked'),
    onClose,
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(kind === 'refuse' ? 'agreed.queue.refuseTitle' : 'agreed.queue.undoTitle')}
    >
      <TextArea
        label={t('agreed.queue.why')}
        value={why}
        maxLength={RECLASSIFY_REASON_MAX}
        onChange={(event) => setWhy(event.target.value)}
      />
      {send.error && (
        <p role="alert" className="mt-2 font-medium text-crit-fg">
          {errorWords(send.error)}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('calendars.cancel')}</Button>
        <Button
          look="primary"
          disabled={why.trim().length < REASON_MIN || send.isPending}
          onClick={() => send.mutate(undefined)}
        >
          {t(kind === 'refuse' ? 'agreed.queue.refuse' : 'agreed.queue.undo')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
