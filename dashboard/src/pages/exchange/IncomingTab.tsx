/** What arrives by remote write: how much, from whom, for which machines, and what is kept out and why. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { KeptOut, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { agoText, millis } from '../../util/time.ts';
import {
  INSTANCE_LINES,
  isOfMachine,
  mainReason,
  prometheusLines,
  senderLook,
  vmagentOptions,
} from './exchangeText.ts';
import { inQuery } from './exchangeQueries.ts';
import { Fact, Facts } from './Facts.tsx';
import { LineDialog } from './LineDialog.tsx';
import { MappingsCard } from './MappingsCard.tsx';

export function IncomingTab() {
  const incoming = useQuery(inQuery);
  if (incoming.data === undefined)
    return (
      <div className="card mt-3 px-4">
        {incoming.error ? (
          <ErrorPanel error={incoming.error} retry={() => void incoming.refetch()} />
        ) : (
          <SkeletonRows rows={6} className="-mx-4" />
        )}
      </div>
    );
  const status = incoming.data;
  return (
    <div className="mt-3 grid gap-4 [&>*]:min-w-0">
      <div className="grid items-start gap-4 wide:grid-cols-2 [&>*]:min-w-0">
        <div className="grid gap-4 [&>*]:min-w-0">
          <ArrivesCard status={status} />
          <SendersCard senders={status.senders} turnedAway={status.turnedAway} />
          <MachinesCard machines={status.machines} />
        </div>
        <div className="grid gap-4 [&>*]:min-w-0">
          <SenderCard url={status.url} />
          <UnknownCard unknown={status.unknown} />
        </div>
      </div>
      <KeptOutCard metrics={status.metrics} reasons={status.reasons} />
      <MappingsCard />
    </div>
  );
}

interface StatusProps {
  readonly status: RemoteWriteIn;
}

function ArrivesCard({ status }: StatusProps) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const { samples, requests } = status;
  const whole = (value: number) => formatNumber(value, 0, language);
  return (
    <Card
      title={t('exchange.arrives.title')}
      note={t('exchange.arrives.since', { ago: agoText(millis(status.since), now, t) })}
      flush
    >
      <Facts>
        <Fact word={t('exchange.arrives.received')} value={whole(samples.received)} />
        <Fact word={t('exchange.arrives.stored')} value={whole(samples.stored)} />
        <Fact
          word={t('exchange.arrives.keptOut')}
          value={whole(samples.keptOut)}
          note={t('exchange.arrives.keptOutNote')}
        />
        <Fact
          word={t('exchange.arrives.stale')}
          value={whole(samples.stale)}
          note={t('exchange.arrives.staleNote')}
        />
        {samples.ahead > 0 && (
          <Fact
            word={t('exchange.arrives.ahead')}
            value={whole(samples.ahead)}
            note={t('exchange.arrives.aheadNote')}
            warn
          />
        )}
        {samples.invalid > 0 && (
          <Fact
            word={t('exchange.arrives.invalid')}
            value={whole(samples.invalid)}
            note={t('exchange.arrives.invalidNote')}
            warn
          />
        )}
        <Fact word={t('exchange.arrives.requests')} value={whole(requests.taken)} />
        <Fact
          word={t('exchange.arrives.refused')}
          value={whole(requests.refused)}
          warn={requests.refused > 0}
        />
        <Fact word={t('exchange.arrives.later')} value={whole(requests.later)} warn={requests.later > 0} />
        <Fact
          word={t('exchange.arrives.series')}
          value={whole(status.series)}
          note={t('exchange.arrives.seriesOf', { max: whole(status.seriesMax) })}
          warn={status.series >= status.seriesMax}
        />
      </Facts>
    </Card>
  );
}

function SenderCard({ url }: { url: string | null }) {
  const t = useT();
  const refusal = useRefusal('tokens.write');
  return (
    <Card title={t('exchange.sender.title')}>
      <p className="leading-prose text-text-2">{t('exchange.sender.text')}</p>
      <p className="mt-3 mb-1 text-12 font-medium">{t('exchange.sender.prometheus')}</p>
      <CodeLine code={prometheusLines(url)} label={t('exchange.sender.prometheus')} />
      <p className="mt-3 mb-1 text-12 font-medium">{t('exchange.sender.vmagent')}</p>
      <CodeLine code={vmagentOptions(url)} label={t('exchange.sender.vmagent')} />
      <p className="mt-3 mb-1 text-12 font-medium">{t('exchange.sender.instance')}</p>
      <p className="mb-1 text-12 leading-prose text-text-2">{t('exchange.sender.instanceText')}</p>
      <CodeLine code={INSTANCE_LINES} label={t('exchange.sender.instance')} />
      <p className="mt-3 text-12 leading-prose text-text-3">{t('exchange.sender.certificate')}</p>
      {url === null && (
        <p className="mt-1 text-12 leading-prose text-text-3">{t('exchange.sender.unknownUrl')}</p>
      )}
      {refusal === undefined && (
        <Link to="/settings/tokens" className="mt-2 inline-block text-12 text-accent hover:underline">
          {t('exchange.sender.tokens')}
        </Link>
      )}
    </Card>
  );
}

function SendersCard({ senders, turnedAway }: Pick<RemoteWriteIn, 'senders' | 'turnedAway'>) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(5_000);
  return (
    <Card title={t('exchange.senders.title')} flush>
      {turnedAway.map(({ why, count, address, program, at }) => (
        <div
          key={why}
          className="flex items-baseline gap-2 border-t border-line bg-warn-weak px-4 py-2 text-warn-fg"
        >
          <Glyph name="triangle" />
          <p className="min-w-0 leading-prose break-words">
            <span className="font-medium">{t(`exchange.turnedAway.${why}`, { count })}</span>{' '}
            {t(program === '' ? 'exchange.turnedAway.lastUnnamed' : 'exchange.turnedAway.last', {
              address,
              program,
              ago: agoText(millis(at), now, t),
            })}
          </p>
        </div>
      ))}
      {senders.length === 0 ? (
        <EmptyState>{t('exchange.senders.none')}</EmptyState>
      ) : (
        <ul>
          {senders.map((sender) => (
            <li
              key={`${sender.actor} ${sender.address} ${sender.program}`}
              className="border-t border-line px-4 py-2"
            >
              <span className="flex flex-wrap items-baseline gap-x-3">
                <span className="mr-auto flex items-baseline gap-2">
                  <Glyph
                    name={senderLook(sender) === 'good' ? 'tick' : 'triangle'}
                    className={senderLook(sender) === 'good' ? 'text-up-solid' : 'text-warn-fg'}
                  />
                  <span className="sr-only">{t(`exchange.senders.${senderLook(sender)}`)}</span>
                  <span className="font-medium break-all">{sender.program || sender.actor}</span>
                </span>
                <span className="text-12 text-text-3">{agoText(millis(sender.lastAt), now, t)}</span>
              </span>
              <span className="block pl-5 text-12 text-text-3">
                {t('exchange.senders.from', { actor: sender.actor, address: sender.address })}
                {' · '}
                {t('exchange.senders.line', {
                  samples: formatNumber(sender.samples, 0, language),
                  requests: formatNumber(sender.requests, 0, language),
                  stored: formatNumber(sender.stored, 0, language),
                })}
              </span>
              {senderLook(sender) === 'nothing' && <NothingKept sender={sender} />}
              {sender.refusal !== null && (
                <code lang="en" className="block pl-5 text-12 break-words text-warn-fg">
                  {sender.refusal}
                </code>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** That nothing of what a sender sent is kept, why, and what helps. */
function NothingKept({ sender }: { sender: RemoteWriteIn['senders'][number] }) {
  const t = useT();
  const main = mainReason(sender);
  return (
    <p className="pl-5 text-12 leading-prose text-warn-fg">
      <span className="font-medium">
        {main === null
          ? t('exchange.senders.nothing')
          : t('exchange.senders.nothingWhy', { why: t(`exchange.why.${main}`) })}
      </span>
      {main !== null && isOfMachine(main) && ` ${t('exchange.senders.cure')}`}
    </p>
  );
}

/** Beyond these the list says how many more there are by its length alone. */
const MACHINES_SHOWN = 12;

function MachinesCard({ machines }: { machines: RemoteWriteIn['machines'] }) {
  const t = useT();
  const now = useNow(5_000);
  return (
    <Card title={t('exchange.machines.title')} note={machines.length > 0 && machines.length} flush>
      {machines.length === 0 ? (
        <EmptyState>{t('exchange.machines.none')}</EmptyState>
      ) : (
        <ul>
          {machines.slice(0, MACHINES_SHOWN).map(({ ciId, name, series, lastAt }) => (
            <li key={ciId} className="flex flex-wrap items-baseline gap-x-3 border-t border-line px-4 py-2">
              <Link
                to="/machines/$id/live"
                params={{ id: ciId }}
                className="mr-auto min-w-0 break-words hover:text-accent hover:underline"
              >
                {name}
              </Link>
              <span className="text-12 text-text-2">{t('exchange.machines.series', { count: series })}</span>
              <span className="text-12 text-text-3">{agoText(millis(lastAt), now, t)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function UnknownCard({ unknown }: { unknown: RemoteWriteIn['unknown'] }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(5_000);
  const ambiguous = unknown.some(({ why }) => why === 'machine-ambiguous');
  return (
    <Card title={t('exchange.unknown.title')} note={unknown.length > 0 && t('exchange.unknown.note')} flush>
      {unknown.length === 0 ? (
        <EmptyState>{t('exchange.unknown.none')}</EmptyState>
      ) : (
        <>
          <div className="px-4 pb-2 text-12 leading-prose text-text-2">
            <p>{t('exchange.unknown.hint')}</p>
            {ambiguous && <p>{t('exchange.unknown.hintAmbiguous')}</p>}
          </div>
          <PlainTable
            label={t('exchange.unknown.title')}
            head={[
              { id: 'value', label: t('exchange.unknown.value') },
              { id: 'label', label: t('exchange.unknown.label'), className: 'max-tablet:hidden' },
              { id: 'samples', label: t('exchange.unknown.samples'), align: 'right' },
              { id: 'last', label: t('exchange.unknown.last'), align: 'right' },
            ]}
          >
            {unknown.map(({ label, value, why, samples, lastAt }) => (
              <tr key={`${label} ${value} ${why}`}>
                <td className="py-1.5">
                  <code className="break-all">{value}</code>
                  {why === 'machine-ambiguous' && (
                    <span className="block text-12 text-text-3">{t('exchange.why.machine-ambiguous')}</span>
                  )}
                </td>
                <td className="text-text-2 max-tablet:hidden">
                  <code>{label}</code>
                </td>
                <td className="text-right whitespace-nowrap">{formatNumber(samples, 0, language)}</td>
                <td className="text-right whitespace-nowrap text-text-3">
                  {agoText(millis(lastAt), now, t)}
                </td>
              </tr>
            ))}
          </PlainTable>
        </>
      )}
    </Card>
  );
}

/** The first of them are most of the samples. */
const METRICS_SHOWN = 15;

function KeptOutCard({ metrics, reasons }: Pick<RemoteWriteIn, 'metrics' | 'reasons'>) {
  const t = useT();
  const language = useLanguage();
  const refusal = useRefusal('exchange.write');
  const [mapping, setMapping] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<readonly KeptOut[]>([]);
  const isChosen = ({ why }: { why: KeptOut }) => chosen.length === 0 || chosen.includes(why);
  const listed = metrics.filter(isChosen);
  const shown = all ? listed : listed.slice(0, METRICS_SHOWN);
  const counted = reasons.filter(isChosen).reduce((sum, reason) => sum + reason.metrics, 0);
  const mayMap = refusal === undefined;
  return (
    <Card title={t('exchange.keptOut.title')} note={t('exchange.keptOut.note')} flush>
      {metrics.length === 0 ? (
        <EmptyState>{t('exchange.keptOut.none')}</EmptyState>
      ) : (
        <>
          {reasons.length > 1 && (
            <div className="px-4 pb-2">
              <FilterChips
                label={t('exchange.keptOut.reasons')}
                all={{
                  label: t('exchange.keptOut.allReasons'),
                  count: reasons.reduce((sum, reason) => sum + reason.metrics, 0),
                }}
                chips={reasons.map(({ why, metrics: count }) => ({
                  value: why,
                  label: t(`exchange.reason.${why}`),
                  count,
                }))}
                chosen={chosen}
                onChange={setChosen}
              />
            </div>
          )}
          <PlainTable
            label={t('exchange.keptOut.title')}
            head={[
              { id: 'metric', label: t('exchange.keptOut.metric') },
              { id: 'why', label: t('exchange.keptOut.why'), className: 'max-tablet:hidden' },
              { id: 'samples', label: t('exchange.keptOut.samples'), align: 'right' },
              ...(mayMap ? [{ id: 'do', label: t('exchange.keptOut.action'), align: 'right' as const }] : []),
            ]}
          >
            {shown.map(({ metric, why, samples }) => (
              <tr key={`${metric} ${why}`}>
                <td className="py-1.5">
                  <code className="break-all">{metric}</code>
                  <span className="block text-12 text-text-3 tablet:hidden">{t(`exchange.why.${why}`)}</span>
                </td>
                <td className="text-text-2 max-tablet:hidden">{t(`exchange.why.${why}`)}</td>
                <td className="text-right whitespace-nowrap">{formatNumber(samples, 0, language)}</td>
                {mayMap && (
                  <td className="w-24 text-right">
                    {why === 'no-line' && (
                      <Button
                        size="small"
                        aria-label={t('exchange.keptOut.addLineFor', { name: metric })}
                        onClick={() => setMapping(metric)}
                      >
                        {t('exchange.keptOut.addLine')}
                      </Button>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </PlainTable>
          {shown.length === listed.length && counted > listed.length && (
            <p className="border-t border-line px-4 py-2.5 text-12 text-text-3">
              {t('exchange.keptOut.most', {
                shown: formatNumber(listed.length, 0, language),
                count: formatNumber(counted, 0, language),
              })}
            </p>
          )}
          {shown.length < listed.length && (
            <div className="border-t border-line px-4 py-2.5">
              <Button size="small" onClick={() => setAll(true)}>
                {t('exchange.keptOut.all', { count: listed.length })}
              </Button>
            </div>
          )}
        </>
      )}
      {mapping !== null && (
        <LineDialog mapping={null} index={null} from={mapping} onClose={() => setMapping(null)} />
      )}
    </Card>
  );
}
