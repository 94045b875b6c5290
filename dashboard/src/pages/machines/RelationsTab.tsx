import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function RelationsTab() {
  const t = useT();
  usePageTitle(t('machines.tab.relations'));
  return <h1>{t('machines.tab.relations')}</h1>;
}
