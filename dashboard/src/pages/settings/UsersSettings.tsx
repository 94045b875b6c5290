import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function UsersSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.users'));
  return <h1>{t('settings.nav.users')}</h1>;
}
