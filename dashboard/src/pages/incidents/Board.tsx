/** The states as columns. A card moves by drag or by its menu; the move asks what it needs. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { IncidentState, IncidentSummary } from '@muster/shared/api/incidents.ts';
import { useT } from '../../i18n/i18n.ts';
import { Holder, NextDuty } from '../../parts/IncidentList.tsx';
import { useIncidentRefusal } from '../../parts/incidentActions.ts';
import { useSentence } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { INCIDENT_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { Extent, Opened } from './IncidentTable.tsx';
import { BOARD_STATES, nextStates } from './moves.ts';

/** A column with more cards than a person reads says how many there are; the list has them. */
const CARDS_MAX = 20;
const FULL = 'minmax(156px, 1fr)';
const EMPTY = 'minmax(104px, 0.5fr)';

export interface BoardProps {
  readonly incidents: readonly IncidentSummary[];
  readonly onMove: (incident: IncidentSummary, to: IncidentState) => void;
}

export function Board({ incidents, onMove }: BoardProps) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const [dragged, setDragged] = useState<IncidentSummary | null>(null);
  const [over, setOver] = useState<IncidentState | null>(null);
  const allowed = dragged === null ? [] : nextStates(dragged);
  const columns = BOARD_STATES.map((state) => ({
    state,
    cards: incidents.filter((incident) => incident.state === state),
  }));
  return (
    <div
      role="group"
      tabIndex={0}
      aria-label={t('incidents.board.label')}
      // All seven fit beside each other on a desk; an empty one leaves its room to the others.
      style={{
        gridTemplateColumns: columns.map(({ cards }) => (cards.length > 0 ? FULL : EMPTY)).join(' '),
      }}
      className="mt-4 grid items-start gap-2 overflow-x-auto pb-2"
    >
      {columns.map(({ state, cards }) => {
        const look = INCIDENT_LOOKS[state];
        const takes = allowed.includes(state);
        return (
          <section
            key={state}
            aria-label={t(look.word)}
            onDragOver={(event) => {
              if (!takes) return;
              event.preventDefault();
              setOver(state);
            }}
            onDragLeave={() => setOver(null)}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged && takes) onMove(dragged, state);
              setDragged(null);
              setOver(null);
            }}
            className={cx(
              'min-h-60 min-w-0 rounded-lg border p-1.5',
              takes && over === state
                ? 'border-accent bg-selected'
                : takes
                  ? 'border-dashed border-accent bg-sunken'
                  : 'border-line bg-sunken',
              dragged !== null && !takes && dragged.state !== state && 'opacity-55',
            )}
          >
            <h2 className="flex min-h-8 items-center gap-1.5 px-1 text-13 leading-4 font-semibold">
              <Glyph name={look.glyph} className={TONE_TEXT[look.tone]} />
              {t(look.word)}
              <span className="text-12 font-normal text-text-3">{cards.length}</span>
            </h2>
            <ul className="grid gap-2">
              {cards.slice(0, CARDS_MAX).map((incident) => (
                <BoardCard
                  key={incident.id}
                  incident={incident}
                  movable={refusal === undefined && nextStates(incident).length > 0}
                  lifted={dragged?.id === incident.id}
                  onLift={setDragged}
                  onMove={onMove}
                />
              ))}
            </ul>
            {cards.length > CARDS_MAX && (
              <p className="px-1 pt-2 text-12 text-text-2">
                <Link
                  from="/incidents"
                  to="/incidents"
                  search={(before) => ({ ...before, as: undefined, state })}
                  className="text-accent hover:underline"
                >
                  {t('incidents.board.more', { count: cards.length - CARDS_MAX })}
                </Link>
              </p>
            )}
          </section>
        );
      })}
    </div>
  );
}

function BoardCard({
  incident,
  movable,
  lifted,
  onLift,
  onMove,
}: {
  incident: IncidentSummary;
  movable: boolean;
  lifted: boolean;
  onLift: (incident: IncidentSummary | null) => void;
  onMove: BoardProps['onMove'];
}) {
  const t = useT();
  const sentence = useSentence();
  return (
    <li
      draggable={movable}
      data-incident={incident.id}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', incident.ref);
        onLift(incident);
      }}
      onDragEnd={() => onLift(null)}
      className={cx(
        'card p-2.5',
        movable && 'cursor-grab',
        lifted && 'opacity-55',
        incident.unclaimedSince !== null && 'border-crit-solid',
      )}
    >
      <div className="flex items-center gap-x-1.5 text-12 text-text-3">
        <PriorityTag priority={incident.priority} />
        {incident.ref}
        {movable && (
          <span className="no-print -mr-1.5 ml-auto">
            <Menu
              trigger={
                <IconButton
                  icon="more"
                  label={t('incidents.board.move', { ref: incident.ref })}
                  className="-my-1.5"
                />
              }
            >
              {nextStates(incident).map((to) => (
                <MenuItem key={to} onSelect={() => onMove(incident, to)}>
                  {t(`incidents.to.${to}`)}
                </MenuItem>
              ))}
            </Menu>
          </span>
        )}
      </div>
      <Link
        to="/incidents/$ref"
        params={{ ref: incident.ref }}
        data-row-link=""
        draggable={false}
        className="mt-1.5 line-clamp-3 leading-5 font-semibold break-words hover:text-accent"
      >
        {sentence(incident.title)}
      </Link>
      <p className="mt-1 flex flex-wrap gap-x-2 text-12 text-text-2">
        {incident.ci && <span className="min-w-0 truncate">{incident.ci.name}</span>}
        <span className="ml-auto">
          <Opened incident={incident} />
        </span>
        <Extent incident={incident} />
      </p>
      <div className="mt-2 grid gap-2">
        <NextDuty incident={incident} />
        <Holder incident={incident} />
      </div>
    </li>
  );
}
