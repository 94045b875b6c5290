/** The map as a table: every CI with its class, state and relations; for keys, screen readers and phones. */
import { useMemo, useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { MapAnswer, MapNode } from '@muster/shared/api/relations.ts';
import {
  RELATION_TYPES,
  type RelationType,
  type RelationTypeName,
} from '@muster/shared/cmdb/relation-types.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { type Column, DataTable, type Sort } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { ABSENT } from '../../util/quantity.ts';

export interface ListRow {
  readonly node: MapNode;
  /** How many of each kind, as read from this end. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

export function listRows(map: Pick<MapAnswer, 'nodes' | 'edges' | 'types'>): ListRow[] {
  const counts = map.nodes.map(() => new Map<string, number>());
  const add = (at: number, kind: string) => {
    const of = counts[at];
    of?.set(kind, (of.get(kind) ?? 0) + 1);
  };
  for (const [from, to, type] of map.edges) {
    const name = map.types[type] ?? '';
    add(from, `>${name}`);
    add(to, `<${name}`);
  }
  return map.nodes.map((node, at) => {
    const own = counts[at] ?? new Map<string, number>();
    return { node, counts: own, total: [...own.values()].reduce((sum, count) => sum + count, 0) };
  });
}

/** The word for a kind as read from this end; `>` leads away, `<` comes from there. */
export function useKindWord(): (kind: string) => string {
  const words = useWords();
  return (kind) => {
    const name = kind.slice(1);
    if (!Object.hasOwn(RELATION_TYPES, name)) return name;
    const type: RelationType = RELATION_TYPES[name as RelationTypeName];
    return words(kind.startsWith('>') ? type.title : type.inverse);
  };
}

export function MapList({
  map,
  chosen,
  onChoose,
}: {
  map: MapAnswer;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  const t = useT();
  const words = useWords();
  const kindWord = useKindWord();
  const rows = useMemo(() => listRows(map), [map]);
  const [sort, setSort] = useState<Sort | null>({ id: 'total', desc: true });
  const classWord = (name: string) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name);
  const ties = (row: ListRow) =>
    [...row.counts].map(([kind, count]) => t('map.tie', { kind: kindWord(kind), count })).join(' · ');
  const name = (row: ListRow) => (
    <button
      type="button"
      aria-pressed={row.node.id === chosen}
      onClick={() => onChoose(row.node.id)}
      className="truncate font-medium hover:text-accent aria-pressed:text-accent"
    >
      {row.node.name}
    </button>
  );
  const columns: Column<ListRow>[] = [
    {
      id: 'name',
      header: t('map.column.name'),
      cell: name,
      sortValue: ({ node }) => node.name,
      widthPx: 160,
      grow: 2,
      priority: 1,
    },
    {
      id: 'class',
      header: t('map.column.class'),
      cell: ({ node }) => classWord(node.class),
      sortValue: ({ node }) => classWord(node.class),
      widthPx: 110,
      priority: 2,
    },
    {
      id: 'state',
      header: t('map.column.state'),
      cell: ({ node }) => (node.state === null ? ABSENT : <StatusBadge look={PRESENCE_LOOKS[node.state]} />),
      sortValue: ({ node }) => node.state,
      widthPx: 110,
      priority: 1,
    },
    {
      id: 'site',
      header: t('map.column.site'),
      cell: ({ node }) => node.site ?? ABSENT,
      sortValue: ({ node }) => node.site,
      widthPx: 110,
      priority: 4,
    },
    {
      id: 'total',
      header: t('map.column.relations'),
      cell: (row) => row.total,
      sortValue: (row) => row.total,
      align: 'right',
      widthPx: 90,
      priority: 2,
    },
    {
      id: 'ties',
      header: t('map.column.ties'),
      cell: (row) => <span className="truncate text-12 text-text-2">{ties(row)}</span>,
      widthPx: 200,
      grow: 3,
      priority: 3,
    },
    {
      id: 'open',
      header: '',
      spokenHeader: t('map.openCi'),
      cell: ({ node }) => (
        <Link
          to="/cis/$id"
          params={{ id: node.id }}
          aria-label={t('map.open', { name: node.name })}
          className="text-accent hover:underline"
        >
          {t('map.openCi')}
        </Link>
      ),
      widthPx: 80,
      priority: 5,
    },
  ];
  return (
    <DataTable
      label={t('map.list')}
      rows={rows}
      rowId={({ node }) => node.id}
      columns={columns}
      sort={sort}
      onSort={setSort}
      narrowRow={(row) => (
        <span className="grid min-w-0">
          <span className="flex min-w-0 items-center gap-2">
            {name(row)}
            {row.node.state !== null && <StatusBadge look={PRESENCE_LOOKS[row.node.state]} />}
          </span>
          <span className="truncate text-12 text-text-3">{`${classWord(row.node.class)} · ${ties(row)}`}</span>
        </span>
      )}
      empty={<EmptyState>{t('map.nothingFits')}</EmptyState>}
    />
  );
}
