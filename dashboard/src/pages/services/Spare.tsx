/** How many more members of a service may fail before it does. */
import { useT } from '../../i18n/i18n.ts';
import { ABSENT } from '../../util/quantity.ts';

export function Spare({ spare }: { spare: number | null }) {
  const t = useT();
  if (spare === null) return <>{ABSENT}</>;
  return <>{spare === 0 ? t('map.services.spareNone') : t('map.services.spareCount', { count: spare })}</>;
}
