/** The rules by whom they are about, each in sentences, with what they do now; switched, copied and deleted here. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Rule, RuleFacts, Severity } from '@muster/shared/api/rules.ts';
import { machinesQuery, rulesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Button, buttonClass, IconButton, Key } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { ruleFactsQuery } from './queries.ts';
import { levelWords, ruleSentences, subjectWords } from './ruleWords.ts';
import { RULE_STATES, type RulesSearch } from './search.ts';
import { DeleteDialog, SwitchOffDialog, SwitchOnDialog } from './switching.tsx';

interface Asking {
  readonly what: 'on' | 'off' | 'delete';
  readonly rule: Rule;
}

export function RulesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.rules'));
  const refusal = useRefusal('rules.write');
  const rules = useQuery(rulesQuery);
  const facts = useFacts();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const openOf = (rule: Rule) => facts.get(rule.id)?.openAlerts ?? 0;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.rules')}</h1>
        {refusal === undefined && (
          <Link to="/rules/new" className={buttonClass('primary')}>
            <Icon name="plus" size={14} />
            {t('rules.newTitle')}
          </Link>
        )}
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('rules.intro')}</p>
      {rules.data ? (
        <RuleList rules={rules.data} facts={facts} onAsk={(what, rule) => setAsking({ what, rule })} />
      ) : rules.error ? (
        <div className="card mt-4 px-4">
          <ErrorPanel error={rules.error} retry={() => void rules.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={8} className="card mt-4" />
      )}
      {asking?.what === 'on' && <SwitchOnDialog rule={asking.rule} onClose={close} />}
      {asking?.what === 'off' && (
        <SwitchOffDialog rule={asking.rule} openAlerts={openOf(asking.rule)} onClose={close} />
      )}
      {asking?.what === 'delete' && (
        <DeleteDialog rule={asking.rule} openAlerts={openOf(asking.rule)} onClose={close} onDeleted={close} />
      )}
    </>
  );
}

function useFacts(): ReadonlyMap<string, RuleFacts> {
  const items = useQuery(ruleFactsQuery).data;
  return useMemo(() => new Map(items?.map((each) => [each.ruleId, each])), [items]);
}

type Ask = (what: Asking['what'], rule: Rule) => void;

function RuleList({
  rules,
  facts,
  onAsk,
}: {
  rules: readonly Rule[];
  facts: ReadonlyMap<string, RuleFacts>;
  onAsk: Ask;
}) {
  const t = useT();
  const search = useSearch({ from: '/app/rules' });
  const navigate = useNavigate({ from: '/rules' });
  const set = (change: Partial<RulesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const hasText = useTextFilter(search.q ?? '');
  const found = rules.filter(hasText);
  const isIn = {
    on: (rule: Rule) => rule.enabled,
    off: (rule: Rule) => !rule.enabled,
    firing: (rule: Rule) => (facts.get(rule.id)?.openAlerts ?? 0) > 0,
  } as const;
  const shown = search.state === undefined ? found : found.filter(isIn[search.state]);
  const groups = useGroups(shown);
  const words = { on: 'rules.on', off: 'rules.off', firing: 'rules.firing' } as const;
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <FilterChips
          label={t('rules.stateFilter')}
          all={{ label: t('ui.all'), count: found.length }}
          chips={RULE_STATES.map((state) => ({
            value: state,
            label: t(words[state]),
            count: found.filter(isIn[state]).length,
            ...(state === 'firing' ? { tone: 'warn' as const } : {}),
          }))}
          chosen={search.state === undefined ? [] : [search.state]}
          onChange={(chosen) => set({ state: chosen.at(-1) })}
        />
        <div className="ml-auto flex min-w-0 items-center gap-2 max-tablet:w-full">
          <SearchField
            label={t('ui.filter')}
            value={search.q ?? ''}
            onChange={(q) => set({ q: q === '' ? undefined : q })}
            shortcut={<Key>/</Key>}
          />
        </div>
      </div>
      <div className="mt-3 grid gap-4">
        {groups.length === 0 ? (
          <Card>
            {rules.length === 0 ? (
              <EmptyState
                action={
                  <Link to="/rules/new" className={buttonClass('primary')}>
                    {t('rules.newTitle')}
                  </Link>
                }
              >
                {t('rules.none')}
              </EmptyState>
            ) : (
              <EmptyState
                action={
                  <Button onClick={() => void navigate({ search: {}, replace: true })}>
                    {t('ui.clearFilters')}
                  </Button>
                }
              >
                {t('rules.noneMatch')}
              </EmptyState>
            )}
          </Card>
        ) : (
          groups.map(({ subject, items, machines }) => (
            <Card
              key={subject}
              title={subject}
              note={
                machines === null
                  ? t('rules.count', { count: items.length })
                  : t('rules.countMachines', {
                      rules: t('rules.count', { count: items.length }),
                      machines: t('rules.form.machines', { count: machines }),
                    })
              }
              flush
            >
              <ul>
                {items.map((rule) => (
                  <RuleRow key={rule.id} rule={rule} facts={facts.get(rule.id)} onAsk={onAsk} />
                ))}
              </ul>
            </Card>
          ))
        )}
      </div>
    </>
  );

  /** Rules of the same machines together, in the order of the list. */
  function useGroups(of: readonly Rule[]) {
    const language = useLanguage();
    const single = of.some(({ selector }) => selector.ciId !== null);
    const known = useQuery({ ...machinesQuery, enabled: single }).data;
    const nameOf = (ciId: string) => known?.find(({ id }) => id === ciId)?.name ?? ciId;
    const made = new Map<string, { items: Rule[]; machines: number | null }>();
    for (const rule of of) {
      const subject = subjectWords(rule, nameOf, { t, language });
      const { items = [] } = made.get(subject) ?? {};
      const machines = facts.get(rule.id)?.machines ?? null;
      made.set(subject, { items: [...items, rule], machines });
    }
    return [...made].map(([subject, group]) => ({ subject, ...group }));
  }
}

/** Name, sentences, owner, tag and pack, as they are read. */
function useTextFilter(text: string): (rule: Rule) => boolean {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return () => true;
  return (rule) =>
    [
      ruleName(rule),
      rule.name,
      ...ruleSentences(rule, { t, language }),
      rule.owner ?? '',
      rule.selector.tag ?? '',
      rule.pack ?? '',
    ].some((each) => each.toLowerCase().includes(wanted));
}

function RuleRow({ rule, facts, onAsk }: { rule: Rule; facts: RuleFacts | undefined; onAsk: Ask }) {
  const t = useT();
  const ruleName = useRuleName();
  const navigate = useNavigate();
  const role = useRefusal('rules.write');
  const refusal = useActionRefusal('rules.write');
  const name = ruleName(rule);
  return (
    <li className="grid gap-x-6 gap-y-2 border-t border-line px-4 py-3 desk:grid-cols-[220px_minmax(0,1fr)_220px]">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 desk:flex-col desk:items-start desk:justify-start">
        <h3 className="text-14 leading-5 font-semibold">
          <Link
            to="/rules/$id"
            params={{ id: rule.id }}
            className={cx('hover:underline', !rule.enabled && 'text-text-3')}
          >
            {name}
          </Link>
        </h3>
        <div className="flex items-center gap-1">
          <Switch
            label={t('rules.switch', { name })}
            checked={rule.enabled}
            disabledReason={refusal}
            onChange={(enabled) => onAsk(enabled ? 'on' : 'off', rule)}
          >
            {t(rule.enabled ? 'rules.on' : 'rules.off')}
          </Switch>
          {role === undefined && (
            <Menu
              trigger={<IconButton icon="more" label={t('rules.moreOf', { name })} className="text-text-3" />}
            >
              <MenuItem onSelect={() => void navigate({ to: '/rules/new', search: { copy: rule.id } })}>
                {t('rules.duplicate')}
              </MenuItem>
              <MenuItem onSelect={() => onAsk('delete', rule)}>{t('rules.delete')}</MenuItem>
            </Menu>
          )}
        </div>
      </div>
      <Levels rule={rule} />
      <Facts rule={rule} facts={facts} />
    </li>
  );
}

/** The worse one where it has two. */
function severityOf(condition: Exclude<Rule['condition'], { type: 'threshold' }>): Severity {
  if ('severity' in condition) return condition.severity;
  return condition.levels.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
}

function Levels({ rule }: { rule: Rule }) {
  const t = useT();
  const language = useLanguage();
  const { condition } = rule;
  const lines =
    condition.type === 'silent'
      ? [{ severity: condition.severity, sentences: ruleSentences(rule, { t, language }) }]
      : condition.type === 'threshold'
        ? condition.levels.map((level) => ({
            severity: level.severity,
            sentences: levelWords(rule, condition, level, { t, language }),
          }))
        : [{ severity: severityOf(condition), sentences: ruleSentences(rule, { t, language }) }];
  return (
    <div className="grid min-w-0 content-start gap-1">
      {lines.map(({ severity, sentences: [first, ...rest] }) => (
        <p key={severity} className="grid grid-cols-[76px_minmax(0,1fr)] gap-x-2">
          <span>
            <StatusBadge
              look={rule.enabled ? SEVERITY_LOOKS[severity] : { ...SEVERITY_LOOKS[severity], tone: 'quiet' }}
            />
          </span>
          <span className="flex flex-wrap gap-x-1.5">
            <span className={rule.enabled ? 'font-medium' : 'text-text-3'}>{first}</span>
            {rest.map((sentence) => (
              <span key={sentence} className={rule.enabled ? 'text-text-2' : 'text-text-3'}>
                {sentence}
              </span>
            ))}
          </span>
        </p>
      ))}
    </div>
  );
}

function Facts({ rule, facts }: { rule: Rule; facts: RuleFacts | undefined }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const firedMs = millis(facts?.lastFiredAt);
  const open = facts?.openAlerts ?? 0;
  return (
    <dl className="flex flex-wrap content-start gap-x-4 gap-y-0.5 text-12 desk:grid desk:justify-end">
      {open > 0 && <Fact name={t('rules.openAlerts')}>{open}</Fact>}
      {facts && (
        <Fact name={t('rules.lastFired')}>
          {firedMs === null ? (
            t('time.never')
          ) : (
            <time dateTime={facts.lastFiredAt ?? ''} title={dateTimeText(firedMs, language)}>
              {agoText(firedMs, now, t)}
            </time>
          )}
        </Fact>
      )}
      {rule.owner !== null && <Fact name={t('rules.owner')}>{rule.owner}</Fact>}
      {rule.agreedOn !== null && (
        <Fact name={t('rules.agreed')}>{dateText(millis(`${rule.agreedOn}T00:00`), language)}</Fact>
      )}
      <Fact name={t('rules.origin')}>{t(rule.pack === null ? 'rules.own' : 'rules.fromPack')}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex gap-1.5 desk:justify-end">
      <dt className="text-text-3">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
