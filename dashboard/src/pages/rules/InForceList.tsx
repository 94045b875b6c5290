/** What is in force on one machine, value by value: which rule, set for what, which others give way, and the way to an exception. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { InForce, Rule } from '@muster/shared/api/rules.ts';
import { ciQuery, rulesInForceQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { inForceRows, type InForceRow } from './inForceRows.ts';
import { useNameOf } from './names.ts';
import { MeaningButton, Says } from './RuleRow.tsx';
import { initialCapital, metricWords, type NameOf } from './ruleWords.ts';

export function InForceList({ ci }: { ci: string }) {
  const t = useT();
  const held = useQuery(rulesInForceQuery(ci));
  const machine = useQuery(ciQuery(ci)).data;
  const nameOf = useNameOf(held.data?.rules ?? []);
  if (held.data === undefined)
    return held.error === null ? (
      <SkeletonRows rows={8} className="card mt-4" />
    ) : (
      <div className="card mt-4 px-4">
        <ErrorPanel error={held.error} retry={() => void held.refetch()} />
      </div>
    );
  const rules = new Map(held.data.rules.map((rule) => [rule.id, rule]));
  const rows = inForceRows(held.data.items);
  return (
    <div className="mt-3">
      <Card
        title={t('rules.inForce.title', { machine: machine?.name ?? ci })}
        note={t('rules.inForce.values', { count: rows.length })}
        flush
      >
        {rows.length === 0 ? (
          <EmptyState>{t('rules.inForce.none')}</EmptyState>
        ) : (
          <ul>
            {rows.map((row) => {
              const rule = rules.get(row.ruleId);
              return rule === undefined ? null : (
                <Row
                  key={`${row.metric ?? ''} ${row.ruleId} ${row.instances.join(' ')}`}
                  row={row}
                  rule={rule}
                  rules={rules}
                  ci={ci}
                  machine={machine?.name ?? ci}
                  nameOf={nameOf}
                />
              );
            })}
          </ul>
        )}
      </Card>
    </div>
  );
}

/** Instances named before the rest is only counted. */
const INSTANCES_NAMED = 4;

function Row({
  row,
  rule,
  rules,
  ci,
  machine,
  nameOf,
}: {
  row: InForceRow;
  rule: Rule;
  rules: ReadonlyMap<string, Rule>;
  ci: string;
  machine: string;
  nameOf: NameOf;
}) {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const what =
    row.metric === null
      ? t(rule.condition.type === 'silent' ? 'rules.form.kinds.silent' : 'rules.form.kinds.composite')
      : initialCapital(metricWords(row.metric, { t, language }));
  const named = row.instances.slice(0, INSTANCES_NAMED).join(', ');
  const more = row.instances.length - INSTANCES_NAMED;
  const [explained, setExplained] = useState(false);
  return (
    <li className="relative grid gap-x-5 gap-y-1.5 border-t border-line px-4 py-2.5 desk:grid-cols-[220px_minmax(0,1fr)_260px_32px] desk:items-start">
      <div className="min-w-0">
        <div className="flex items-start gap-1">
          <h3 className="text-13 leading-5 font-semibold">{what}</h3>
          <MeaningButton rule={rule} name={ruleName(rule)} open={explained} onOpen={setExplained} />
        </div>
        <p className="text-12 text-text-2">
          {row.isExpected ? t('rules.inForce.notReported') : named}
          {more > 0 && ` ${t('rules.inForce.moreInstances', { count: more })}`}
        </p>
      </div>
      <Says rule={rule} nameOf={nameOf} explained={explained} />
      <div className="min-w-0 text-12">
        <p>
          <Link to="/rules/$id" params={{ id: rule.id }} className="font-medium">
            {ruleName(rule)}
          </Link>{' '}
          <span className="text-text-2">{setByWords(row.setBy)}</span>
        </p>
        {row.outdone.map((each) => {
          const other = rules.get(each.ruleId);
          return (
            <p key={each.ruleId} className="text-text-3">
              {t('rules.inForce.insteadOf')}{' '}
              <Link to="/rules/$id" params={{ id: each.ruleId }}>
                {other ? ruleName(other) : each.ruleId}
              </Link>{' '}
              {setByWords(each.setBy)}
            </p>
          );
        })}
      </div>
      <Exceptions row={row} ci={ci} machine={machine} />
    </li>
  );

  function setByWords(step: InForce['setBy']): string {
    return t(step === null ? 'rules.inForce.setBy.all' : `rules.inForce.setBy.${step}`);
  }
}

/** A rule of the machine's own, begun from the one in force. */
function Exceptions({ row, ci, machine }: { row: InForceRow; ci: string; machine: string }) {
  const t = useT();
  const navigate = useNavigate();
  const role = useRefusal('rules.write');
  const begin = (instance?: string) =>
    void navigate({
      to: '/rules/new',
      search: { copy: row.ruleId, ci, ...(instance === undefined ? {} : { instance }) },
    });
  const ofMachine = row.setBy !== 'ciId' && row.setBy !== 'instance';
  const instances = row.setBy === 'instance' ? [] : row.instances;
  if (role !== undefined || (!ofMachine && instances.length === 0)) return <span />;
  return (
    <div className="max-desk:absolute max-desk:top-1 max-desk:right-2 desk:-my-1">
      <Menu
        trigger={<IconButton icon="more" label={t('rules.inForce.exceptions')} className="text-text-3" />}
      >
        {ofMachine && <MenuItem onSelect={() => begin()}>{t('rules.inForce.except', { machine })}</MenuItem>}
        {instances.map((instance) => (
          <MenuItem key={instance} onSelect={() => begin(instance)}>
            {t('rules.inForce.exceptInstance', { machine, instance })}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
