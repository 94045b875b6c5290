/** How often machines were up in each hour of the week, and the hours that follow, as seven rows of a day. */
import type { WeekHours } from '@muster/shared/api/presence.ts';
import { useT } from '../../i18n/i18n.ts';

const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const SLOTS_PER_HOUR = 4;
const SLOTS_PER_DAY = 96;
const ROW = 14;
const GAP = 3;
/** Width of an hour in the drawing, which is scaled to the card. */
const CELL = 24;
const WIDTH = 24 * CELL;
const MARKED_HOURS = [0, 6, 12, 18, 24] as const;

export function Profile({
  profile,
  hours,
  label,
}: {
  profile: readonly number[];
  hours: WeekHours | null;
  label: string;
}) {
  const t = useT();
  const height = DAYS.length * (ROW + GAP);
  return (
    <figure className="grid max-w-[640px] grid-cols-[max-content_minmax(0,1fr)] gap-x-2">
      <ol aria-hidden="true" className="grid text-11 text-text-3">
        {DAYS.map((day) => (
          <li key={day} className="flex items-center leading-none">
            {t(`presence.day.${day}`)}
          </li>
        ))}
      </ol>
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        className="h-[120px] w-full text-accent"
      >
        {DAYS.map((day) =>
          HOURS.map((hour) => (
            <rect
              key={`${day} ${hour}`}
              x={hour * CELL}
              y={day * (ROW + GAP)}
              width={CELL - 1}
              height={ROW}
              fill="currentColor"
              fillOpacity={0.07 + 0.63 * shareOf(profile, day, hour)}
            />
          )),
        )}
        {hours?.map(
          (range, day) =>
            range && (
              <rect
                key={day}
                x={(range.fromMinute / 60) * CELL}
                y={day * (ROW + GAP)}
                width={((range.toMinute - range.fromMinute) / 60) * CELL}
                height={ROW}
                fill="none"
                stroke="currentColor"
                strokeWidth={2}
                vectorEffect="non-scaling-stroke"
              />
            ),
        )}
      </svg>
      <div aria-hidden="true" className="col-start-2 flex justify-between text-11 text-text-3">
        {MARKED_HOURS.map((hour) => (
          <span key={hour}>{`${String(hour).padStart(2, '0')}:00`}</span>
        ))}
      </div>
      <figcaption className="col-span-2 mt-1 text-12 text-text-3">
        {t(hours ? 'presence.profile.captionHours' : 'presence.profile.caption')}
      </figcaption>
    </figure>
  );
}

function shareOf(profile: readonly number[], day: number, hour: number): number {
  const from = day * SLOTS_PER_DAY + hour * SLOTS_PER_HOUR;
  const slots = profile.slice(from, from + SLOTS_PER_HOUR);
  return slots.reduce((sum, share) => sum + share, 0) / SLOTS_PER_HOUR;
}
