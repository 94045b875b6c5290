/** Why a writing action is not possible now, if it is not: the role, or the connection that is lost. */
import type { Right } from '@muster/shared/api/rights.ts';
import { useT } from '../i18n/i18n.ts';
import { useConnected } from './live.ts';
import { useRefusal } from './session.ts';

export function useActionRefusal(right: Right): string | undefined {
  const t = useT();
  const role = useRefusal(right);
  const connected = useConnected();
  return role ?? (connected ? undefined : t('errors.notConnected'));
}
