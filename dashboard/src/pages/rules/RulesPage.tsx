/** The rules by whom they are about, by pack or by noise, each in sentences; switched, copied and deleted here; and what is in force on one machine. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Rule, RuleFacts } from '@muster/shared/api/rules.ts';
import { rulesQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Button, buttonClass, Key } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { InForceList } from './InForceList.tsx';
import { useNameOf } from './names.ts';
import { PackDialog, usePackWords } from './packs.tsx';
import { ruleFactsQuery } from './queries.ts';
import { groupRules, isIn, ownersOf, type RuleGroup } from './ruleGroups.ts';
import { type AskAbout, RuleRow } from './RuleRow.tsx';
import { initialCapital, ruleSentences, subjectWords } from './ruleWords.ts';
import { RULE_ORDERS, RULE_STATES, type RuleOrder, type RulesSearch } from './search.ts';
import { DeleteDialog, SwitchOffDialog, SwitchOnDialog } from './switching.tsx';
import { MachineControl } from './WherePart.tsx';

interface Asking {
  readonly what: 'on' | 'off' | 'delete';
  readonly rule: Rule;
}

interface AskingPack {
  readonly rules: readonly Rule[];
  readonly name: string;
  readonly enabled: boolean;
}

export function RulesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.rules'));
  const refusal = useRefusal('rules.write');
  const rules = useQuery(rulesQuery);
  const facts = useFacts();
  const { ci } = useSearch({ from: '/app/rules' });
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
        ci === undefined ? (
          <RuleList rules={rules.data} facts={facts} onAsk={(what, rule) => setAsking({ what, rule })} />
        ) : (
          <OnMachine ci={ci} />
        )
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

function useSetSearch(): (change: Partial<RulesSearch>) => void {
  const navigate = useNavigate({ from: '/rules' });
  return (change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
}

/** What is in force on one machine instead of the list of all rules. */
function OnMachine({ ci }: { ci: string }) {
  const t = useT();
  const set = useSetSearch();
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <MachineLine ci={ci} />
        <Button size="small" onClick={() => set({ ci: undefined })}>
          {t('rules.toList')}
        </Button>
      </div>
      <InForceList ci={ci} />
    </>
  );
}

function MachineLine({ ci }: { ci: string | undefined }) {
  const t = useT();
  const set = useSetSearch();
  return (
    <span className="flex min-w-0 items-center gap-2 text-12 text-text-2">
      <span aria-hidden="true">{t('rules.inForceOn')}</span>
      <MachineControl
        ciId={ci ?? null}
        label={t('rules.inForceOn')}
        none={t('rules.chooseMachine')}
        onChange={(next) => set({ ci: next ?? undefined })}
      />
    </span>
  );
}

const STATE_WORDS = {
  on: 'rules.on',
  off: 'rules.off',
  firing: 'rules.firing',
  notAgreed: 'rules.notAgreed',
} as const;

const ANY_OWNER = '';

function RuleList({
  rules,
  facts,
  onAsk,
}: {
  rules: readonly Rule[];
  facts: ReadonlyMap<string, RuleFacts>;
  onAsk: AskAbout;
}) {
  const t = useT();
  const language = useLanguage();
  const search = useSearch({ from: '/app/rules' });
  const set = useSetSearch();
  const [askingPack, setAskingPack] = useState<AskingPack | null>(null);
  const nameOf = useNameOf(rules);
  const hasText = useTextFilter(search.q ?? '', nameOf);
  const order = search.order ?? 'machines';
  const owners = ownersOf(rules, language);
  const found = rules.filter(
    (rule) => (search.owner === undefined || rule.owner === search.owner) && hasText(rule),
  );
  const { state } = search;
  const shown = state === undefined ? found : found.filter((rule) => isIn(state, rule, facts.get(rule.id)));
  const subjectOf = (rule: Rule) => subjectWords(rule, nameOf, { t, language });
  const groups = groupRules(shown, order, { factsOf: (id) => facts.get(id), subjectOf });
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <FilterChips
          label={t('rules.stateFilter')}
          all={{ label: t('ui.all'), count: found.length }}
          chips={RULE_STATES.map((each) => ({
            value: each,
            label: t(STATE_WORDS[each]),
            count: found.filter((rule) => isIn(each, rule, facts.get(rule.id))).length,
            ...(each === 'firing' ? { tone: 'warn' as const } : {}),
          }))}
          chosen={state === undefined ? [] : [state]}
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
      <div className="mt-2 flex flex-wrap items-center gap-x-5 gap-y-2">
        <SelectLine
          label={t('rules.order.label')}
          value={order}
          options={RULE_ORDERS.map((value) => ({ value, label: t(`rules.order.${value}`) }))}
          onChange={(next: RuleOrder) => set({ order: next === 'machines' ? undefined : next })}
        />
        {owners.length > 0 && (
          <SelectLine
            label={t('rules.owner')}
            value={search.owner ?? ANY_OWNER}
            options={[
              { value: ANY_OWNER, label: t('rules.anyOwner') },
              ...owners.map((value) => ({ value, label: value })),
            ]}
            onChange={(next: string) => set({ owner: next === ANY_OWNER ? undefined : next })}
          />
        )}
        <MachineLine ci={undefined} />
      </div>
      <div className="mt-3 grid gap-4">
        {groups.length === 0 ? (
          <Nothing any={rules.length > 0} />
        ) : (
          groups.map((group) => (
            <GroupCard
              key={group.key}
              group={group}
              order={order}
              machines={order === 'machines' ? machinesOf(group.rules, facts) : null}
              onPack={setAskingPack}
            >
              {group.rules.map((rule) => (
                <RuleRow
                  key={rule.id}
                  rule={rule}
                  facts={facts.get(rule.id)}
                  about={order === 'machines' ? null : subjectOf(rule)}
                  nameOf={nameOf}
                  onAsk={onAsk}
                />
              ))}
            </GroupCard>
          ))
        )}
      </div>
      {askingPack && <PackDialog {...askingPack} onClose={() => setAskingPack(null)} />}
    </>
  );
}

function machinesOf(rules: readonly Rule[], facts: ReadonlyMap<string, RuleFacts>): number | null {
  return rules.reduce<number | null>((found, { id }) => found ?? facts.get(id)?.machines ?? null, null);
}

function Nothing({ any }: { any: boolean }) {
  const t = useT();
  const navigate = useNavigate({ from: '/rules' });
  return (
    <Card>
      {any ? (
        <EmptyState
          action={
            <Button onClick={() => void navigate({ search: {}, replace: true })}>
              {t('ui.clearFilters')}
            </Button>
          }
        >
          {t('rules.noneMatch')}
        </EmptyState>
      ) : (
        <EmptyState
          action={
            <Link to="/rules/new" className={buttonClass('primary')}>
              {t('rules.newTitle')}
            </Link>
          }
        >
          {t('rules.none')}
        </EmptyState>
      )}
    </Card>
  );
}

function GroupCard({
  group: { key, rules },
  order,
  machines,
  onPack,
  children,
}: {
  group: RuleGroup;
  order: RuleOrder;
  machines: number | null;
  onPack: (asking: AskingPack) => void;
  children: React.ReactNode;
}) {
  const t = useT();
  const role = useRefusal('rules.write');
  const packWords = usePackWords();
  const on = rules.filter(({ enabled }) => enabled).length;
  const count = t('rules.count', { count: rules.length });
  const isPack = order === 'pack' && key !== '';
  const pack = order === 'pack' ? packWords(key) : null;
  const note =
    order === 'pack'
      ? t('rules.pack.count', { rules: count, on })
      : machines === null
        ? count
        : t('rules.countMachines', { rules: count, machines: t('rules.form.machines', { count: machines }) });
  return (
    <Card
      title={pack?.name ?? (order === 'noise' ? initialCapital(t('rules.order.noise')) : key)}
      note={note}
      flush
      {...(isPack && role === undefined
        ? {
            action: (
              <Button
                size="small"
                onClick={() => onPack({ rules, name: pack?.name ?? key, enabled: on === 0 })}
              >
                {t(on === 0 ? 'rules.pack.allOn' : 'rules.pack.allOff')}
              </Button>
            ),
          }
        : {})}
    >
      {pack?.about !== undefined && pack.about !== '' && (
        <p className="max-w-[90ch] px-4 pb-3 leading-prose text-text-2">{pack.about}</p>
      )}
      <ul>{children}</ul>
    </Card>
  );
}

/** Name, sentences, owner, tag and pack, as they are read. */
function useTextFilter(text: string, nameOf: (id: string) => string): (rule: Rule) => boolean {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return () => true;
  return (rule) =>
    [
      ruleName(rule),
      rule.name,
      ...ruleSentences(rule, nameOf, { t, language }),
      rule.owner ?? '',
      rule.selector.tag ?? '',
      rule.pack ?? '',
    ].some((each) => each.toLowerCase().includes(wanted));
}
