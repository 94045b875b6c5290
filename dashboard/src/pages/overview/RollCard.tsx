/** Every machine as a cell, by site: where the trouble lies in a large fleet. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { rollQuery, useRoll } from '../../parts/roll.ts';
import { countCells } from '../../parts/rollCells.ts';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { countsSentence } from '../../ui/FleetBar.tsx';
import { RollGrid } from '../../ui/RollGrid.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { formatNumber } from '../../util/quantity.ts';

export function RollCard({ site }: { site: string | undefined }) {
  const t = useT();
  const language = useLanguage();
  const navigate = useNavigate();
  const roll = useRoll(true);
  const { error, refetch } = useQuery(rollQuery);
  const sites = roll?.sites.filter((each) => site === undefined || (each.site ?? '') === site);
  return (
    <Card title={t('overview.roll')} note={t('overview.rollNote')}>
      {sites ? (
        <ul className="grid gap-3">
          {sites.map(({ site: name, cells }) => (
            <li
              key={name ?? ''}
              className="grid items-start gap-x-4 gap-y-1 tablet:grid-cols-[9rem_minmax(0,1fr)]"
            >
              <Link to="/machines" search={{ site: name ?? '' }} className="min-w-0 hover:text-accent">
                <span className="block truncate font-medium">{name ?? t('overview.noSite')}</span>
                <span className="block text-12 text-text-3">{formatNumber(cells.length, 0, language)}</span>
              </Link>
              <RollGrid
                cells={cells}
                label={countsSentence(countCells(cells), t)}
                describe={([, machine, state]) =>
                  t('overview.rollCell', { machine, state: t(PRESENCE_LOOKS[state].word) })
                }
                onOpen={(id) => void navigate({ to: '/machines/$id/live', params: { id } })}
              />
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorPanel error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton className="h-24" />
      )}
    </Card>
  );
}
