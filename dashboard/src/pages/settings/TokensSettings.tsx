import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function TokensSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.tokens'));
  return <h1>{t('settings.nav.tokens')}</h1>;
}
