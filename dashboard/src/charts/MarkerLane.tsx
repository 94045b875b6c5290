/** The marks above a plot as things that can be reached and followed; the canvas draws them. */
import { cloneElement } from 'react';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Menu, MenuHeading, MenuLinkItem } from '../ui/Menu.tsx';
import { recordTime } from '../util/time.ts';
import { type ChartMarker, FOLD_PX, type FoldedMarker, foldMarkers } from './markers.ts';
import type { PlotGeometry } from './TimeChart.tsx';

export interface MarkerLaneProps {
  readonly markers: readonly ChartMarker[];
  readonly geometry: PlotGeometry;
}

const HIT_PX = 22;

/** One stop for the Tab key; arrows move from mark to mark. */
export function MarkerLane({ markers, geometry }: MarkerLaneProps) {
  const t = useT();
  const { leftPx, topPx, widthPx, timeToX } = geometry;
  const inside = markers.filter(({ atMs }) => timeToX(atMs) >= leftPx && timeToX(atMs) <= leftPx + widthPx);
  const folded = foldMarkers(inside, timeToX, FOLD_PX);
  if (folded.length === 0) return null;
  return (
    <div role="toolbar" tabIndex={-1} aria-label={t('charts.markers')} onKeyDown={rove} className="no-print">
      {folded.map((group, index) => (
        <Mark
          key={group.markers[0]?.atMs}
          group={group}
          first={index === 0}
          style={{ left: group.x - HIT_PX / 2, top: topPx - HIT_PX + 2, width: HIT_PX, height: HIT_PX }}
        />
      ))}
    </div>
  );
}

/** Arrow keys within the lane. */
function rove(event: React.KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  const marks = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-mark]')];
  const at = marks.indexOf(document.activeElement as HTMLElement);
  const next = marks[at + step];
  if (at === -1 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function Mark({ group, first, style }: { group: FoldedMarker; first: boolean; style: React.CSSProperties }) {
  const t = useT();
  const language = useLanguage();
  const [only, ...more] = group.markers;
  if (only === undefined) return null;
  const text = (marker: ChartMarker) =>
    t('charts.marker', {
      kind: t(`charts.markerKind.${marker.kind}`),
      time: recordTime(marker.atMs, group.markers.at(-1)?.atMs ?? marker.atMs, language),
      label: marker.label,
    });
  const common = {
    'data-mark': '',
    tabIndex: first ? 0 : -1,
    style,
    className: 'absolute rounded-sm outline-offset-0 hover:bg-hover/60',
  };
  if (more.length === 0 && only.link)
    return cloneElement(only.link as React.ReactElement<Record<string, unknown>>, {
      ...common,
      'aria-label': text(only),
      title: text(only),
    });
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          {...common}
          aria-label={
            more.length === 0 ? text(only) : t('charts.markerCount', { count: group.markers.length })
          }
        />
      }
    >
      <MenuHeading>{t('charts.markers')}</MenuHeading>
      {group.markers.map((marker) =>
        marker.link ? (
          <MenuLinkItem
            key={`${marker.atMs} ${marker.kind} ${marker.label}`}
            render={cloneElement(marker.link, {}, text(marker))}
          />
        ) : (
          <p key={`${marker.atMs} ${marker.kind} ${marker.label}`} className="px-2 py-1">
            {text(marker)}
          </p>
        ),
      )}
    </Menu>
  );
}
