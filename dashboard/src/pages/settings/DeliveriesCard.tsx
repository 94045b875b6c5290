/** The log of deliveries: what was sent where, how often it was tried, and what the other end answered. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { z } from 'zod';
import type { Delivery } from '@muster/shared/api/operations.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { SelectField } from '../../ui/Field.tsx';
import type { StateLook } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { millis, recordTime } from '../../util/time.ts';
import type { ChannelShown } from './channelDraft.ts';
import { failureWords } from './deliveryWords.ts';
import { LogLine, LogList } from './LogList.tsx';
import { deliveriesQuery } from './notifyQueries.ts';

type DeliveryShown = z.infer<typeof Delivery>;

const ALL = 'all';

export function DeliveriesCard({ channels }: { channels: readonly ChannelShown[] }) {
  const t = useT();
  const [chosen, setChosen] = useState(ALL);
  const log = useInfiniteQuery(deliveriesQuery(chosen === ALL ? undefined : chosen));
  return (
    <Card title={t('settings.notify.log')} note={t('settings.notify.logNote')} className="mt-4" flush>
      <div className="max-w-60 px-4 pb-3">
        <SelectField
          label={t('settings.notify.channel')}
          value={chosen}
          options={[
            { value: ALL, label: t('settings.notify.allChannels') },
            ...channels.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setChosen}
        />
      </div>
      <LogList
        pages={log}
        entries={log.data?.pages.flatMap(({ items }) => items)}
        empty={t('settings.notify.logEmpty')}
        older={t('settings.notify.older')}
      >
        {(delivery) => (
          <Row
            key={delivery.id}
            delivery={delivery}
            channel={channels.find(({ id }) => id === delivery.channelId)?.name}
          />
        )}
      </LogList>
    </Card>
  );
}

const LOOKS = {
  sent: { word: 'settings.notify.state.sent', glyph: 'tick', tone: 'up' },
  waiting: { word: 'settings.notify.state.waiting', glyph: 'half', tone: 'warn' },
  failed: { word: 'settings.notify.state.failed', glyph: 'square-x', tone: 'crit' },
} as const satisfies Record<DeliveryShown['state'], StateLook>;

function Row({ delivery, channel }: { delivery: DeliveryShown; channel: string | undefined }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  const why = delivery.state === 'sent' ? undefined : failureWords(delivery.answer);
  return (
    <LogLine
      look={LOOKS[delivery.state]}
      at={delivery.at}
      aside={
        <>
          <span className="tablet:block">{channel ?? t('settings.notify.goneChannel')}</span>{' '}
          {delivery.nextAttemptAt === null
            ? delivery.attempts > 1 && t('settings.notify.attempts', { count: delivery.attempts })
            : t('settings.notify.nextAttempt', {
                count: delivery.attempts,
                time: recordTime(millis(delivery.nextAttemptAt), now, language),
              })}
        </>
      }
    >
      <span className="block break-words">
        {delivery.incidentRef === null ? (
          delivery.subject
        ) : (
          <Link
            to="/incidents/$ref"
            params={{ ref: delivery.incidentRef }}
            className="hover:text-accent hover:underline"
          >
            {delivery.subject}
          </Link>
        )}
      </span>
      {delivery.answer !== '' && (
        <span className={cx('block text-12', delivery.state === 'sent' ? 'text-text-3' : 'text-text-2')}>
          {why && `${t(why)} `}
          <code className="break-all text-text-3">{delivery.answer}</code>
        </span>
      )}
    </LogLine>
  );
}
