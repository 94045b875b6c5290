/** What becomes of an alert: an incident, seen by somebody, flapping, or why it is not told by itself. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Alert } from '@muster/shared/api/rules.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useMay } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { useSentence } from '../../parts/sentence.ts';
import { tellsNobody } from '../../parts/tellsNobody.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { ALERT_WORDS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { millis, recordTime } from '../../util/time.ts';

/** A silence that is not told within this time was decided otherwise. */
const HELD_MS = 30 * SECOND_MS;

/** `short`: without the words that say why. */
export function Becomes({ alert, short = false }: { alert: Alert; short?: boolean }) {
  const t = useT();
  const lines = useLines(alert);
  // Until when somebody has it matters on a phone too.
  const first =
    short && alert.state === 'acknowledged' ? lines.filter(Boolean).join(t('ui.listSeparator')) : lines[0];
  return (
    <span className="flex min-w-0 flex-col leading-[18px]" title={lines.filter(Boolean).join('\n')}>
      <span className="flex min-w-0 items-center gap-2">
        {alert.flapping !== null && (
          <span
            title={t('alerts.quiet.flappingTitle', { count: alert.flapping.changes })}
            className="inline-flex flex-none items-center gap-1 rounded-full bg-warn-weak px-2 text-12 font-medium text-warn-fg"
          >
            {t('alerts.quiet.flapping', { percent: alert.flapping.percent.toFixed(1) })}
          </span>
        )}
        {alert.suppressedBy?.kind === 'maintenance' && <Glyph name="pill" />}
        {alert.state === 'acknowledged' && <Glyph name="tick" />}
        <span className="truncate">{first}</span>
      </span>
      {lines[1] && !short && <Second alert={alert}>{lines[1]}</Second>}
    </span>
  );
}

function Second({ alert: { suppressedBy, state }, children }: { alert: Alert; children: string }) {
  const mayRead = useMay('channels.read');
  const look = 'truncate text-12 text-text-3';
  if (state === 'open' && suppressedBy === null && mayRead)
    return (
      <Link to="/settings/notify" className={`${look} hover:text-accent`}>
        {children}
      </Link>
    );
  if (suppressedBy?.kind !== 'maintenance' || suppressedBy.id === null)
    return <span className={look}>{children}</span>;
  return (
    <Link to="/maintenance/$id" params={{ id: suppressedBy.id }} className={`${look} hover:text-accent`}>
      {children}
    </Link>
  );
}

/** What it is, and the words that say why. */
function useLines(alert: Alert): [string, string | null] {
  const t = useT();
  const language = useLanguage();
  const sentence = useSentence();
  const now = useNow(10_000);
  const silent = tellsNobody(useQuery(overviewQuery).data);
  const { state, suppressedBy, acknowledgement, incidentId } = alert;
  if (state === 'acknowledged' && acknowledgement !== null) {
    const { by, until, note } = acknowledgement;
    const end =
      until === null
        ? t('alerts.quiet.untilEnd')
        : t('alerts.quiet.until', { time: recordTime(millis(until), now, language) });
    return [
      t('alerts.quiet.acknowledged', { who: actorWord(by, t) }),
      [end, note].filter((part) => part !== '').join(t('ui.listSeparator')),
    ];
  }
  if (suppressedBy !== null && state !== 'resolved') {
    const what = state === 'suppressed' ? t(`alerts.view.${suppressedBy.kind}`) : t(ALERT_WORDS[state]);
    return [what, sentence(suppressedBy.words)];
  }
  const isHeld =
    state === 'open' &&
    alert.metric === null &&
    incidentId === null &&
    now - millis(alert.openedAt) < HELD_MS;
  if (isHeld) return [t(ALERT_WORDS.suppressed), t('alerts.quiet.held')];
  if (state !== 'open' || incidentId === null) return [t(ALERT_WORDS[state]), null];
  return [t('alerts.quiet.none'), silent ? t('alerts.quiet.nobodyTold') : null];
}
