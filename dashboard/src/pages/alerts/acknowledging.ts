/** Saying that somebody has seen alerts, and taking it back; either can be undone from the notice. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ACKNOWLEDGED_AT_ONCE_MAX, type AcknowledgeOutcome } from '@muster/shared/api/alerts.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';

interface Seen {
  readonly ids: readonly string[];
  readonly untilMs: Millis | null;
  readonly note: string;
}

const acknowledge = ({ ids, untilMs, note }: Seen) =>
  inParts(ids, (part) =>
    call(ENDPOINTS.acknowledgeAlerts, {
      body: { ids: part, until: untilMs === null ? null : toIso(untilMs), note },
    }),
  );
const withdraw = (ids: readonly string[]) =>
  inParts(ids, (part) => call(ENDPOINTS.withdrawAcknowledgements, { body: { ids: part } }));

/** As many at once as the server takes, one request after the other. */
async function inParts(
  ids: readonly string[],
  send: (part: string[]) => Promise<AcknowledgeOutcome>,
): Promise<AcknowledgeOutcome> {
  const all: AcknowledgeOutcome = { done: [], left: [] };
  for (let from = 0; from < ids.length; from += ACKNOWLEDGED_AT_ONCE_MAX) {
    const { done, left } = await send(ids.slice(from, from + ACKNOWLEDGED_AT_ONCE_MAX));
    all.done.push(...done);
    all.left.push(...left);
  }
  return all;
}

export function useAcknowledging() {
  const t = useT();
  const words = useErrorWords();
  const queries = useQueryClient();
  const readAgain = () => {
    void queries.invalidateQueries({ queryKey: ['alerts'] });
    void queries.invalidateQueries({ queryKey: ['incidents'] });
  };
  /** Undoes without a way back of its own: the notice would follow the notice. */
  const undo = (back: () => Promise<unknown>) => ({
    label: t('ui.undo'),
    onPress: () => void back().then(readAgain, (error: unknown) => say(words(error))),
  });
  const acknowledging = useMutation({
    mutationFn: acknowledge,
    onSuccess: ({ done, left }) => {
      const count = done.length;
      const sentence =
        left.length === 0
          ? t('alerts.acknowledge.done', { count })
          : t('alerts.acknowledge.partly', { done: count, count: count + left.length });
      say(sentence, count === 0 ? undefined : undo(() => withdraw(done.map(({ id }) => id))));
    },
    onSettled: readAgain,
  });
  const withdrawing = useMutation({
    mutationFn: (alerts: readonly Alert[]) => withdraw(alerts.map(({ id }) => id)),
    onSuccess: ({ done }, alerts) => {
      const taken = alerts.filter(({ id }) => done.some((one) => one.id === id));
      const back = () => Promise.all(taken.flatMap(restored));
      say(t('alerts.acknowledge.backDone', { count: done.length }), undo(back));
    },
    onError: (error) => say(words(error)),
    onSettled: readAgain,
  });
  return { acknowledging, withdrawing };
}

/** As it was before it was taken back; what its incident's holder had seen has no words of its own. */
function restored({ id, acknowledgement }: Alert): Promise<unknown>[] {
  if (acknowledgement === null) return [];
  const { until, note } = acknowledgement;
  return [acknowledge({ ids: [id], untilMs: until === null ? null : Date.parse(until), note })];
}
