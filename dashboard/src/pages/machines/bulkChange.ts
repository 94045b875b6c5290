/** Changes many machines at once; goes on while other pages are open, says how far it is and offers the way back. */
import { useQueryClient } from '@tanstack/react-query';
import { BULK_IDS_MAX, type BulkStep } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { sayProgress } from '../../ui/Toast.tsx';
import { portions } from './bulkSteps.ts';

/** Machines changed by one request: a second or two of work, so that progress is seen. */
const IDS_PER_REQUEST = Math.min(2_500, BULK_IDS_MAX);

export interface BulkResult {
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: readonly { readonly id: string; readonly detail: string }[];
  readonly undo: readonly BulkStep[];
}

/** Starts the change; what it did is told by a notice, so the caller need not stay. */
export function useBulkChange(): (steps: readonly BulkStep[]) => void {
  const t = useT();
  const words = useErrorWords();
  const queries = useQueryClient();
  return function run(steps) {
    const total = steps.reduce((sum, { ids }) => sum + ids.length, 0);
    const notice = sayProgress(t('machines.list.changing', { done: 0, count: total }));
    void changeAll(steps, (done) => notice.update(t('machines.list.changing', { done, count: total })))
      .then(({ changed, failed, undo }) => {
        const sentence =
          failed.length > 0
            ? t('machines.list.changedSome', {
                count: changed,
                failed: failed.length,
                why: failed[0]?.detail ?? '',
              })
            : t(changed === 0 ? 'machines.list.changedNone' : 'machines.list.changed', { count: changed });
        notice.done(
          sentence,
          undo.length === 0 ? undefined : { label: t('ui.undo'), onPress: () => run(undo) },
        );
      })
      .catch((error: unknown) => notice.done(words(error)))
      .finally(() => {
        void queries.invalidateQueries({ queryKey: ['cis'] });
        void queries.invalidateQueries({ queryKey: ['ci'] });
        void queries.invalidateQueries({ queryKey: ['overview'] });
      });
  };
}

async function changeAll(
  steps: readonly BulkStep[],
  onProgress: (done: number) => void,
): Promise<BulkResult> {
  let result: BulkResult = { changed: 0, unchanged: 0, failed: [], undo: [] };
  let done = 0;
  for (const some of portions(steps, IDS_PER_REQUEST)) {
    const answer = await call(ENDPOINTS.bulkCis, { body: { steps: some } });
    result = {
      changed: result.changed + answer.changed,
      unchanged: result.unchanged + answer.unchanged,
      failed: [...result.failed, ...answer.failed],
      undo: [...result.undo, ...answer.undo],
    };
    done += some.reduce((sum, { ids }) => sum + ids.length, 0);
    onProgress(done);
  }
  return result;
}
