/** The rules that came with the product, pack by pack: what a pack is for, and switching all of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import { call } from '../../api/client.ts';
import { openAlertsQuery, rulesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';

const KNOWN = ['server', 'workstation', 'network', 'checks'] as const;

/** '' stands for own rules. A pack that a newer server brings has its id for a name. */
export function usePackWords(): (pack: string) => { readonly name: string; readonly about: string } {
  const t = useT();
  return (pack) => {
    if (pack === '') return { name: t('rules.pack.own.name'), about: t('rules.pack.own.about') };
    const known = KNOWN.find((each) => each === pack);
    if (known === undefined) return { name: pack, about: '' };
    return { name: t(`rules.pack.${known}.name`), about: t(`rules.pack.${known}.about`) };
  };
}

export interface PackDialogProps {
  /** All of the pack that are shown. */
  readonly rules: readonly Rule[];
  readonly name: string;
  /** To what they are switched. */
  readonly enabled: boolean;
  readonly onClose: () => void;
}

/** One after the other: each is its own entry in history and audit log. */
export function PackDialog({ rules, name, enabled, onClose }: PackDialogProps) {
  const t = useT();
  const words = useErrorWords();
  const queries = useQueryClient();
  const refusal = useActionRefusal('rules.write');
  const changing = rules.filter((rule) => rule.enabled !== enabled);
  const change = useMutation({
    mutationFn: async () => {
      for (const { id } of changing) await call(ENDPOINTS.updateRule, { params: { id }, body: { enabled } });
    },
    onSuccess: () => {
      say(t(enabled ? 'rules.pack.nowOn' : 'rules.pack.nowOff', { name, count: changing.length }));
      onClose();
    },
    onError: (error) => say(words(error)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
      void queries.invalidateQueries({ queryKey: ['rule'] });
      void queries.invalidateQueries({ queryKey: openAlertsQuery.queryKey });
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(enabled ? 'rules.pack.onTitle' : 'rules.pack.offTitle', { name })}
      description={t(enabled ? 'rules.pack.onText' : 'rules.pack.offText', { count: changing.length })}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look={enabled ? 'primary' : 'danger'}
          disabled={change.isPending}
          disabledReason={refusal}
          onClick={() => change.mutate()}
        >
          {t(enabled ? 'rules.switchOn' : 'rules.switchOff')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
