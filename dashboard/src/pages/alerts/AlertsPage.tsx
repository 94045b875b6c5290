import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function AlertsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.alerts'));
  return <h1>{t('shell.nav.alerts')}</h1>;
}
