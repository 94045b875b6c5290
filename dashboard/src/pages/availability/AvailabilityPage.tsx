import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function AvailabilityPage() {
  const t = useT();
  usePageTitle(t('shell.nav.availability'));
  return <h1>{t('shell.nav.availability')}</h1>;
}
