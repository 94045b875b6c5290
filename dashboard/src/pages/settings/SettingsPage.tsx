/** The settings: their list at the left, the chosen one at the right. */
import { Outlet } from '@tanstack/react-router';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function SettingsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.settings'));
  return (
    <>
      <h1>{t('shell.nav.settings')}</h1>
      <Outlet />
    </>
  );
}
