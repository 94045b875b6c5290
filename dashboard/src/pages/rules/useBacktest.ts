/** The draft tried on the past, soon after the last change; the last answer stays until the next one is there. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Backtest } from '@muster/shared/api/rules.ts';
import type { Draft } from './draft.ts';
import { triedPart } from './draftProblems.ts';
import { backtestQuery } from './queries.ts';

/** A hand that drags or types is not asked at each step. */
const SETTLE_MS = 350;

export interface Tried {
  /** The newest answer there is; undefined before the first. */
  readonly data: Backtest | undefined;
  /** `data` is of the draft as it stands. */
  readonly current: boolean;
  readonly running: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

export function useBacktest(draft: Draft, ruleId: string | null): Tried {
  const wanted = JSON.stringify(triedPart(draft));
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    if (wanted === asked) return;
    const timer = window.setTimeout(() => setAsked(wanted), SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [wanted, asked]);
  const query = useQuery(backtestQuery(JSON.parse(asked) as ReturnType<typeof triedPart>, ruleId));
  const settled = wanted === asked && wanted !== 'null';
  return {
    data: query.data,
    current: settled && query.data !== undefined && !query.isPlaceholderData,
    running: wanted !== 'null' && (!settled || query.isFetching),
    error: settled ? query.error : null,
    retry: () => void query.refetch(),
  };
}
