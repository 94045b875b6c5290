import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function CiPage() {
  const t = useT();
  usePageTitle(t('shell.nav.cis'));
  return <h1>{t('shell.nav.cis')}</h1>;
}
