/** At a CI: the maintenance window it is in now, and the way to set one. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { HOUR_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { useMay } from '../app/session.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import { say } from '../ui/Toast.tsx';
import { nowMs, useNow } from '../util/clock.ts';
import { millis, recordTime } from '../util/time.ts';
import { useControlErrorWords } from './controlQueries.ts';

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

/** The ways to set a window for a machine. Nothing for those who may not set one. */
export function MaintenanceMenu({ ci }: { ci: WorkedOn }) {
  const t = useT();
  const navigate = useNavigate();
  if (!useMay('maintenance.write')) return null;
  return (
    <Menu
      trigger={
        <Button size="small">
          <Icon name="pause" size={14} />
          {t('maintenance.setShort')}
        </Button>
      }
    >
      <WorkingNowItem ci={ci} reason="" />
      <MenuItem onSelect={() => void navigate({ to: '/maintenance/new', search: { ci: ci.id } })}>
        {t('maintenance.setOther')}
      </MenuItem>
    </Menu>
  );
}

export interface WorkedOn {
  readonly id: string;
  readonly name: string;
}

const WORK_HOURS = 2;

/** One press for somebody who stands at the machine: its alarms are quiet for two hours, with what hangs on it; with a way back. */
export function WorkingNowItem({ ci, reason }: { ci: WorkedOn; reason: string }) {
  const t = useT();
  const queries = useQueryClient();
  const words = useControlErrorWords();
  const may = useMay('maintenance.write');
  const readAgain = () => queries.invalidateQueries({ queryKey: ['maintenance'] });
  const failed = (error: Error) => say(words(error));
  const end = useMutation({
    mutationFn: (id: string) => call(ENDPOINTS.endMaintenanceWindow, { params: { id } }),
    onSuccess: () => say(t('maintenance.working.undone', { name: ci.name })),
    onError: failed,
    onSettled: readAgain,
  });
  const begin = useMutation({
    mutationFn: () => {
      const fromMs = nowMs();
      return call(ENDPOINTS.createMaintenanceWindow, {
        body: {
          title: t('maintenance.working.title', { name: ci.name }),
          reason,
          targets: { ciIds: [ci.id], services: [], locations: [], classes: [], tags: [] },
          schedule: { kind: 'once', startsAt: toIso(fromMs), endsAt: toIso(fromMs + WORK_HOURS * HOUR_MS) },
          timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
        },
      });
    },
    onSuccess: ({ id }) =>
      say(t('maintenance.working.begun', { name: ci.name, hours: WORK_HOURS }), {
        label: t('ui.undo'),
        onPress: () => end.mutate(id),
      }),
    onError: failed,
    onSettled: readAgain,
  });
  if (!may) return null;
  return (
    <MenuItem onSelect={() => begin.mutate()}>{t('maintenance.working.now', { hours: WORK_HOURS })}</MenuItem>
  );
}
