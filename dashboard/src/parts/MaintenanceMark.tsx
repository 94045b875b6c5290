/** At a CI: the maintenance window it is in now, and the way to set one. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { useMay } from '../app/session.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { buttonClass } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useNow } from '../util/clock.ts';
import { millis, recordTime } from '../util/time.ts';

const ciMaintenanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['maintenance', 'ci', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getCiMaintenance, { params: { id } }, signal),
    staleTime: 10 * SECOND_MS,
    refetchInterval: 30 * SECOND_MS,
  });

/** Nothing while it is in no window. */
export function MaintenanceMark({ ciId }: { ciId: string }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const running = useQuery(ciMaintenanceQuery(ciId)).data?.now;
  if (!running) return null;
  return (
    <Link
      to="/maintenance/$id"
      params={{ id: running.windowId }}
      title={running.title}
      className="inline-flex items-center gap-1.5 rounded-full bg-planned-weak py-px pr-2 pl-1.5 text-12 leading-5 font-medium text-planned-fg"
    >
      <Glyph name="pill" />
      {t('maintenance.mark', { time: recordTime(millis(running.to), now, language) })}
    </Link>
  );
}

/** Nothing for those who may not set one. */
export function SetWindowLink({ ciId, className }: { ciId: string; className?: string }) {
  const t = useT();
  if (!useMay('maintenance.write')) return null;
  return (
    <Link
      to="/maintenance/new"
      search={{ ci: ciId }}
      className={cx(buttonClass('plain', 'small'), className)}
    >
      <Icon name="pause" size={14} />
      {t('maintenance.setShort')}
    </Link>
  );
}
