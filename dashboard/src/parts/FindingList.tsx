/** Findings with their evidence, and what a person says to them: one or many at once. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { CHANGE_KINDS, type ChangeKind } from '@muster/shared/api/changes.ts';
import type { Finding, FindingState } from '@muster/shared/api/findings.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { useActionRefusal } from '../app/refusal.ts';
import { useLanguage, useT, useWords } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { SelectField, TextArea } from '../ui/Field.tsx';
import { Icon } from '../ui/Icon.tsx';
import { MorePages } from '../ui/MorePages.tsx';
import { SkeletonRows } from '../ui/Skeleton.tsx';
import { StatusBadge } from '../ui/StatusBadge.tsx';
import type { StateLook } from '../ui/states.ts';
import { say } from '../ui/Toast.tsx';
import { useNow } from '../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../util/time.ts';
import { AskDialog } from './AskDialog.tsx';
import { ChangeDialog } from './ChangeDialog.tsx';
import { actorWord } from './changes.ts';
import {
  approvedChangesQuery,
  type FindingFilter,
  findingsQuery,
  useControlErrorWords,
  useDecide,
} from './controlQueries.ts';
import { FindingEvidence } from './FindingEvidence.tsx';
import { type FindingGroup, groupFindings } from './findingGroups.ts';
import { RetireButton } from './RetireButton.tsx';

const LOOKS = {
  open: { word: 'control.state.open', glyph: 'triangle', tone: 'warn' },
  accepted: { word: 'control.state.accepted', glyph: 'tick', tone: 'up' },
  resolved: { word: 'control.state.resolved', glyph: 'tick', tone: 'idle' },
  dismissed: { word: 'control.state.dismissed', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<FindingState, StateLook>;

/** As a change's title may be long. */
const CHANGE_TITLE_MAX = 200;
/** Names that fit into the title of a group. */
const NAMES_SHOWN = 3;

type Asking = { readonly what: 'accept' | 'dismiss' | 'afterwards'; readonly findings: readonly Finding[] };

export function FindingList({ filter, empty }: { filter: FindingFilter; empty: string }) {
  const t = useT();
  const findings = useInfiniteQuery(findingsQuery(filter));
  const rows = useMemo(() => findings.data?.pages.flatMap(({ items }) => items), [findings.data]);
  const groups = useMemo(() => groupFindings(rows ?? []), [rows]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  if (rows === undefined)
    return findings.error ? (
      <div className="px-4">
        <ErrorPanel error={findings.error} retry={() => void findings.refetch()} />
      </div>
    ) : (
      <SkeletonRows rows={6} />
    );
  const some = rows.filter(({ id, state }) => chosen.has(id) && state === 'open');
  const turn = (findings: readonly Finding[]) => {
    const next = new Set(chosen);
    const all = findings.every(({ id }) => chosen.has(id));
    for (const { id } of findings) {
      if (all) next.delete(id);
      else next.add(id);
    }
    setChosen(next);
  };
  return (
    <>
      {some.length > 0 && (
        <div
          role="status"
          className="flex flex-wrap items-center gap-2 border-b border-line bg-selected px-4 py-2"
        >
          <span className="mr-auto font-medium">{t('control.chosen', { count: some.length })}</span>
          <Actions findings={some} ask={setAsking} />
        </div>
      )}
      {rows.length === 0 ? (
        <EmptyState>{empty}</EmptyState>
      ) : (
        <>
          {groups.length < rows.length && (
            <p className="px-4 py-2 text-12 text-text-2">
              {t('control.grouped', { findings: rows.length, rows: groups.length })}
            </p>
          )}
          <ul>
            {groups.map((group) =>
              group.findings.length > 1 ? (
                <Group key={group.key} group={group} chosen={chosen} turn={turn} ask={setAsking} />
              ) : (
                group.findings.map((finding) => (
                  <Row
                    key={finding.id}
                    finding={finding}
                    chosen={chosen.has(finding.id)}
                    onChoose={() => turn([finding])}
                    ask={setAsking}
                  />
                ))
              ),
            )}
          </ul>
        </>
      )}
      <MorePages pages={findings} label={t('control.older')} />
      {asking && (
        <Ask
          asking={asking}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            setChosen(new Set());
          }}
        />
      )}
    </>
  );
}

/** Rows of a group that are shown before more are asked for. */
const GROUP_ROWS = 50;

function Group({
  group: { findings, names },
  chosen,
  turn,
  ask,
}: {
  group: FindingGroup;
  chosen: ReadonlySet<string>;
  turn: (findings: readonly Finding[]) => void;
  ask: (asking: Asking) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const [rows, setRows] = useState(0);
  const [first] = findings;
  if (!first) return null;
  const [kind] = kindOf(first.evidence);
  const some = names.slice(0, NAMES_SHOWN).join(t('control.group.comma'));
  const title = t('control.group.title', {
    what: kind ? t(`control.change.${kind}`) : t(`control.kind.${first.kind}`),
    names: names.length > NAMES_SHOWN ? t('control.group.names', { names: some, count: names.length }) : some,
    count: new Set(findings.map(({ ci, id }) => ci?.id ?? id)).size,
  });
  const isOpen = first.state === 'open';
  return (
    <li className="[&+&]:border-t [&+&]:border-line">
      <div className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-3 gap-y-1 px-4 py-3 tablet:grid-cols-[auto_minmax(0,1fr)_auto]">
        <input
          type="checkbox"
          aria-label={t('control.choose', { title })}
          checked={findings.every(({ id }) => chosen.has(id))}
          disabled={!isOpen}
          onChange={() => turn(findings)}
          className="mt-0.5 size-4 accent-accent-solid coarse:size-6"
        />
        <div className="min-w-0">
          <button
            type="button"
            aria-expanded={rows > 0}
            onClick={() => setRows(rows > 0 ? 0 : GROUP_ROWS)}
            className="flex w-full min-w-0 items-start gap-1.5 text-left font-medium hover:text-accent"
          >
            <Icon name="chevron" size={14} className={rows > 0 ? 'mt-0.5' : 'mt-0.5 -rotate-90'} />
            <span className="min-w-0 break-words">{title}</span>
          </button>
          <p className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 pl-5 text-12 text-text-3">
            <StatusBadge look={LOOKS[first.state]} />
            <span>{t(`control.kind.${first.kind}`)}</span>
            <time dateTime={first.openedAt} title={dateTimeText(millis(first.openedAt), language)}>
              {recordTime(millis(first.openedAt), now, language)}
            </time>
          </p>
        </div>
        {isOpen && (
          <div className="flex flex-wrap gap-2 max-tablet:col-start-2">
            <Actions findings={findings} ask={ask} />
          </div>
        )}
      </div>
      {rows > 0 && (
        <ul className="border-t border-line bg-sunken pl-4">
          {findings.slice(0, rows).map((finding) => (
            <Row
              key={finding.id}
              finding={finding}
              chosen={chosen.has(finding.id)}
              onChoose={() => turn([finding])}
              ask={ask}
            />
          ))}
          {findings.length > rows && (
            <li className="px-4 py-2">
              <Button size="small" onClick={() => setRows(rows + GROUP_ROWS)}>
                {t('control.older')}
              </Button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

function Row({
  finding,
  chosen,
  onChoose,
  ask,
}: {
  finding: Finding;
  chosen: boolean;
  onChoose: () => void;
  ask: (asking: Asking) => void;
}) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const now = useNow(60_000);
  const [shown, setShown] = useState(false);
  const title = words(finding.title);
  const openedMs = millis(finding.openedAt);
  return (
    <li className="px-4 py-3 [&+&]:border-t [&+&]:border-line">
      <div className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-3 gap-y-1 tablet:grid-cols-[auto_minmax(0,1fr)_auto]">
        <input
          type="checkbox"
          aria-label={t('control.choose', { title })}
          checked={chosen}
          disabled={finding.state !== 'open'}
          onChange={onChoose}
          className="mt-0.5 size-4 accent-accent-solid coarse:size-6"
        />
        <div className="min-w-0">
          <button
            type="button"
            aria-expanded={shown}
            onClick={() => setShown(!shown)}
            className="flex w-full min-w-0 items-start gap-1.5 text-left font-medium hover:text-accent"
          >
            <Icon name="chevron" size={14} className={shown ? 'mt-0.5' : 'mt-0.5 -rotate-90'} />
            <span className="min-w-0 break-words">{title}</span>
          </button>
          <p className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 pl-5 text-12 text-text-3">
            <StatusBadge look={LOOKS[finding.state]} />
            <span>{t(`control.kind.${finding.kind}`)}</span>
            {finding.ci && (
              <Link to="/cis/$id" params={{ id: finding.ci.id }} className="text-accent hover:underline">
                {finding.ci.name}
              </Link>
            )}
            <time dateTime={finding.openedAt} title={dateTimeText(openedMs, language)}>
              {recordTime(openedMs, now, language)}
            </time>
            {finding.count > 1 && <span>{t('control.seen', { count: finding.count })}</span>}
            {finding.incidentRef && (
              <Link
                to="/incidents/$ref"
                params={{ ref: finding.incidentRef }}
                className="text-accent hover:underline"
              >
                {finding.incidentRef}
              </Link>
            )}
            {finding.state === 'open' && finding.changeId !== null && (
              <Link to="/changes" search={{ open: finding.changeId }} className="text-accent hover:underline">
                {t('control.waitsForChange')}
              </Link>
            )}
            {finding.decidedBy !== null && (
              <span>
                {t('control.decidedBy', { name: actorWord(finding.decidedBy, t) })}
                {finding.note ? `${t('ui.colon')}${finding.note}` : ''}
              </span>
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2 max-tablet:col-start-2">
          {finding.state === 'open' ? (
            <>
              {finding.kind === 'agent-uninstalled' && finding.ci && <RetireButton ci={finding.ci} />}
              <Actions findings={[finding]} ask={ask} />
            </>
          ) : (
            finding.state !== 'resolved' && <TakeBack finding={finding} />
          )}
        </div>
      </div>
      {shown && (
        <div className="mt-2 pl-7">
          <FindingEvidence finding={finding} />
        </div>
      )}
    </li>
  );
}

function Actions({ findings, ask }: { findings: readonly Finding[]; ask: (asking: Asking) => void }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const changes = findings.every(({ kind }) => kind === 'unauthorised-change');
  const waits = findings.some(({ changeId }) => changeId !== null);
  return (
    <>
      <Button size="small" disabledReason={refusal} onClick={() => ask({ what: 'accept', findings })}>
        {t('control.accept')}
      </Button>
      {changes && !waits && (
        <Button size="small" disabledReason={refusal} onClick={() => ask({ what: 'afterwards', findings })}>
          {t('control.afterwards')}
        </Button>
      )}
      <Button size="small" disabledReason={refusal} onClick={() => ask({ what: 'dismiss', findings })}>
        {t('control.dismiss')}
      </Button>
    </>
  );
}

function TakeBack({ finding }: { finding: Finding }) {
  const t = useT();
  const words = useControlErrorWords();
  const refusal = useActionRefusal('cis.write');
  const decide = useDecide();
  return (
    <Button
      size="small"
      disabledReason={refusal}
      disabled={decide.isPending}
      onClick={() =>
        decide.mutate(
          { ids: [finding.id], state: 'open', note: null, changeId: null },
          { onError: (error) => say(words(error)) },
        )
      }
    >
      {t('control.takeBack')}
    </Button>
  );
}

function Ask({ asking, onClose, onDone }: { asking: Asking; onClose: () => void; onDone: () => void }) {
  const t = useT();
  const decide = useDecide();
  const back = useDecide();
  const words = useControlErrorWords();
  const inWords = useWords();
  const [note, setNote] = useState('');
  const [changeId, setChangeId] = useState('');
  const { what, findings } = asking;
  const accepting = what === 'accept';
  const approved = useQuery({ ...approvedChangesQuery, enabled: accepting }).data ?? [];
  const ids = findings.map(({ id }) => id);
  const cis = [...new Map(findings.flatMap(({ ci }) => (ci ? [[ci.id, ci] as const] : []))).values()];
  if (what === 'afterwards')
    return (
      <ChangeDialog
        title={t('control.afterwardsTitle')}
        text={t('control.afterwardsText')}
        start={{
          title: findings[0] ? inWords(findings[0].title).slice(0, CHANGE_TITLE_MAX) : '',
          cis,
          kinds: [...new Set(findings.flatMap(({ evidence }) => kindOf(evidence)))],
          fromMs: Math.min(...findings.map(({ openedAt }) => millis(openedAt))) - 5 * MINUTE_MS,
        }}
        onClose={onClose}
        onDone={(change) =>
          decide.mutate(
            { ids, state: 'open', note: null, changeId: change.id },
            {
              onSuccess: () => {
                say(t('control.afterwardsDone', { ref: change.ref }));
                onDone();
              },
              onError: (error) => say(words(error)),
            },
          )
        }
      />
    );
  const fitting = approved.filter(
    (change) => change.tags.length > 0 || cis.every(({ id }) => change.cis.some((ci) => ci.id === id)),
  );
  const state = accepting ? ('accepted' as const) : ('dismissed' as const);
  return (
    <AskDialog
      title={t(accepting ? 'control.acceptTitle' : 'control.dismissTitle', { count: findings.length })}
      text={t(accepting ? 'control.acceptText' : 'control.dismissText')}
      button={t(accepting ? 'control.accept' : 'control.dismiss')}
      right="cis.write"
      ready={accepting ? note.trim() !== '' || changeId !== '' : note.trim() !== ''}
      state={decide}
      onClose={onClose}
      onSubmit={() =>
        decide.mutate(
          { ids, state, note: note.trim() || null, changeId: changeId || null },
          {
            onSuccess: () => {
              say(t(`control.done.${state}`, { count: ids.length }), {
                label: t('ui.undo'),
                onPress: () => back.mutate({ ids, state: 'open', note: null, changeId: null }),
              });
              onDone();
            },
          },
        )
      }
    >
      {accepting && fitting.length > 0 && (
        <SelectField
          label={t('control.withChange')}
          value={changeId}
          options={[
            { value: '', label: t('control.withoutChange') },
            ...fitting.map(({ id, ref, title }) => ({ value: id, label: `${ref} ${title}` })),
          ]}
          onChange={setChangeId}
        />
      )}
      <TextArea
        label={t('control.reason')}
        value={note}
        maxLength={2_000}
        onChange={(event) => setNote(event.target.value)}
      />
    </AskDialog>
  );
}

function kindOf(evidence: Finding['evidence']): ChangeKind[] {
  return CHANGE_KINDS.filter((kind) => kind === evidence['kind']);
}
