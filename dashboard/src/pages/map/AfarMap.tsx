/** The map from afar: groups with how many they hold and how many of them are silent, as a ring and as a list. */
import { useMemo } from 'react';
import type { MapGroups } from '@muster/shared/api/relations.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { ringOf } from './ring.ts';

/** More bubbles than this do not fit beside each other; the list holds them all. */
const SHOWN_MAX = 36;

interface AfarProps {
  readonly afar: MapGroups;
  readonly as: 'picture' | 'list';
  /** `key` null: those of no site. */
  readonly onOpen: (by: MapGroups['by'], key: string | null) => void;
}

type Group = MapGroups['groups'][number];

export function AfarMap({ afar, as, onOpen }: AfarProps) {
  const t = useT();
  return (
    <Card className="mt-3" flush={as === 'list'} title={t('map.afar.title')} note={afar.groups.length}>
      {as === 'list' ? <AfarList afar={afar} onOpen={onOpen} /> : <Ring afar={afar} onOpen={onOpen} />}
    </Card>
  );
}

function useGroupName(by: MapGroups['by']): (group: Group) => string {
  const t = useT();
  const words = useWords();
  return ({ name }) => (name === null ? t(`map.afar.noName.${by}`) : words(name));
}

/** What needs no service cannot be asked for; a place without a site can. */
function opens(by: MapGroups['by'], { key }: Group): boolean {
  return by === 'site' || key !== null;
}

function Ring({ afar, onOpen }: Omit<AfarProps, 'as'>) {
  const t = useT();
  const nameOf = useGroupName(afar.by);
  const ring = useMemo(() => ringOf(afar, SHOWN_MAX), [afar]);
  return (
    <>
      <div className="relative mx-auto aspect-square max-h-[72vh] min-h-80 max-w-[72vh]">
        <svg viewBox="0 0 100 100" className="absolute inset-0 h-full w-full" aria-hidden="true">
          {ring.lines.map(({ from, to, path, width, count }) => (
            <path key={`${from} ${to}`} d={path} fill="none" stroke="var(--line)" strokeWidth={width}>
              <title>
                {t('map.afar.tiesTitle', {
                  from: nameAt(afar, from, nameOf),
                  to: nameAt(afar, to, nameOf),
                  count,
                })}
              </title>
            </path>
          ))}
        </svg>
        {ring.bubbles.map(({ at, x, y, size }) => {
          const group = afar.groups[at];
          if (group === undefined) return null;
          return (
            <button
              key={group.key ?? ''}
              type="button"
              disabled={!opens(afar.by, group)}
              title={spoken(t, nameOf(group), group)}
              onClick={() => onOpen(afar.by, group.key)}
              style={{ left: `${x}%`, top: `${y}%`, width: `${size}%`, height: `${size}%` }}
              className={`absolute grid -translate-1/2 place-content-center rounded-full border-2 bg-surface text-center text-12 leading-tight enabled:hover:border-accent ${group.silent > 0 ? 'border-crit-solid' : 'border-up-solid'}`}
            >
              <span className="mx-auto block max-w-24 truncate font-medium max-tablet:absolute max-tablet:top-full max-tablet:left-1/2 max-tablet:-translate-x-1/2">
                {nameOf(group)}
              </span>
              <span className="tablet:hidden">{group.nodes}</span>
              <span className="block text-text-2 max-tablet:hidden">
                {t('map.afar.itemCount', { count: group.nodes })}
              </span>
              {group.silent > 0 && (
                <>
                  <span className="block text-crit-fg tablet:hidden">{group.silent}</span>
                  <span className="block text-crit-fg max-tablet:hidden">
                    {t('map.afar.silentCount', { count: group.silent })}
                  </span>
                </>
              )}
            </button>
          );
        })}
      </div>
      {afar.groups.length > SHOWN_MAX && (
        <p className="text-12 text-text-3">{t('map.afar.rest', { count: afar.groups.length - SHOWN_MAX })}</p>
      )}
    </>
  );
}

function AfarList({ afar, onOpen }: Omit<AfarProps, 'as'>) {
  const t = useT();
  const nameOf = useGroupName(afar.by);
  const tied = useMemo(() => {
    const counts = new Uint32Array(afar.groups.length);
    for (const [from, to, count] of afar.ties) {
      counts[from] = (counts[from] ?? 0) + count;
      counts[to] = (counts[to] ?? 0) + count;
    }
    return counts;
  }, [afar]);
  return (
    <PlainTable
      label={t('map.afar.title')}
      head={[
        { id: 'name', label: t('map.column.name') },
        { id: 'items', label: t('map.afar.items'), align: 'right' },
        { id: 'silent', label: t('states.presence.silent'), align: 'right' },
        { id: 'incidents', label: t('map.afar.incidents'), align: 'right' },
        { id: 'ties', label: t('map.afar.ties'), align: 'right', className: 'max-tablet:hidden' },
      ]}
    >
      {afar.groups.map((group, at) => (
        <tr key={group.key ?? ''}>
          <td>
            {opens(afar.by, group) ? (
              <button
                type="button"
                aria-label={spoken(t, nameOf(group), group)}
                onClick={() => onOpen(afar.by, group.key)}
                className="max-w-full truncate font-medium hover:text-accent"
              >
                {nameOf(group)}
              </button>
            ) : (
              nameOf(group)
            )}
          </td>
          <td className="text-right">{group.nodes}</td>
          <td className={`text-right ${group.silent > 0 ? 'text-crit-fg' : 'text-text-3'}`}>
            {group.silent === 0 ? ABSENT : group.silent}
          </td>
          <td className="text-right">{group.openIncidents === 0 ? ABSENT : group.openIncidents}</td>
          <td className="text-right max-tablet:hidden">{tied[at]}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function nameAt(afar: MapGroups, at: number, nameOf: (group: Group) => string): string {
  const group = afar.groups[at];
  return group === undefined ? '' : nameOf(group);
}

function spoken(t: ReturnType<typeof useT>, name: string, { nodes, silent }: Group): string {
  return t('map.afar.openGroup', { name, nodes, silent });
}
