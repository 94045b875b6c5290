/** What is read again when a thing has taken a step of its life. */
import type { QueryClient } from '@tanstack/react-query';
import { SECOND_MS } from '@muster/shared/time.ts';

/** The server settles findings of what left service once a second. */
const SETTLED_AFTER_MS = 2 * SECOND_MS;

export function readAfterStep(queries: Pick<QueryClient, 'invalidateQueries'>, ciId: string): void {
  for (const queryKey of [['ci', ciId], ['cmdb'], ['cis'], ['assets'], ['findings']])
    void queries.invalidateQueries({ queryKey });
  setTimeout(() => void queries.invalidateQueries({ queryKey: ['findings'] }), SETTLED_AFTER_MS);
}
