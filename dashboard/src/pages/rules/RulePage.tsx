/** One rule: the form at the left, what it would have done at the right, its levels on a machine's chart, its history. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { BACKTEST_DAYS_MAX, type Rule, type RuleNoise } from '@muster/shared/api/rules.ts';
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { ApiError, call } from '../../api/client.ts';
import { ciQuery, rulesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';
import { millis } from '../../util/time.ts';
import { BacktestCard } from './BacktestCard.tsx';
import { AboutForm } from './AboutForm.tsx';
import { BLANK, type Draft, draftOf, hasMetric, sameDraft, withLevel, withMetric } from './draft.ts';
import {
  conditionProblems,
  type DraftProblem,
  type Field,
  inputOf,
  problemsOf,
  refusedField,
} from './draftProblems.ts';
import { HistoryCard } from './HistoryCard.tsx';
import { InForceCard } from './InForceCard.tsx';
import { LevelChart } from './LevelChart.tsx';
import { machineChoicesQuery, ruleFactsQuery, ruleHistoryQuery, ruleQuery } from './queries.ts';
import { lookOf } from './formParts.tsx';
import { isLoud, noiseSentences } from './noise.ts';
import { RuleForm } from './RuleForm.tsx';
import { DeleteDialog, SwitchOffDialog, SwitchOnDialog, useRuleChanged } from './switching.tsx';
import { useBacktest } from './useBacktest.ts';

export function NewRulePage() {
  const t = useT();
  usePageTitle(t('rules.newTitle'));
  const { copy, ci, metric, instance } = useSearch({ from: '/app/rules/new' });
  const copied = useQuery({ ...ruleQuery(copy ?? ''), enabled: copy !== undefined });
  const machine = useQuery({ ...ciQuery(ci ?? ''), enabled: copy !== undefined && ci !== undefined });
  const ruleName = useRuleName();
  const waits = [copied, machine].some(({ isLoading }) => isLoading);
  if (waits) return <SkeletonRows rows={8} className="card mt-4" />;
  if (copied.error !== null)
    return (
      <div className="card mt-4 px-4">
        <ErrorPanel error={copied.error} retry={() => void copied.refetch()} />
      </div>
    );
  const blank = { ...BLANK, ciId: ci ?? null };
  const initial = copied.data
    ? copyOf(copied.data)
    : metric !== undefined
      ? { ...withMetric(blank, metric), instance: instance ?? '' }
      : blank;

  function copyOf(rule: Rule): Draft {
    const draft = draftOf(rule);
    const name = ruleName(rule);
    if (ci === undefined) return { ...draft, name: t('rules.copyName', { name }).slice(0, NAME_LENGTH_MAX) };
    const of = [machine.data?.name ?? ci, instance].filter((each) => each !== undefined).join(' ');
    return exceptionOf(draft, ci, instance, t('rules.exceptionName', { name, of }));
  }
  return <Editor key={copy ?? 'new'} rule={null} initial={initial} />;
}

const NAME_LENGTH_MAX = 128;

/** The same for one machine, or one instance on it: the wider narrowing has done its part. */
function exceptionOf(draft: Draft, ciId: string, instance: string | undefined, name: string): Draft {
  return {
    ...draft,
    name: name.slice(0, NAME_LENGTH_MAX),
    classes: [],
    tag: '',
    location: null,
    service: null,
    ciId,
    instance: instance ?? draft.instance,
    owner: '',
    agreedOn: '',
  };
}

export function RulePage() {
  const { id } = useParams({ from: '/app/rules/$id' });
  const ruleName = useRuleName();
  const rule = useQuery(ruleQuery(id));
  const gone = rule.error instanceof ApiError && rule.error.status === 404;
  usePageTitle(rule.data && ruleName(rule.data));
  if (gone) return <GoneRule id={id} />;
  if (rule.data === undefined)
    return rule.error === null ? (
      <SkeletonRows rows={8} className="card mt-4" />
    ) : (
      <div className="card mt-4 px-4">
        <ErrorPanel error={rule.error} retry={() => void rule.refetch()} />
      </div>
    );
  return <Editor key={id} rule={rule.data} initial={draftOf(rule.data)} />;
}

/** A rule that was deleted: what it was stays to be read, and can come back. */
function GoneRule({ id }: { id: string }) {
  const t = useT();
  const ruleName = useRuleName();
  const refusal = useActionRefusal('rules.write');
  const changed = useRuleChanged();
  const history = useQuery({ ...ruleHistoryQuery(id), retry: false });
  const [last] = history.data ?? [];
  const title = last ? t('rules.goneName', { name: ruleName(last.rule) }) : t('rules.noneTitle');
  usePageTitle(history.isPending ? undefined : title);
  if (history.isPending) return <SkeletonRows rows={8} className="card mt-4" />;
  return (
    <>
      <h1>{title}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">
        {t(history.error === null ? 'rules.goneText' : 'rules.goneNever')}{' '}
        <Link to="/rules">{t('rules.toList')}</Link>
      </p>
      {history.error === null && (
        <div className="mt-4">
          <HistoryCard ruleId={id} refusal={refusal} onRestored={changed} />
        </div>
      )}
    </>
  );
}

type Asking = 'on' | 'off' | 'delete' | null;

function Editor({ rule, initial }: { rule: Rule | null; initial: Draft }) {
  const t = useT();
  const navigate = useNavigate();
  const roleRefusal = useRefusal('rules.write');
  const refusal = useActionRefusal('rules.write');
  const facts = useQuery(ruleFactsQuery).data?.find(({ ruleId }) => ruleId === rule?.id);
  const [draft, setDraft] = useState(initial);
  const [asking, setAsking] = useState<Asking>(null);
  const base = rule ? draftOf(rule) : initial;
  const dirty = !sameDraft(draft, base);
  const basis = useBasis(rule, draft, setDraft);
  const overtaken = dirty && basis.isOvertaken;
  const save = useSave(rule, draft, basis);
  const blocked = useLeaveGuard(dirty && roleRefusal === undefined, save.leaving);
  const problems = [...problemsOf(draft), ...save.refused];
  const tried = useBacktest(draft, rule?.id ?? null);
  const look = useLookAt(draft, tried.data);
  const readOnly = roleRefusal !== undefined;
  const openAlerts = facts?.openAlerts ?? 0;
  const form = { draft, problems, onChange: setDraft, readOnly };
  return (
    <>
      <Head
        rule={rule}
        dirty={dirty}
        saving={save.isPending}
        problem={problems[0] ? t('rules.mustMend') : undefined}
        refusal={refusal}
        openAlerts={openAlerts}
        overtaken={overtaken}
        onSave={save.run}
        onDiscard={() => {
          setDraft(base);
          basis.renew(rule);
        }}
        onAsk={setAsking}
      />
      {overtaken && (
        <p role="alert" className="mt-2 text-12 font-medium text-warn-fg">
          {t('rules.overtaken')}
        </p>
      )}
      {facts && rule && <NoiseLine noise={facts.noise} />}
      {roleRefusal !== undefined && <p className="mt-2 text-12 text-text-2">{roleRefusal}</p>}
      <div className="mt-4 grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] wide:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]">
        {/* On a phone one column: what the rule would have done stands right under the form. */}
        <div className="gap-4 max-desk:contents desk:grid">
          <div className="order-1 min-w-0">
            <RuleForm
              {...form}
              ruleId={rule?.id ?? null}
              matching={tried.current || tried.running ? (tried.data?.machines.matching ?? 'counting') : null}
              instances={look.instances}
            />
          </div>
          <div className="order-3 min-w-0">
            <AboutForm {...form} given={rule} />
          </div>
          {rule && (
            <div className="order-4 min-w-0">
              <HistoryCard
                ruleId={rule.id}
                refusal={refusal}
                onRestored={(after) => {
                  setDraft(draftOf(after));
                  basis.renew(after);
                }}
              />
            </div>
          )}
        </div>
        <div className="order-2 min-w-0">
          <Right
            tried={tried}
            draft={draft}
            rule={rule}
            look={look}
            readOnly={readOnly}
            onChange={setDraft}
          />
        </div>
      </div>
      {blocked.status === 'blocked' && (
        <Dialog open onClose={blocked.reset} title={t('rules.leaveTitle')} description={t('rules.leaveText')}>
          <DialogActions>
            <Button look="danger" onClick={blocked.proceed}>
              {t('rules.leave')}
            </Button>
            <Button look="primary" onClick={blocked.reset}>
              {t('rules.stay')}
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {rule && asking === 'on' && <SwitchOnDialog rule={rule} onClose={() => setAsking(null)} />}
      {rule && asking === 'off' && (
        <SwitchOffDialog rule={rule} openAlerts={openAlerts} onClose={() => setAsking(null)} />
      )}
      {rule && asking === 'delete' && (
        <DeleteDialog
          rule={rule}
          openAlerts={openAlerts}
          onClose={() => setAsking(null)}
          onDeleted={() => {
            save.letGo();
            void navigate({ to: '/rules' });
          }}
        />
      )}
    </>
  );
}

/** What the rule told lately, and how much of it was worth telling. */
function NoiseLine({ noise }: { noise: RuleNoise }) {
  const t = useT();
  return (
    <p className="mt-1 flex flex-wrap gap-x-1.5 text-12 text-text-2">
      {noiseSentences(noise, t).map((sentence, index) => (
        <span key={sentence} className={cx(index > 0 && isLoud(noise) && 'font-medium text-warn-fg')}>
          {sentence}
        </span>
      ))}
    </p>
  );
}

function Head({
  rule,
  dirty,
  saving,
  problem,
  refusal,
  openAlerts,
  overtaken,
  onSave,
  onDiscard,
  onAsk,
}: {
  rule: Rule | null;
  dirty: boolean;
  saving: boolean;
  problem: string | undefined;
  refusal: string | undefined;
  openAlerts: number;
  overtaken: boolean;
  onSave: () => void;
  onDiscard: () => void;
  onAsk: (what: Asking) => void;
}) {
  const t = useT();
  const ruleName = useRuleName();
  const navigate = useNavigate();
  const unsaved = dirty ? t('rules.saveFirst') : undefined;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="min-w-0">{rule ? ruleName(rule) : t('rules.newTitle')}</h1>
      {rule && (
        <span className="text-12 text-text-2">
          {t(rule.enabled ? 'rules.on' : 'rules.off')}
          {openAlerts > 0 && (
            <>
              {' · '}
              <Link to="/alerts">{t('rules.openCount', { count: openAlerts })}</Link>
            </>
          )}
        </span>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-2">
        <span className="text-12 text-text-2" aria-live="polite">
          {dirty ? t('rules.unsaved') : ''}
        </span>
        {dirty && rule && <Button onClick={onDiscard}>{t('rules.discard')}</Button>}
        <Button
          look="primary"
          disabled={saving || (rule !== null && !dirty)}
          disabledReason={refusal ?? problem}
          onClick={onSave}
        >
          {t(overtaken ? 'rules.saveOver' : 'ui.save')}
        </Button>
        {rule && (
          <>
            <Button
              disabledReason={refusal ?? (rule.enabled ? undefined : unsaved)}
              onClick={() => onAsk(rule.enabled ? 'off' : 'on')}
            >
              {t(rule.enabled ? 'rules.switchOff' : 'rules.switchOn')}
            </Button>
            {refusal === undefined && (
              <Menu trigger={<IconButton icon="more" label={t('ui.more')} />}>
                <MenuItem onSelect={() => void navigate({ to: '/rules/new', search: { copy: rule.id } })}>
                  {t('rules.duplicate')}
                </MenuItem>
                <MenuItem onSelect={() => onAsk('delete')}>{t('rules.delete')}</MenuItem>
              </Menu>
            )}
          </>
        )}
      </div>
    </div>
  );
}

interface Look {
  readonly machine: string | null;
  readonly instance: string | null;
  readonly instances: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly setMachine: (ciId: string | null) => void;
  readonly setInstance: (instance: string) => void;
  readonly show: (ciId: string, instance: string) => void;
}

/** What the chart shows: what was chosen, else the machine with most would-be alerts, else one that the rule is about. */
function useLookAt(draft: Draft, past: ReturnType<typeof useBacktest>['data']): Look {
  const [chosen, setChosen] = useState<{ machine: string | null; instance: string | null }>({
    machine: null,
    instance: null,
  });
  const [openedMs] = useState(nowMs);
  // A whole minute, so that the chart is not read again at each answer.
  const toMs = Math.ceil((past ? millis(past.to) : openedMs) / MINUTE_MS) * MINUTE_MS;
  const known = past !== undefined;
  const fallback = useQuery({ ...machineChoicesQuery(''), enabled: known && past.ranked.length === 0 }).data;
  const first = draft.ciId ?? past?.ranked[0]?.ciId ?? fallback?.[0]?.id ?? null;
  const machine = chosen.machine ?? first;
  const episode = past?.episodes.find(({ ciId }) => ciId === machine);
  const instance = chosen.machine === machine || chosen.machine === null ? chosen.instance : null;
  return {
    machine,
    instance: instance ?? episode?.instance ?? (draft.instance === '' ? null : draft.instance),
    instances: [...new Set(past?.episodes.map((each) => each.instance).filter((each) => each !== ''))],
    fromMs: toMs - BACKTEST_DAYS_MAX * DAY_MS,
    toMs,
    setMachine: (ciId) => setChosen({ machine: ciId, instance: null }),
    setInstance: (next) => setChosen({ machine, instance: next }),
    show: (ciId, next) => setChosen({ machine: ciId, instance: next }),
  };
}

function Right({
  tried,
  draft,
  rule,
  look,
  readOnly,
  onChange,
}: {
  tried: ReturnType<typeof useBacktest>;
  draft: Draft;
  rule: Rule | null;
  look: Look;
  readOnly: boolean;
  onChange: (change: (draft: Draft) => Draft) => void;
}) {
  const onMetric = hasMetric(draft.kind);
  const stuck = conditionProblems(draft).length > 0;
  return (
    <div className="grid min-w-0 gap-4">
      <BacktestCard
        tried={tried}
        metric={onMetric ? draft.metric : null}
        look={lookOf(draft)}
        stuck={stuck}
        shown={!onMetric ? null : { ciId: look.machine, instance: look.instance }}
        onShow={(episode) => look.show(episode.ciId, episode.instance)}
      />
      {onMetric && isMetricName(draft.metric) && (
        <LevelChart
          draft={draft}
          past={tried.data}
          fromMs={look.fromMs}
          toMs={look.toMs}
          machine={look.machine}
          instance={look.instance}
          readOnly={readOnly}
          onMachine={look.setMachine}
          onInstance={look.setInstance}
          onLevel={(severity, part, value) =>
            onChange((before) =>
              part === 'level'
                ? withLevel(before, severity, value)
                : { ...before, [severity]: { ...before[severity], clear: value } },
            )
          }
        />
      )}
      {draft.kind !== 'composite' && look.machine !== null && (
        <InForceCard
          draft={draft}
          ruleId={rule?.id ?? null}
          machine={look.machine}
          instance={onMetric ? (look.instance ?? '') : ''}
        />
      )}
    </div>
  );
}

/** Saves; a new rule starts switched off and has its own page from then on. */
function useSave(rule: Rule | null, draft: Draft, basis: Basis) {
  const t = useT();
  const words = useErrorWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const changed = useRuleChanged();
  const leaving = useRef(false);
  const [refusal, setRefusal] = useState<{ readonly of: Draft; readonly field: Field } | null>(null);
  const mutation = useMutation({
    mutationFn: async () => {
      const body = inputOf(draft);
      if (body === null) throw new Error('a draft with mistakes is not saved');
      return rule === null
        ? call(ENDPOINTS.createRule, { body: { ...body, enabled: false } })
        : call(ENDPOINTS.updateRule, {
            params: { id: rule.id },
            // Over what somebody else has saved only where that is said on the page.
            body: { ...body, updatedAt: basis.isOvertaken ? rule.updatedAt : basis.updatedAt },
          });
    },
    onSuccess: async (saved) => {
      basis.renew(saved);
      changed(saved);
      if (rule !== null) {
        say(t('rules.saved'));
        return;
      }
      say(t('rules.savedOff'));
      leaving.current = true;
      await queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
      await navigate({ to: '/rules/$id', params: { id: saved.id }, replace: true });
    },
    onError: (error) => {
      say(words(error));
      if (!(error instanceof ApiError)) return;
      if (error.code === 'conflict' && rule) void queries.invalidateQueries({ queryKey: ['rule', rule.id] });
      const field = refusedField(error.code, error.issues?.map(({ path }) => path) ?? []);
      setRefusal(field === null ? null : { of: draft, field });
    },
  });
  // What was refused is refused until it is changed.
  const refused: DraftProblem[] =
    refusal?.of === draft ? [{ field: refusal.field, key: 'rules.wrong.refused' }] : [];
  const letGo = () => {
    leaving.current = true;
  };
  return { run: () => mutation.mutate(), isPending: mutation.isPending, leaving, letGo, refused };
}

/** Leaving with unsaved changes asks first, also when the window is closed. */
function useLeaveGuard(dirty: boolean, leaving: React.RefObject<boolean>) {
  return useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty && !leaving.current,
    withResolver: true,
  });
}

interface Basis {
  /** Time of change of the form that the draft began from. */
  readonly updatedAt: string | undefined;
  /** Somebody else has saved the rule since. */
  readonly isOvertaken: boolean;
  readonly renew: (rule: Rule | null) => void;
}

/** What somebody else saved meanwhile is taken over where nothing was changed here. */
function useBasis(rule: Rule | null, draft: Draft, setDraft: (draft: Draft) => void): Basis {
  const before = useRef(rule);
  const [updatedAt, setUpdatedAt] = useState(rule?.updatedAt);
  useEffect(() => {
    const old = before.current;
    before.current = rule;
    if (rule === null || old === null || old.updatedAt === rule.updatedAt) return;
    const isUntouched = sameDraft(draft, draftOf(old));
    if (isUntouched) setDraft(draftOf(rule));
    // On or off is no part of the form.
    const isSwitch = updatedAt === old.updatedAt && sameDraft(draftOf(old), draftOf(rule));
    if (isUntouched || isSwitch) setUpdatedAt(rule.updatedAt);
  }, [rule, draft, setDraft, updatedAt]);
  return {
    updatedAt,
    // Times in ISO 8601: their order is that of the text.
    isOvertaken: rule !== null && updatedAt !== undefined && updatedAt < rule.updatedAt,
    renew: (next) => setUpdatedAt(next?.updatedAt),
  };
}
