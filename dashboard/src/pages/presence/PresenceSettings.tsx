/** Presence: learned hours to confirm, who may be asked about silent machines, and when a machine counts as not seen. */
import { useQuery } from '@tanstack/react-query';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { presenceSettingsQuery } from './queries.ts';
import { Suggestions } from './Suggestions.tsx';
import { WitnessForm } from './WitnessForm.tsx';

export function PresenceSettings() {
  const t = useT();
  usePageTitle(t('presence.title'));
  const settings = useQuery(presenceSettingsQuery);
  return (
    <>
      <h1>{t('presence.title')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('presence.intro')}</p>
      <div className="mt-3 grid gap-3">
        <Suggestions />
        <Card title={t('presence.witness.title')}>
          {settings.data ? (
            <WitnessForm answer={settings.data} />
          ) : settings.error ? (
            <ErrorPanel error={settings.error} retry={() => void settings.refetch()} />
          ) : (
            <SkeletonRows rows={6} />
          )}
        </Card>
      </div>
    </>
  );
}
