import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function CapacityPage() {
  const t = useT();
  usePageTitle(t('shell.nav.capacity'));
  return <h1>{t('shell.nav.capacity')}</h1>;
}
