/** When a machine is to be retired next: nobody watches it any more, and it may be. */
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { type LifecycleStep, lifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';

/** undefined: its agent is there, or it is out of use already. */
export function retiringStep({
  cause,
  lifecycle,
}: Pick<CiDetail, 'cause' | 'lifecycle'>): LifecycleStep | undefined {
  return cause === 'agent-uninstalled' ? lifecycleStep(lifecycle, 'retired') : undefined;
}
