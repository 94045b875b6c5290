import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';

export function WallPage() {
  const t = useT();
  usePageTitle(t('wall.title'));
  return <h1>{t('wall.title')}</h1>;
}
