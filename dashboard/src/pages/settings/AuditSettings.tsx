/** The audit log: who did what, newest first, in sentences; every entry opens to what is kept of it. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { AuditEntry } from '@muster/shared/api/access.ts';
import { agentsQuery, machinesQuery, rulesQuery, usersQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Term } from '../../ui/Term.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs, useNow } from '../../util/clock.ts';
import { fileName, saveCsv } from '../../util/csv.ts';
import { byDay, clockTime, dateText, dateTimeText, millis, zoneText } from '../../util/time.ts';
import { apiTokensQuery } from './accessActions.ts';
import { AuditCheckCard } from './AuditCheckCard.tsx';
import { auditPagesQuery, auditRolloutsQuery, EXPORT_ENTRIES_MAX, readAudit } from './auditQueries.ts';
import { ACTION_WORDS, auditActor, auditSentence } from './auditWords.ts';
import type { AuditSearch } from './search.ts';

export function AuditSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.audit'));
  const search = useSearch({ from: `/app${'/settings'}${'/audit'}` });
  const navigate = useNavigate({ from: '/settings/audit' });
  const set = (change: Partial<AuditSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <>
      <PrintHeader
        title={t('settings.nav.audit')}
        purpose={t('settings.audit.purpose')}
        period={periodText(search, t)}
        source={t('settings.audit.source')}
        coverage={coverageText(search, t)}
      />
      <div className="flex flex-wrap items-center gap-3 print:hidden">
        <h1 className="mr-auto">
          <Term id="auditLog">{t('settings.nav.audit')}</Term>
        </h1>
        <ExportButton search={search} />
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2 print:hidden">{t('settings.audit.intro')}</p>
      <AuditCheckCard />
      <Filters search={search} set={set} />
      <EntryList search={search} set={set} />
    </>
  );
}

type T = ReturnType<typeof useT>;

function periodText({ from, to }: AuditSearch, t: T): string | undefined {
  if (from === undefined && to === undefined) return undefined;
  return t('settings.audit.period', { from: from ?? '…', to: to ?? '…', zone: zoneText(nowMs()) });
}

function coverageText(search: AuditSearch, t: T): string | undefined {
  const { action, actor, subject } = search;
  const parts = [action, actor, subject].filter((part) => part !== undefined);
  return parts.length === 0
    ? undefined
    : t('settings.audit.filtered', { filter: parts.join(t('ui.listSeparator')) });
}

/** Names of what the ids of entries stand for, as far as they are known without asking for each. */
function useNames(): (id: string) => string {
  const t = useT();
  const queries = useQueryClient();
  const users = useQuery(usersQuery).data;
  const tokens = useQuery(apiTokensQuery).data;
  const rules = useQuery(rulesQuery).data;
  const agents = useQuery(agentsQuery).data;
  const rollouts = useQuery(auditRolloutsQuery).data;
  return useMemo(() => {
    const machines = queries.getQueryData(machinesQuery.queryKey);
    const hosts = (agents ?? []).map(({ id, hostname }) => ({ id, name: hostname }));
    const runs = (rollouts ?? []).map(({ id, serial, version }) => ({
      id,
      name: t('settings.audit.rollout', { version, serial }),
    }));
    const names = new Map(
      [...(users ?? []), ...(tokens ?? []), ...(machines ?? []), ...(rules ?? []), ...hosts, ...runs].map(
        ({ id, name }) => [id, name],
      ),
    );
    return (id) => names.get(id) ?? id;
  }, [queries, users, tokens, rules, agents, rollouts, t]);
}

/** Versions of releases, of those that there were rollouts of. */
function useReleases(): (serial: number) => string | undefined {
  const rollouts = useQuery(auditRolloutsQuery).data;
  return useMemo(() => {
    const releases = new Map((rollouts ?? []).map(({ serial, version }) => [serial, version]));
    return (serial) => releases.get(serial);
  }, [rollouts]);
}

interface FilterProps {
  readonly search: AuditSearch;
  readonly set: (change: Partial<AuditSearch>) => void;
}

const ANY = '';

function Filters({ search, set }: FilterProps) {
  const t = useT();
  const names = useNames();
  const language = useLanguage();
  const users = useQuery(usersQuery).data ?? [];
  const tokens = useQuery(apiTokensQuery).data ?? [];
  const actors = [
    ...new Set([
      'system',
      ...users.map(({ name }) => `user:${name}`),
      ...tokens.map(({ name }) => `token:${name}`),
      ...(search.actor === undefined ? [] : [search.actor]),
    ]),
  ].map((value) => ({ value, label: auditActor(value, t, names) }));
  const actions = [
    ...new Set([...Object.keys(ACTION_WORDS), ...(search.action === undefined ? [] : [search.action])]),
  ]
    .map((value) => ({ value, label: actionLabel(value, t) }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
  const anything = Object.values(search).some((value) => value !== undefined);
  const text = (value: string) => (value === ANY ? undefined : value);
  return (
    <div className="mt-4 grid grid-cols-2 print:hidden items-end gap-3 tablet:grid-cols-3 wide:grid-cols-[repeat(5,minmax(0,1fr))_auto]">
      <SelectField
        label={t('settings.audit.filter.action')}
        value={search.action ?? ANY}
        options={[{ value: ANY, label: t('ui.any') }, ...actions]}
        onChange={(value) => set({ action: text(value) })}
      />
      <SelectField
        label={t('settings.audit.filter.actor')}
        value={search.actor ?? ANY}
        options={[{ value: ANY, label: t('ui.any') }, ...actors]}
        onChange={(value) => set({ actor: text(value) })}
      />
      <TextField
        label={t('settings.audit.filter.subject')}
        value={search.subject ?? ''}
        maxLength={128}
        spellCheck={false}
        onChange={(event) => set({ subject: text(event.target.value) })}
      />
      <DateField
        label={t('settings.audit.filter.from')}
        type="date"
        value={search.from ?? ''}
        onChange={(event) => set({ from: text(event.target.value) })}
      />
      <DateField
        label={t('settings.audit.filter.to')}
        type="date"
        value={search.to ?? ''}
        onChange={(event) => set({ to: text(event.target.value) })}
      />
      <Button
        disabled={!anything}
        onClick={() =>
          set({ action: undefined, actor: undefined, subject: undefined, from: undefined, to: undefined })
        }
      >
        {t('ui.clearFilters')}
      </Button>
    </div>
  );
}

/** The sentence of an action without its subject, for the list of actions. */
function actionLabel(action: string, t: T): string {
  const word = ACTION_WORDS[action];
  return word === undefined ? action : t(word, { name: '…', role: '…', state: '…' });
}

function EntryList({ search, set }: FilterProps) {
  const t = useT();
  const now = useNow(60_000);
  const log = useInfiniteQuery(auditPagesQuery(search));
  const entries = useMemo(() => log.data?.pages.flatMap(({ items }) => items), [log.data]);
  const names = useNames();
  const releaseOf = useReleases();
  return (
    <section aria-label={t('settings.nav.audit')} className="card mt-3 overflow-clip">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-12 text-text-3">
        <span role="status" className="text-text-2">
          {entries &&
            t(log.hasNextPage ? 'settings.audit.countMore' : 'settings.audit.count', {
              count: entries.length,
            })}
        </span>
        <span>{t('settings.audit.zone', { zone: zoneText(now) })}</span>
        <button
          type="button"
          disabled={log.isFetching}
          onClick={() => void log.refetch()}
          className="ml-auto text-accent hover:underline disabled:opacity-60 coarse:min-h-11 print:hidden"
        >
          {t('settings.audit.refresh')}
        </button>
      </div>
      {entries === undefined ? (
        log.error ? (
          <div className="px-4">
            <ErrorPanel error={log.error} retry={() => void log.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={8} />
        )
      ) : entries.length === 0 ? (
        <EmptyState>{t('settings.audit.noneMatch')}</EmptyState>
      ) : (
        <>
          <Days entries={entries} names={names} releaseOf={releaseOf} set={set} />
          <MorePages pages={log} label={t('settings.audit.older')} />
        </>
      )}
    </section>
  );
}

interface RowProps {
  readonly names: (id: string) => string;
  readonly releaseOf: (serial: number) => string | undefined;
  readonly set: FilterProps['set'];
}

function Days({ entries, ...row }: { entries: readonly AuditEntry[] } & RowProps) {
  const language = useLanguage();
  return byDay(entries, ({ at }) => millis(at)).map(([dayMs, ofDay]) => (
    <div key={dayMs}>
      <h2 className="sticky top-(--topbar) z-1 border-y border-line bg-canvas px-4 py-1.5 text-12 leading-5 font-medium text-text-2 print:static">
        {dateText(dayMs, language)}
      </h2>
      <ul className="[&>li+li]:border-t [&>li+li]:border-line">
        {ofDay.map((entry) => (
          <Entry key={entry.seq} entry={entry} {...row} />
        ))}
      </ul>
    </div>
  ));
}

function Entry({ entry, names, releaseOf, set }: { entry: AuditEntry } & RowProps) {
  const t = useT();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const atMs = millis(entry.at);
  const details = `audit-${entry.seq}`;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? details : undefined}
        onClick={() => setOpen(!open)}
        className="grid w-full grid-cols-[minmax(64px,max-content)_minmax(0,1fr)_16px] items-baseline gap-x-3 px-4 py-1.5 text-left -outline-offset-2 hover:bg-hover tablet:grid-cols-[minmax(64px,max-content)_minmax(0,180px)_minmax(0,1fr)_16px] coarse:min-h-11"
      >
        <time
          dateTime={entry.at}
          title={dateTimeText(atMs, language)}
          className="text-12 text-text-3 max-tablet:row-span-2"
        >
          {clockTime(atMs, true)}
        </time>
        <span className="truncate text-text-2 max-tablet:text-12">{auditActor(entry.actor, t, names)}</span>
        <span className="min-w-0 break-words max-tablet:col-start-2 max-tablet:row-start-2">
          {auditSentence(entry, t, names, releaseOf)}
        </span>
        <Icon
          name="chevron"
          className={`self-center text-text-3 print:hidden max-tablet:col-start-3 max-tablet:row-start-1 ${open ? 'rotate-180' : ''}`}
        />
      </button>
      {open && (
        <div id={details} className="border-t border-line bg-sunken px-4 py-3">
          <Details entry={entry} names={names} set={set} />
        </div>
      )}
    </li>
  );
}

function Details({ entry, names, set }: { entry: AuditEntry } & Omit<RowProps, 'releaseOf'>) {
  const t = useT();
  const language = useLanguage();
  const { seq, at, actor, action, subject, detail, hash } = entry;
  const atMs = millis(at);
  const facts = [
    [t('settings.audit.detail.time'), `${dateTimeText(atMs, language)} ${zoneText(atMs)} (${at})`],
    [t('settings.audit.detail.actor'), actor],
    [t('settings.audit.detail.action'), action],
    [
      t('settings.audit.detail.subject'),
      names(subject) === subject ? subject : `${names(subject)} (${subject})`,
    ],
    [t('settings.audit.detail.seq'), String(seq)],
    [t('settings.audit.detail.hash'), hash],
  ] as const;
  return (
    <div className="grid gap-2">
      <dl className="grid gap-x-4 gap-y-1 text-12 tablet:grid-cols-[max-content_minmax(0,1fr)]">
        {facts.map(([word, value]) => (
          <div key={word} className="contents">
            <dt className="text-text-3">{word}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
        {Object.keys(detail).length > 0 && (
          <div className="contents">
            <dt className="text-text-3">{t('settings.audit.detail.what')}</dt>
            <dd>
              <pre className="overflow-x-auto font-mono text-12 leading-5 whitespace-pre-wrap">
                {JSON.stringify(detail, null, 2)}
              </pre>
            </dd>
          </div>
        )}
      </dl>
      <div className="flex flex-wrap gap-2 print:hidden">
        <Button size="small" onClick={() => set({ actor })}>
          {t('settings.audit.only.actor')}
        </Button>
        <Button size="small" onClick={() => set({ subject })}>
          {t('settings.audit.only.subject')}
        </Button>
        <SubjectLink entry={entry} />
      </div>
    </div>
  );
}

const LINK = 'self-center text-12 text-accent hover:underline';

/** The way to what the entry is about, where that has a page. */
function SubjectLink({ entry: { subject, action } }: { entry: AuditEntry }) {
  const t = useT();
  const agent = useQuery(agentsQuery).data?.find(({ id }) => id === subject);
  if (subject.startsWith('ci_'))
    return (
      <Link to="/cis/$id" params={{ id: subject }} className={LINK}>
        {t('settings.audit.toCi')}
      </Link>
    );
  if (agent?.ciId != null)
    return (
      <Link to="/machines/$id/live" params={{ id: agent.ciId }} className={LINK}>
        {t('settings.audit.toMachine', { name: agent.hostname })}
      </Link>
    );
  if (subject.startsWith('rol_'))
    return (
      <Link to="/agents/upgrades/$id" params={{ id: subject }} className={LINK}>
        {t('settings.audit.toRollout')}
      </Link>
    );
  if (action === 'setAgentConfig' || action === 'restoreAgentConfig')
    return (
      <Link to="/settings/agent-config" className={LINK}>
        {t('settings.audit.toConfig')}
      </Link>
    );
  return null;
}

/** Everything that is filtered as a file, also what is not on the page; can be left at any time. */
function ExportButton({ search }: { search: AuditSearch }) {
  const t = useT();
  const words = useErrorWords();
  const running = useRef<AbortController | null>(null);
  const [read, setRead] = useState<number | null>(null);
  const start = async () => {
    const control = new AbortController();
    running.current = control;
    setRead(0);
    try {
      const entries = await readAudit(search, setRead, control.signal);
      saveCsv(fileName('muster-audit', new Date(nowMs()).toISOString().slice(0, 10)), csvRows(entries));
      if (entries.length >= EXPORT_ENTRIES_MAX) say(t('settings.audit.exportCut', { count: entries.length }));
    } catch (error) {
      if (!control.signal.aborted) say(words(error));
    } finally {
      setRead(null);
    }
  };
  if (read === null) return <Button onClick={() => void start()}>{t('settings.audit.export')}</Button>;
  return (
    <span className="flex items-center gap-2 text-12 text-text-2" role="status">
      {t('settings.audit.exporting', { count: read })}
      <Button size="small" onClick={() => running.current?.abort()}>
        {t('ui.cancel')}
      </Button>
    </span>
  );
}

function csvRows(entries: readonly AuditEntry[]): (string | number)[][] {
  return [
    ['seq', 'at', 'actor', 'action', 'subject', 'detail', 'hash'],
    ...entries.map(({ seq, at, actor, action, subject, detail, hash }) => [
      seq,
      at,
      actor,
      action,
      subject,
      JSON.stringify(detail),
      hash,
    ]),
  ];
}
