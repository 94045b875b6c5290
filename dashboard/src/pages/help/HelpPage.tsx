import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function HelpPage() {
  const t = useT();
  usePageTitle(t('help.title'));
  return <h1>{t('help.title')}</h1>;
}
