/** Notification channels: where incidents are told, whether it works, and what became of each message. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { AnswerLine, ReceiverBar } from '../../parts/ReceiverBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, millis } from '../../util/time.ts';
import type { ChannelShown } from './channelDraft.ts';
import { ChannelForm } from './ChannelForm.tsx';
import { DeliveriesCard } from './DeliveriesCard.tsx';
import { failureWords } from './deliveryWords.ts';
import { FormDialog } from './FormDialog.tsx';
import { channelsQuery } from './notifyQueries.ts';

export function NotifySettings() {
  const t = useT();
  usePageTitle(t('settings.nav.notify'));
  const channels = useQuery(channelsQuery);
  const refusal = useActionRefusal('channels.write');
  const [adding, setAdding] = useState(false);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('settings.nav.notify')}</h1>
        <Button
          look="primary"
          icon="plus"
          disabledReason={refusal}
          disabled={adding}
          onClick={() => setAdding(true)}
        >
          {t('settings.notify.add')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('settings.notify.intro')}</p>
      {adding && (
        <section aria-label={t('settings.notify.newTitle')} className="card mt-3">
          <h2 className="px-4 py-3 text-14 leading-5 font-semibold">{t('settings.notify.newTitle')}</h2>
          <ChannelForm channel={null} onClose={() => setAdding(false)} />
        </section>
      )}
      <div className="mt-3 grid gap-3">
        {channels.data === undefined ? (
          <div className="card px-4">
            {channels.error ? (
              <ErrorPanel error={channels.error} retry={() => void channels.refetch()} />
            ) : (
              <SkeletonRows rows={3} className="-mx-4" />
            )}
          </div>
        ) : channels.data.length === 0 && !adding ? (
          <div className="card">
            <EmptyState>{t('settings.notify.none')}</EmptyState>
          </div>
        ) : (
          channels.data.map((channel) => <ChannelCard key={channel.id} channel={channel} />)
        )}
      </div>
      {channels.data && <DeliveriesCard channels={channels.data} />}
    </>
  );
}

function ChannelCard({ channel }: { channel: ChannelShown }) {
  const t = useT();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const test = useTest(channel.id);
  const toggle = useToggle(channel);
  return (
    <section aria-label={channel.name} className="card">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <Icon name={channel.config.kind === 'email' ? 'note' : 'external'} className="text-text-3" />
        <div className="min-w-0 flex-1 basis-56">
          <h2 className={cx('truncate text-14 leading-5 font-semibold', !channel.enabled && 'text-text-3')}>
            {channel.name}
          </h2>
          <p className="truncate text-12 text-text-3">
            {t(`settings.notify.kinds.${channel.config.kind}`)}
            {' · '}
            {targetOf(channel)}
            {' · '}
            {t(`settings.notify.from.${priorityOf(channel)}`)}
          </p>
        </div>
        <ReceiverBar
          name={channel.name}
          right="channels.write"
          enabled={channel.enabled}
          label={t('settings.notify.switch', { name: channel.name })}
          state={t(channel.enabled ? 'settings.notify.on' : 'settings.notify.off')}
          remove={t('settings.notify.delete')}
          isSwitching={toggle.isPending}
          isTesting={test.isPending}
          isEditing={editing}
          onSwitch={(enabled) => toggle.mutate(enabled)}
          onTest={() => test.mutate()}
          onEdit={() => setEditing(!editing)}
          onRemove={() => setDeleting(true)}
        />
      </div>
      <Outcome channel={channel} test={test} />
      {editing && <ChannelForm channel={channel} onClose={() => setEditing(false)} />}
      {deleting && <DeleteDialog channel={channel} onClose={() => setDeleting(false)} />}
    </section>
  );
}

function priorityOf({ priorityMax }: ChannelShown): '1' | '2' | '3' | '4' {
  return (['1', '2', '3', '4'] as const).find((each) => Number(each) === priorityMax) ?? '4';
}

function targetOf({ config }: ChannelShown): string {
  if (config.kind === 'email') return config.to.join(', ');
  return URL.canParse(config.url) ? new URL(config.url).host : config.url;
}

/** What the other end said: to the test just made, else to the last message. */
function Outcome({ channel, test }: { channel: ChannelShown; test: ReturnType<typeof useTest> }) {
  const t = useT();
  const now = useNow(10_000);
  const errorWords = useErrorWords();
  const { lastDelivery } = channel;
  if (test.isPending) return <AnswerLine look="waiting" words={t('settings.notify.testRunning')} answer="" />;
  if (test.error) {
    const answer = test.error instanceof ApiError ? test.error.code : '';
    return <AnswerLine look="bad" words={errorWords(test.error)} answer={answer} />;
  }
  if (test.data) {
    const { ok, answer } = test.data;
    const why = failureWords(answer);
    const words = ok ? t('settings.notify.testGood') : why ? t(why) : t('settings.notify.testBad');
    return <AnswerLine look={ok ? 'good' : 'bad'} words={words} answer={answer} />;
  }
  if (lastDelivery === null)
    return <AnswerLine look="never" words={t('settings.notify.neverSent')} answer="" />;
  const why = failureWords(lastDelivery.answer);
  const ago = agoText(millis(lastDelivery.at), now, t);
  return (
    <AnswerLine
      look={lastDelivery.ok ? 'good' : 'bad'}
      words={
        lastDelivery.ok
          ? t('settings.notify.lastGood', { ago })
          : t('settings.notify.lastBad', { ago, why: why ? t(why) : '' })
      }
      answer={lastDelivery.answer}
    />
  );
}

function useTest(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(ENDPOINTS.testChannel, { params: { id } }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['deliveries'] });
      void queries.invalidateQueries({ queryKey: channelsQuery.queryKey });
    },
  });
}

function useToggle({ id, name }: ChannelShown) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) => call(ENDPOINTS.updateChannel, { params: { id }, body: { enabled } }),
    onSuccess: ({ enabled }) => {
      say(t(enabled ? 'settings.notify.switchedOn' : 'settings.notify.switchedOff', { name }));
      void queries.invalidateQueries({ queryKey: channelsQuery.queryKey });
      void queries.invalidateQueries({ queryKey: overviewQuery.queryKey });
    },
    onError: (error) => say(errorWords(error)),
  });
}

function DeleteDialog({ channel, onClose }: { channel: ChannelShown; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteChannel, { params: { id: channel.id } }),
    onSuccess: () => {
      say(t('settings.notify.deleted', { name: channel.name }));
      void queries.invalidateQueries({ queryKey: channelsQuery.queryKey });
      void queries.invalidateQueries({ queryKey: overviewQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('settings.notify.deleteTitle', { name: channel.name })}
      text={t('settings.notify.deleteText')}
      button={t('settings.notify.delete')}
      keep={t('settings.notify.keep')}
      danger
      right="channels.write"
      state={remove}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
    />
  );
}
