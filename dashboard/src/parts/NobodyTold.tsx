/** Incidents open and nobody is messaged: said where people look for them, until somebody puts it away. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { overviewQuery } from '../api/queries.ts';
import { setPreference, usePreference } from '../app/preferences.ts';
import { useMay } from '../app/session.ts';
import { useT } from '../i18n/i18n.ts';
import { IconButton } from '../ui/Button.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { tellsNobody } from './tellsNobody.ts';

export function NobodyTold() {
  const t = useT();
  const mayRead = useMay('channels.read');
  const left = usePreference('nobodyTold') === 'left';
  const overview = useQuery(overviewQuery).data;
  if (left || overview === undefined || !tellsNobody(overview) || overview.openIncidents === 0) return null;
  return (
    <div
      role="status"
      className="no-print mt-3 flex items-center gap-2 rounded-md bg-warn-weak px-3 py-1 text-warn-fg"
    >
      <Glyph name="triangle" className="flex-none" />
      <p className="min-w-0 flex-1">
        {t('overview.nobodyTold.text')}{' '}
        {mayRead && (
          <Link to="/settings/notify" className="font-medium underline">
            {t('overview.nobodyTold.setUp')}
          </Link>
        )}
      </p>
      <IconButton
        icon="close"
        label={t('overview.nobodyTold.leave')}
        onClick={() => setPreference('nobodyTold', 'left')}
      />
    </div>
  );
}
