import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function RulePage() {
  const t = useT();
  usePageTitle(t('rules.newTitle'));
  return <h1>{t('rules.newTitle')}</h1>;
}

export { RulePage as NewRulePage };
