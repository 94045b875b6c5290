/** The latest deliveries of other people's agents: what came from where, what became of it, and why not. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { IntakeDelivery, IntakeRefusalCode, IntakeSite } from '@muster/shared/api/intake.ts';
import { useT } from '../../i18n/i18n.ts';
import { intakeDeliveriesQuery } from '../../parts/otherAgentsQueries.ts';
import { Card } from '../../ui/Card.tsx';
import { SelectField } from '../../ui/Field.tsx';
import type { StateLook } from '../../ui/states.ts';
import { LogLine, LogList } from './LogList.tsx';

const ALL = 'all';
/** As many as the server keeps of each address. */
const KEPT = 2_000;
type Result = 'taken' | 'refused';

export function IntakeDeliveriesCard({ sites }: { sites: readonly IntakeSite[] }) {
  const t = useT();
  const [site, setSite] = useState(ALL);
  const [result, setResult] = useState<Result | typeof ALL>(ALL);
  const pages = useInfiniteQuery(
    intakeDeliveriesQuery(site === ALL ? undefined : site, result === ALL ? undefined : result),
  );
  const filtered = site !== ALL || result !== ALL;
  return (
    <Card
      title={t('intake.deliveries.title')}
      note={t('intake.deliveries.note', { max: KEPT })}
      className="mt-4"
      flush
    >
      <div className="grid max-w-md grid-cols-2 gap-3 px-4 pb-3">
        <SelectField
          label={t('intake.deliveries.site')}
          value={site}
          options={[
            { value: ALL, label: t('intake.deliveries.all') },
            ...sites.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setSite}
        />
        <SelectField
          label={t('intake.deliveries.result')}
          value={result}
          options={[
            { value: ALL, label: t('intake.deliveries.all') },
            { value: 'taken', label: t('intake.deliveries.taken') },
            { value: 'refused', label: t('intake.deliveries.refused') },
          ]}
          onChange={setResult}
        />
      </div>
      <LogList
        pages={pages}
        entries={pages.data?.pages.flatMap(({ items }) => items)}
        empty={t(filtered ? 'intake.deliveries.noneMatch' : 'intake.deliveries.none')}
        older={t('intake.deliveries.older')}
      >
        {(delivery) => <Row key={delivery.id} delivery={delivery} />}
      </LogList>
    </Card>
  );
}

const LOOKS = {
  created: { word: 'intake.deliveries.state.created', glyph: 'disc', tone: 'up' },
  known: { word: 'intake.deliveries.state.known', glyph: 'tick', tone: 'up' },
  noted: { word: 'intake.deliveries.state.noted', glyph: 'ring', tone: 'idle' },
  refused: { word: 'intake.deliveries.state.refused', glyph: 'square-x', tone: 'crit' },
} as const satisfies Record<IntakeDelivery['result'], StateLook>;

/** Of these the detail says more than the sentence. */
const DETAILED: ReadonlySet<string> = new Set<IntakeRefusalCode>([
  'encoding-broken',
  'xml-broken',
  'xml-too-large',
  'message-unknown',
  'section-too-long',
  'report-invalid',
]);

function Row({ delivery }: { delivery: IntakeDelivery }) {
  const t = useT();
  const client = [delivery.clientName, delivery.clientVersion].filter(Boolean).join(' ');
  return (
    <LogLine
      look={LOOKS[delivery.result]}
      at={delivery.at}
      aside={
        <>
          <span className="tablet:block">{delivery.siteName}</span> {client !== '' && <span>{client} </span>}
          <span>{t('intake.deliveries.from', { address: delivery.address })}</span>
        </>
      }
    >
      <Device delivery={delivery} />
      {delivery.code !== null && (
        <span className="block text-12 leading-prose text-text-2">
          <span className="block">
            {t(`intake.error.${delivery.code}`)}{' '}
            {DETAILED.has(delivery.code) && (
              <code className="break-words text-text-3">{delivery.detail}</code>
            )}
          </span>
          <span className="block text-text-3">{t(`intake.hint.${delivery.code}`)}</span>
        </span>
      )}
    </LogLine>
  );
}

function Device({ delivery }: { delivery: IntakeDelivery }) {
  const t = useT();
  const name = delivery.deviceName || t('intake.deliveries.unnamed');
  return (
    <span className="block break-words">
      {delivery.ci ? (
        <Link to="/cis/$id" params={{ id: delivery.ci.id }} className="hover:text-accent hover:underline">
          {delivery.ci.name}
        </Link>
      ) : (
        <span className={delivery.deviceName ? undefined : 'text-text-3'}>{name}</span>
      )}
      {delivery.partial && <span className="ml-2 text-12 text-text-3">{t('intake.deliveries.partial')}</span>}
    </span>
  );
}
