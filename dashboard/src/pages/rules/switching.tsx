/** Switching a rule on and off and deleting it, each with its consequence; one place for the list and the editor. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import { call } from '../../api/client.ts';
import { openAlertsQuery, rulesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';
import { accountOf } from './backtestAccount.ts';
import { backtestQuery, ruleFactsQuery, ruleQuery } from './queries.ts';

/** What the list and the editor show of the rule after it changed. */
export function useRuleChanged(): (rule: Rule) => void {
  const queries = useQueryClient();
  return (rule) => {
    queries.setQueryData(ruleQuery(rule.id).queryKey, rule);
    queries.setQueryData(rulesQuery.queryKey, (before) =>
      before?.map((each) => (each.id === rule.id ? rule : each)),
    );
    void queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
    void queries.invalidateQueries({ queryKey: ['rule', rule.id, 'history'] });
    void queries.invalidateQueries({ queryKey: ruleFactsQuery.queryKey });
    void queries.invalidateQueries({ queryKey: openAlertsQuery.queryKey });
  };
}

function useSwitch(rule: Rule, onDone: () => void) {
  const t = useT();
  const words = useErrorWords();
  const changed = useRuleChanged();
  const ruleName = useRuleName();
  return useMutation({
    mutationFn: (enabled: boolean) =>
      call(ENDPOINTS.updateRule, { params: { id: rule.id }, body: { enabled } }),
    onSuccess: (after) => {
      changed(after);
      say(t(after.enabled ? 'rules.nowOn' : 'rules.nowOff', { name: ruleName(after) }));
      onDone();
    },
    onError: (error) => say(words(error)),
  });
}

interface DialogProps {
  readonly rule: Rule;
  readonly onClose: () => void;
}

/** Says again what it would have done, on the rule as it is saved. */
export function SwitchOnDialog({ rule, onClose }: DialogProps) {
  const t = useT();
  const refusal = useActionRefusal('rules.write');
  const ruleName = useRuleName();
  const { selector, condition } = rule;
  const past = useQuery({ ...backtestQuery({ selector, condition }, rule.id), placeholderData: undefined });
  const change = useSwitch(rule, onClose);
  const account = past.data
    ? accountOf(past.data, t)
    : past.error === null
      ? t('rules.past.running')
      : t('rules.onUntried');
  return (
    <Dialog open onClose={onClose} title={t('rules.onTitle', { name: ruleName(rule) })} description={account}>
      <p className="text-12 leading-prose text-text-2">{t('rules.onText')}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('rules.keepOff')}</Button>
        <Button
          look="primary"
          disabled={change.isPending}
          disabledReason={refusal}
          onClick={() => change.mutate(true)}
        >
          {t('rules.switchOn')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export function SwitchOffDialog({ rule, onClose, openAlerts }: DialogProps & { openAlerts: number }) {
  const t = useT();
  const refusal = useActionRefusal('rules.write');
  const ruleName = useRuleName();
  const change = useSwitch(rule, onClose);
  const users = (useQuery(rulesQuery).data ?? []).filter(
    ({ enabled, condition }) =>
      enabled && condition.type === 'composite' && condition.rules.includes(rule.id),
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rules.offTitle', { name: ruleName(rule) })}
      description={t(openAlerts === 0 ? 'rules.offText' : 'rules.offTextAlerts', { count: openAlerts })}
    >
      {users.map((user) => (
        <p key={user.id} className="text-12 leading-prose text-text-2">
          {t('rules.offUsed', { name: ruleName(user) })}
        </p>
      ))}
      <DialogActions>
        <Button onClick={onClose}>{t('rules.keepOn')}</Button>
        <Button
          look="danger"
          disabled={change.isPending}
          disabledReason={refusal}
          onClick={() => change.mutate(false)}
        >
          {t('rules.switchOff')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export function DeleteDialog({
  rule,
  onClose,
  openAlerts,
  onDeleted,
}: DialogProps & { openAlerts: number; onDeleted: () => void }) {
  const t = useT();
  const refusal = useActionRefusal('rules.write');
  const words = useErrorWords();
  const queries = useQueryClient();
  const ruleName = useRuleName();
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteRule, { params: { id: rule.id } }),
    onSuccess: () => {
      queries.setQueryData(rulesQuery.queryKey, (before) => before?.filter(({ id }) => id !== rule.id));
      queries.removeQueries({ queryKey: ['rule', rule.id] });
      void queries.invalidateQueries({ queryKey: ruleFactsQuery.queryKey });
      void queries.invalidateQueries({ queryKey: openAlertsQuery.queryKey });
      say(t('rules.deleted', { name: ruleName(rule) }));
      onClose();
      onDeleted();
    },
    onError: (error) => say(words(error)),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rules.deleteTitle', { name: ruleName(rule) })}
      description={t(openAlerts === 0 ? 'rules.deleteText' : 'rules.deleteTextAlerts', { count: openAlerts })}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="danger"
          disabled={remove.isPending}
          disabledReason={refusal}
          onClick={() => remove.mutate()}
        >
          {t('rules.delete')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
