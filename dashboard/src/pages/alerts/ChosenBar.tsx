/** What can be done with the chosen alerts at once. */
import type { Alert } from '@muster/shared/api/rules.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { useAcknowledging } from './acknowledging.ts';

export function ChosenBar({
  chosen,
  onAcknowledge,
  onClear,
}: {
  chosen: readonly Alert[];
  onAcknowledge: (alerts: readonly Alert[]) => void;
  onClear: () => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('incidents.write');
  const { withdrawing } = useAcknowledging();
  if (chosen.length === 0) return null;
  const open = chosen.filter(({ state }) => state === 'open' || state === 'acknowledged');
  const seen = chosen.filter(({ state }) => state === 'acknowledged');
  return (
    <section
      aria-label={t('alerts.acknowledge.bar')}
      className="no-print sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-raised px-3 py-2 shadow-2"
    >
      <span role="status" className="mr-2 font-medium">
        {t('alerts.acknowledge.count', { count: chosen.length })}
      </span>
      <Button
        look="primary"
        shortcut="A"
        disabled={open.length === 0}
        disabledReason={refusal ?? (open.length === 0 ? t('alerts.acknowledge.onlyOpen') : undefined)}
        onClick={() => onAcknowledge(open)}
      >
        {t('alerts.acknowledge.button')}
      </Button>
      {seen.length > 0 && (
        <Button
          disabled={withdrawing.isPending}
          disabledReason={refusal}
          onClick={() => withdrawing.mutate(seen, { onSuccess: onClear })}
        >
          {t('alerts.acknowledge.back')}
        </Button>
      )}
      <Button look="quiet" onClick={onClear}>
        {t('alerts.acknowledge.clear')}
      </Button>
    </section>
  );
}
