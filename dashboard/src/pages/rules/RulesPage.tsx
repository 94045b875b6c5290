/** The rules by whom they are about, each in sentences; switched on and off here, written through the API. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Level, Rule } from '@muster/shared/api/rules.ts';
import { call } from '../../api/client.ts';
import { machinesQuery, openAlertsQuery, rulesQuery } from '../../api/queries.ts';
import { useConnected } from '../../app/live.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateText, millis, wholeSpanText } from '../../util/time.ts';
import { levelWords, subjectWords } from './ruleWords.ts';

export function RulesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.rules'));
  const rules = useQuery(rulesQuery);
  const groups = useGroups(rules.data ?? []);
  const alerts = useQuery(openAlertsQuery).data;
  const [asking, setAsking] = useState<Rule | null>(null);
  const openOf = (rule: Rule) => alerts?.filter(({ ruleId }) => ruleId === rule.id).length ?? 0;
  return (
    <>
      <h1>{t('shell.nav.rules')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('rules.intro')}</p>
      <div className="mt-4 grid gap-4">
        {rules.data ? (
          groups.length === 0 ? (
            <Card>
              <EmptyState>{t('rules.none')}</EmptyState>
            </Card>
          ) : (
            groups.map(({ subject, items }) => (
              <Card key={subject} title={subject} note={t('rules.count', { count: items.length })} flush>
                <ul>
                  {items.map((rule) => (
                    <RuleRow
                      key={rule.id}
                      rule={rule}
                      openAlerts={openOf(rule)}
                      onSwitchOff={() => setAsking(rule)}
                    />
                  ))}
                </ul>
              </Card>
            ))
          )
        ) : rules.error ? (
          <Card>
            <ErrorPanel error={rules.error} retry={() => void rules.refetch()} />
          </Card>
        ) : (
          <SkeletonRows rows={8} className="card" />
        )}
      </div>
      {asking && (
        <SwitchOffDialog rule={asking} openAlerts={openOf(asking)} onClose={() => setAsking(null)} />
      )}
    </>
  );
}

/** Rules of the same machines together, in the order of the list. */
function useGroups(rules: readonly Rule[]): { subject: string; items: Rule[] }[] {
  const t = useT();
  const language = useLanguage();
  const single = rules.some(({ selector }) => selector.ciId !== null);
  const machines = useQuery({ ...machinesQuery, enabled: single }).data;
  const nameOf = (ciId: string) => machines?.find(({ id }) => id === ciId)?.name ?? ciId;
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    const subject = subjectWords(rule, nameOf, { t, language });
    groups.set(subject, [...(groups.get(subject) ?? []), rule]);
  }
  return [...groups].map(([subject, items]) => ({ subject, items }));
}

function useSwitch(rule: Rule) {
  const queries = useQueryClient();
  const words = useErrorWords();
  return useMutation({
    mutationFn: (enabled: boolean) =>
      call(ENDPOINTS.updateRule, { params: { id: rule.id }, body: { enabled } }),
    onSuccess: (changed) =>
      queries.setQueryData(rulesQuery.queryKey, (before) =>
        before?.map((each) => (each.id === changed.id ? changed : each)),
      ),
    onError: (error) => say(words(error)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
      void queries.invalidateQueries({ queryKey: openAlertsQuery.queryKey });
    },
  });
}

function RuleRow({
  rule,
  openAlerts,
  onSwitchOff,
}: {
  rule: Rule;
  openAlerts: number;
  onSwitchOff: () => void;
}) {
  const t = useT();
  const words = useWords();
  const role = useRefusal('rules.write');
  const connected = useConnected();
  const change = useSwitch(rule);
  const explanation = words(rule.explanation);
  return (
    <li className="grid gap-x-6 gap-y-2 border-t border-line px-4 py-3 desk:grid-cols-[220px_minmax(0,1fr)_200px]">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 desk:flex-col desk:items-start desk:justify-start">
        <h3 className={cx('text-14 leading-5 font-semibold', !rule.enabled && 'text-text-3')}>{rule.name}</h3>
        <Switch
          label={t('rules.switch', { name: rule.name })}
          checked={rule.enabled}
          disabled={change.isPending}
          disabledReason={role ?? (connected ? undefined : t('errors.notConnected'))}
          onChange={(enabled) => (enabled ? change.mutate(true) : onSwitchOff())}
        >
          {t(rule.enabled ? 'rules.on' : 'rules.off')}
        </Switch>
      </div>
      <div className="min-w-0">
        <Levels rule={rule} />
        {explanation !== '' && (
          <p className="mt-1.5 max-w-[90ch] text-12 leading-prose text-text-2">{explanation}</p>
        )}
      </div>
      <Facts rule={rule} openAlerts={openAlerts} />
    </li>
  );
}

function Levels({ rule }: { rule: Rule }) {
  const t = useT();
  const { condition } = rule;
  if (condition.type === 'silent') {
    const sentence =
      condition.forMs === undefined || condition.forMs === 0
        ? t('rules.silent')
        : t('rules.silentFor', { span: wholeSpanText(condition.forMs, t) });
    return <LevelLine severity={condition.severity} sentences={[sentence]} muted={!rule.enabled} />;
  }
  return (
    <div className="grid gap-1">
      {condition.levels.map((level) => (
        <ThresholdLine key={level.severity} rule={rule} condition={condition} level={level} />
      ))}
    </div>
  );
}

function ThresholdLine({
  rule,
  condition,
  level,
}: {
  rule: Rule;
  condition: Extract<Rule['condition'], { type: 'threshold' }>;
  level: Level;
}) {
  const t = useT();
  const language = useLanguage();
  return (
    <LevelLine
      severity={level.severity}
      sentences={levelWords(rule, condition, level, { t, language })}
      muted={!rule.enabled}
    />
  );
}

function LevelLine({
  severity,
  sentences,
  muted,
}: {
  severity: Level['severity'];
  sentences: readonly string[];
  muted: boolean;
}) {
  const [first, ...rest] = sentences;
  return (
    <p className="grid grid-cols-[76px_minmax(0,1fr)] gap-x-2">
      <span>
        <StatusBadge
          look={muted ? { ...SEVERITY_LOOKS[severity], tone: 'quiet' } : SEVERITY_LOOKS[severity]}
        />
      </span>
      <span className="flex flex-wrap gap-x-1.5">
        <span className={muted ? 'text-text-3' : 'font-medium'}>{first}</span>
        {rest.map((sentence) => (
          <span key={sentence} className={muted ? 'text-text-3' : 'text-text-2'}>
            {sentence}
          </span>
        ))}
      </span>
    </p>
  );
}

function Facts({ rule, openAlerts }: { rule: Rule; openAlerts: number }) {
  const t = useT();
  const language = useLanguage();
  return (
    <dl className="flex flex-wrap content-start gap-x-4 gap-y-0.5 text-12 desk:grid desk:justify-end">
      {openAlerts > 0 && <Fact name={t('rules.openAlerts')} value={String(openAlerts)} />}
      {rule.owner !== null && <Fact name={t('rules.owner')} value={rule.owner} />}
      {rule.agreedOn !== null && (
        <Fact name={t('rules.agreed')} value={dateText(millis(`${rule.agreedOn}T00:00`), language)} />
      )}
      {rule.pack !== null && <Fact name={t('rules.pack')} value={rule.pack} />}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5 desk:justify-end">
      <dt className="text-text-3">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

function SwitchOffDialog({
  rule,
  openAlerts,
  onClose,
}: {
  rule: Rule;
  openAlerts: number;
  onClose: () => void;
}) {
  const t = useT();
  const change = useSwitch(rule);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rules.offTitle', { name: rule.name })}
      description={t(openAlerts === 0 ? 'rules.offText' : 'rules.offTextAlerts', { count: openAlerts })}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('rules.keepOn')}</Button>
        <Button
          look="danger"
          disabled={change.isPending}
          onClick={() => change.mutate(false, { onSuccess: onClose })}
        >
          {t('rules.switchOff')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
