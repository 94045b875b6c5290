import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function NotifySettings() {
  const t = useT();
  usePageTitle(t('settings.nav.notify'));
  return <h1>{t('settings.nav.notify')}</h1>;
}
