import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function AuditSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.audit'));
  return <h1>{t('settings.nav.audit')}</h1>;
}
