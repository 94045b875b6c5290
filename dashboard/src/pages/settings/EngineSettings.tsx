/** The engine: what comes in, what waits, how long writing takes, what the disk holds. Calm while all is well. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EngineStatus } from '@muster/shared/api/engine.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { DAY_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber, quantityText, scaleFor } from '../../util/quantity.ts';
import {
  agoText,
  clockTime,
  dateText,
  dateTimeText,
  millis,
  spanText,
  wholeSpanText,
} from '../../util/time.ts';
import type { ExchangeSearch } from '../exchange/search.ts';
import { DiskCard } from './DiskCard.tsx';
import { DISK_DAYS_WARN, findingsOf } from './engineHealth.ts';
import { PulseLine } from './PulseLine.tsx';

const REFRESH_MS = 4 * SECOND_MS;
/** Figures older than this are told to be old. */
const STALE_MS = 3 * REFRESH_MS + SECOND_MS;

const engineQuery = queryOptions({
  queryKey: ['engine'],
  queryFn: ({ signal }) => call(ENDPOINTS.engineStatus, {}, signal),
  refetchInterval: REFRESH_MS,
  placeholderData: keepPreviousData,
});

export function EngineSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.engine'));
  const engine = useQuery(engineQuery);
  const status = engine.data;
  return (
    <>
      <PrintHeader
        title={t('settings.nav.engine')}
        purpose={t('settings.engine.purpose')}
        source={status && t('settings.engine.versionOf', { version: status.version })}
      />
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h1 className="mr-auto print:hidden">{t('settings.nav.engine')}</h1>
        {status && (
          <AgeLabel
            atMs={millis(status.at)}
            staleAfterMs={STALE_MS}
            className="min-w-24 justify-end text-12 text-text-3"
          />
        )}
      </div>
      {status === undefined ? (
        engine.error ? (
          <div className="card mt-3 px-4">
            <ErrorPanel error={engine.error} retry={() => void engine.refetch()} />
          </div>
        ) : (
          <Loading />
        )
      ) : (
        <>
          <Silence sinceMs={engine.dataUpdatedAt}>
            <Headline status={status} />
          </Silence>
          <Summary status={status} />
          <div className="mt-3 grid items-start gap-4 wide:grid-cols-2">
            <div className="grid gap-4">
              <IngestCard status={status} />
              <DiskCard status={status} />
              <ExchangeCard status={status} />
            </div>
            <div className="grid gap-4">
              <WritingCard status={status} />
              <WaitingCard status={status} />
              <ProcessCard status={status} />
              <ServerCard status={status} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Loading() {
  return (
    <div className="mt-10 grid gap-4 wide:grid-cols-2">
      <div className="card flex gap-4 p-4 wide:col-span-2">
        <Skeleton className="h-10 flex-1" />
        <Skeleton className="h-10 flex-1" />
        <Skeleton className="h-10 flex-1" />
      </div>
      {[0, 1, 2, 3].map((card) => (
        <div key={card} className="card h-56 p-4">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="mt-6 h-8 w-40" />
          <Skeleton className="mt-6 h-4 w-full" />
        </div>
      ))}
    </div>
  );
}

/** What was well when the server last answered may not be so now. */
function Silence({ sinceMs, children }: { sinceMs: Millis; children: React.ReactNode }) {
  const t = useT();
  const now = useNow(SECOND_MS);
  if (now - sinceMs <= STALE_MS) return children;
  return (
    <p
      role="alert"
      className="mt-3 flex items-start gap-2 rounded-md bg-warn-weak px-3 py-2 font-medium text-warn-fg"
    >
      <Glyph name="triangle" className="mt-1" />
      <span>{t('settings.engine.noAnswer', { time: clockTime(sinceMs, true) })}</span>
    </p>
  );
}

/** One sentence where all is well; else what is wrong, each with what to do. */
function Headline({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const findings = findingsOf(status);
  if (findings.length === 0) {
    return (
      <p role="status" className="mt-1 flex items-start gap-2 leading-prose text-text-2">
        <Glyph name="tick" className="mt-1 text-up-solid" />
        {t('settings.engine.calm', {
          count: status.ingest.agentsConnected,
          ms: formatNumber(Math.max(1, status.durations.commit.p99Ms), 0, language),
        })}
      </p>
    );
  }
  return (
    <ul className="mt-3 grid gap-2">
      {findings.map(({ word, tone, details, days = 0, count = 0, exchange }, index) => (
        <li
          key={`${word} ${index}`}
          className={cx(
            'rounded-md px-3 py-2',
            tone === 'crit' ? 'bg-crit-weak text-crit-fg' : 'bg-warn-weak text-warn-fg',
          )}
        >
          <span className="flex items-start gap-2 font-medium">
            <Glyph name={tone === 'crit' ? 'square-x' : 'triangle'} className="mt-1" />
            <span>
              {t(word, { days, count })}
              {exchange && <ExchangeLink search={exchange === 'out' ? { show: 'out' } : {}} />}
            </span>
          </span>
          <Details lines={details.slice(0, DETAILS_SHOWN)} />
          {details.length > DETAILS_SHOWN && (
            <details className="pl-5 text-12">
              <summary className="cursor-pointer coarse:py-3">
                {t('settings.engine.moreDetails', { count: details.length - DETAILS_SHOWN })}
              </summary>
              <div className="-ml-5 max-h-60 overflow-y-auto">
                <Details lines={details.slice(DETAILS_SHOWN)} />
              </div>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

function ExchangeLink({ search }: { search: ExchangeSearch }) {
  const t = useT();
  if (useRefusal('exchange.read') !== undefined) return null;
  return (
    <Link to="/settings/exchange" search={search} className="ml-1.5 underline">
      {t('settings.engine.trouble.toExchange')}
    </Link>
  );
}

/** More of the same say nothing new to a tired reader. */
const DETAILS_SHOWN = 3;

/** The server's own words. */
function Details({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => (
    <span key={line} lang="en" className="block pl-5 text-12 break-words">
      {line}
    </span>
  ));
}

/** What is asked at night: does it take in, is anything lost, when is the disk full. */
function Summary({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { ingest, exchange, storage } = status;
  const damaged = status.troubles.filter(({ code }) => code === 'data-damaged').length;
  const whole = (value: number) => formatNumber(value, 0, language);
  const lost = [
    ...(ingest.refusedTotal > 0 ? [t('settings.engine.lostRefused', { count: ingest.refusedTotal })] : []),
    ...(storage.droppedBytesTotal > 0
      ? [t('settings.engine.lostDropped', { size: quantityText(storage.droppedBytesTotal, 'B', language) })]
      : []),
    ...(damaged > 0 ? [t('settings.engine.lostDamaged', { count: damaged })] : []),
    ...(exchange.droppedTotal > 0 ? [t('settings.engine.lostUnsent', { count: exchange.droppedTotal })] : []),
  ];
  const { forecast, freeBytes, totalBytes } = storage;
  const days = forecast?.daysUntilFull ?? null;
  return (
    <dl className="card mt-3 grid tablet:grid-cols-3 max-tablet:[&>div+div]:border-t tablet:[&>div+div]:border-l [&>div+div]:border-line">
      <Answer
        word={t('settings.engine.ingest')}
        values={[
          t('settings.engine.rate', {
            value: formatNumber(ingest.samplesPerSecond, ingest.samplesPerSecond < 10 ? 1 : 0, language),
          }),
        ]}
        note={t('settings.engine.fromAgents', { count: ingest.agentsConnected })}
      />
      <Answer
        word={t('settings.engine.lost')}
        values={lost.length === 0 ? [t('settings.engine.lostNothing')] : lost}
        note={t('settings.engine.lostNote', {
          late: whole(ingest.lateTotal),
          duplicates: whole(ingest.duplicatesTotal),
        })}
        warn={lost.length > 0}
      />
      <Answer
        word={t('settings.engine.diskFull')}
        values={[
          forecast === null || freeBytes === null
            ? t('settings.engine.fullUnknown')
            : days === null
              ? t('settings.engine.fullNever')
              : t('settings.engine.fullIn', { count: days }),
        ]}
        note={t('settings.engine.freeOf', {
          free: quantityText(freeBytes, 'B', language),
          total: quantityText(totalBytes, 'B', language),
        })}
        warn={days !== null && days <= DISK_DAYS_WARN}
      />
    </dl>
  );
}

function Answer({
  word,
  values,
  note,
  warn = false,
}: {
  word: string;
  values: readonly string[];
  note: string;
  warn?: boolean;
}) {
  return (
    <div className="min-w-0 px-4 py-2.5">
      <dt className="text-12 text-text-3">{word}</dt>
      <dd>
        {values.map((value) => (
          <span key={value} className={cx('block text-16 leading-6 font-semibold', warn && 'text-warn-fg')}>
            {value}
          </span>
        ))}
        <span className="block text-12 text-text-3">{note}</span>
      </dd>
    </div>
  );
}

function IngestCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { ingest, pulse } = status;
  const whole = (value: number) => formatNumber(value, 0, language);
  const rate = (value: number) => formatNumber(value, value < 10 ? 1 : 0, language);
  return (
    <Card title={t('settings.engine.ingest')} flush>
      <Pulse
        figure={rate(ingest.samplesPerSecond)}
        unit={t('settings.engine.perSecond')}
        values={pulse.samplesPerSecond}
        stepMs={pulse.stepMs}
        maxAtLeast={10}
        format={rate}
      />
      <Facts>
        <Fact word="settings.engine.series" value={whole(ingest.seriesCount)} />
        <Fact
          word="settings.engine.stored"
          value={whole(ingest.samplesTotal)}
          note={t('settings.engine.sinceStart')}
        />
        <Fact
          word="settings.engine.duplicates"
          value={whole(ingest.duplicatesTotal)}
          note={t('settings.engine.duplicatesNote')}
        />
        <Fact
          word="settings.engine.late"
          value={whole(ingest.lateTotal)}
          note={t('settings.engine.lateNote')}
        />
        <Fact
          word="settings.engine.refused"
          value={whole(ingest.refusedTotal)}
          note={t('settings.engine.refusedNote')}
          warn={ingest.refusedTotal > 0}
        />
      </Facts>
    </Card>
  );
}

function WritingCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const time = (ms: number) => quantityText(ms / SECOND_MS, 's', language);
  return (
    <Card title={t('settings.engine.writing')} note={t('settings.engine.writingNote')} flush>
      <PlainTable
        label={t('settings.engine.writing')}
        head={[
          { id: 'step', label: t('settings.engine.step') },
          { id: 'p50', label: 'p50', align: 'right' },
          { id: 'p95', label: 'p95', align: 'right' },
          { id: 'max', label: t('settings.engine.slowest'), align: 'right' },
        ]}
      >
        {(['commit', 'sync', 'index', 'settle'] as const).map((step) => {
          const { count, p50Ms, p95Ms, maxMs } = status.durations[step];
          return (
            <tr key={step}>
              <td>
                <span className={cx(step === 'sync' && 'block pl-3')}>
                  {t(`settings.engine.steps.${step}`)}
                </span>
              </td>
              {[p50Ms, p95Ms, maxMs].map((ms, index) => (
                <td key={index} className="text-right whitespace-nowrap">
                  {count === 0 ? ABSENT : time(ms)}
                </td>
              ))}
            </tr>
          );
        })}
      </PlainTable>
    </Card>
  );
}

/** What has come and is on its way: growing figures mean that something does not get on. */
function WaitingCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { ingest, queues } = status;
  return (
    <Card title={t('settings.engine.waiting')} flush>
      <Facts>
        <Fact
          word="settings.engine.head"
          value={quantityText(queues.headBytes, 'B', language)}
          note={
            ingest.seriesCount === 0
              ? t('settings.engine.headNote')
              : t('settings.engine.headPerSeries', {
                  value: quantityText(queues.headBytes / ingest.seriesCount, 'B', language),
                })
          }
        />
        <Fact
          word="settings.engine.journal"
          value={quantityText(queues.journalBytes, 'B', language)}
          note={t('settings.engine.journalNote')}
        />
        <Fact
          word="settings.engine.journalAge"
          value={queues.journalAgeMs === null ? ABSENT : wholeSpanText(queues.journalAgeMs, t)}
        />
        <Fact
          word="settings.engine.windows"
          value={formatNumber(queues.pendingWindows, 0, language)}
          note={t('settings.engine.windowsNote')}
        />
        <Fact
          word="settings.engine.notifications"
          value={formatNumber(queues.notificationsWaiting, 0, language)}
        />
      </Facts>
    </Card>
  );
}

/** Remote write; nothing to see where nobody uses it. */
function ExchangeCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { exchange } = status;
  const whole = (value: number) => formatNumber(value, 0, language);
  const isUsed = exchange.targets > 0 || exchange.storedTotal > 0 || exchange.keptOutTotal > 0;
  if (!isUsed && exchange.droppedTotal === 0) return null;
  return (
    <Card title={t('settings.engine.exchange')} flush>
      <Facts>
        <Fact
          word="settings.engine.exchangeStored"
          value={whole(exchange.storedTotal)}
          note={t('settings.engine.sinceStart')}
        />
        <Fact
          word="settings.engine.exchangeKeptOut"
          value={whole(exchange.keptOutTotal)}
          note={t('settings.engine.exchangeKeptOutNote')}
        />
        <Fact word="settings.engine.exchangeTargets" value={whole(exchange.targets)} />
        <Fact
          word="settings.engine.exchangeQueued"
          value={whole(exchange.queuedSamples)}
          note={
            exchange.queueAgeMs === null
              ? t('settings.engine.exchangeQueuedNote')
              : t('settings.engine.exchangeQueuedSince', { span: wholeSpanText(exchange.queueAgeMs, t) })
          }
        />
        <Fact
          word="settings.engine.exchangeQueue"
          value={quantityText(exchange.queueBytes, 'B', language)}
          note={t('settings.engine.ofAtMost', {
            value: quantityText(exchange.queueBytesMax, 'B', language),
          })}
        />
        <Fact
          word="settings.engine.exchangeDropped"
          value={whole(exchange.droppedTotal)}
          note={t('settings.engine.exchangeDroppedNote')}
          warn={exchange.droppedTotal > 0}
        />
      </Facts>
    </Card>
  );
}

function ProcessCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { process, pulse } = status;
  const percent = (share: number) => quantityText(share * 100, '%', language);
  const ms = (value: number) => t('settings.engine.ms', { value: formatNumber(value, 0, language) });
  const memory = scaleFor('B', process.residentBytes);
  return (
    <Card title={t('settings.engine.process')} flush>
      <Pulse
        title={t('settings.engine.cpu')}
        figure={process.cpuShare === null ? ABSENT : percent(process.cpuShare)}
        unit={t('settings.engine.ofOneCore')}
        values={pulse.cpuShare}
        stepMs={pulse.stepMs}
        maxAtLeast={1}
        format={percent}
      />
      <Pulse
        title={t('settings.engine.lag')}
        figure={process.loopLagMs === null ? ABSENT : ms(process.loopLagMs)}
        unit={t('settings.engine.lagNote')}
        values={pulse.loopLagMs}
        stepMs={pulse.stepMs}
        maxAtLeast={100}
        format={ms}
      />
      <Facts>
        <Fact
          word="settings.engine.memory"
          value={quantityText(process.residentBytes, 'B', language, memory)}
          note={t('settings.engine.heap', {
            value: quantityText(process.heapUsedBytes, 'B', language, memory),
          })}
        />
      </Facts>
    </Card>
  );
}

/** A backup older than this is as good as none after the next disk failure. */
const BACKUP_OLD_MS = 8 * DAY_MS;

function ServerCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const backupMs = millis(status.lastBackupAt);
  const startedMs = millis(status.startedAt);
  return (
    <Card title={t('settings.engine.server')} flush>
      <Facts>
        <Fact
          word="settings.engine.version"
          value={t('settings.engine.versionOf', { version: status.version })}
          note={t('settings.engine.runtime', { runtime: status.runtime, platform: status.platform })}
        />
        <Fact
          word="settings.engine.uptime"
          value={spanText(Math.max(0, now - startedMs), t)}
          note={dateTimeText(startedMs, language, false)}
        />
        <Fact
          word="settings.engine.backup"
          value={backupMs === null ? t('settings.engine.noBackup') : agoText(backupMs, now, t)}
          note={backupMs === null ? t('settings.engine.backupHow') : dateText(backupMs, language)}
          warn={backupMs !== null && now - backupMs > BACKUP_OLD_MS}
        />
      </Facts>
    </Card>
  );
}

function Pulse({
  title,
  figure,
  unit,
  values,
  stepMs,
  maxAtLeast,
  format,
}: {
  title?: string;
  figure: string;
  unit: string;
  values: readonly number[];
  stepMs: number;
  maxAtLeast: number;
  format: (value: number) => string;
}) {
  const t = useT();
  const label =
    values.length === 0
      ? t('settings.engine.pulseEmpty')
      : t('settings.engine.pulse', {
          span: wholeSpanText(values.length * stepMs, t),
          low: format(Math.min(...values)),
          high: format(Math.max(...values)),
        });
  return (
    <div className="border-t border-line px-4 pt-2.5 pb-3">
      <p className="flex items-baseline gap-2">
        {title && <span className="w-28 flex-none text-text-3">{title}</span>}
        <span className="text-20 leading-7 font-semibold whitespace-nowrap">{figure}</span>
        <span className="text-12 text-text-3">{unit}</span>
      </p>
      <PulseLine values={values} points={PULSE_POINTS} maxAtLeast={maxAtLeast} label={label} />
      <p aria-hidden="true" className="mt-1 flex justify-between text-11 text-text-3">
        <span>{label}</span>
      </p>
    </div>
  );
}

/** A quarter of an hour in steps of ten seconds. */
const PULSE_POINTS = 90;

function Facts({ children }: { children: React.ReactNode }) {
  return <dl>{children}</dl>;
}

function Fact({
  word,
  value,
  note,
  warn = false,
}: {
  word: Key;
  value: React.ReactNode;
  note?: string;
  warn?: boolean;
}) {
  const t = useT();
  return (
    <div className="grid min-h-(--row) grid-cols-[minmax(120px,34%)_minmax(0,1fr)] items-baseline gap-x-3 border-t border-line px-4 py-1.5">
      <dt className="text-text-3">{t(word)}</dt>
      <dd className="min-w-0">
        <span className={cx('font-medium', warn && 'text-warn-fg')}>{value}</span>
        {note && <span className="ml-2 text-12 text-text-3">{note}</span>}
      </dd>
    </div>
  );
}
