import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function EngineSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.engine'));
  return <h1>{t('settings.nav.engine')}</h1>;
}
