/** When a machine is to be retired next: nobody watches it any more, and it is one that should be watched. */
import type { Language } from '@muster/shared/api/access.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isInService, type LifecycleStep, lifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import type { Key, Translate } from '../i18n/catalogue.ts';
import { type Fed, isFedAt } from './foreignSeries.ts';
import { valueText } from './valueWords.ts';

/** undefined: its agent is there, or it is out of service already. */
export function retiringStep({
  cause,
  lifecycle,
}: Pick<CiDetail, 'cause' | 'lifecycle'>): LifecycleStep | undefined {
  return cause === 'agent-uninstalled' && isInService(lifecycle)
    ? lifecycleStep(lifecycle, 'retired')
    : undefined;
}

/** Why a machine of which it was offered is not to be retired now; undefined: it is. */
export function retiringRefusal(
  ci: Pick<CiDetail, 'cause' | 'lifecycle'>,
  t: Translate,
  language: Language,
): string | undefined {
  if (retiringStep(ci)) return undefined;
  return isInService(ci.lifecycle)
    ? t('assets.life.agentBack')
    : t('assets.life.notInService', { state: valueText('', 'lifecycle', ci.lifecycle, t, language) });
}

/** What is said of a machine without its agent: a sender may feed it still. */
export function uninstalledWord(fed: Fed | null, nowMs: Millis): Key {
  return isFedAt(fed, nowMs) ? 'machines.agentUninstalledFed' : 'machines.agentUninstalled';
}
