/** The edges of a configuration item as a list: what it is tied to, how, since when and by whose word. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { CiDetail, Relation } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { ciIcon } from './ClassTree.tsx';
import { relationsQuery } from './queries.ts';

type Edge = z.infer<typeof Relation>;

/** Words for an edge as read from either end. */
const TYPES: Readonly<Record<string, readonly [Key, Key]>> = {
  composes: ['cmdb.relation.composes', 'cmdb.relation.composedBy'],
  dependsOn: ['cmdb.relation.dependsOn', 'cmdb.relation.carries'],
};

export function RelationsTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const relations = useQuery(relationsQuery(ci.id));
  if (relations.data === undefined) {
    return (
      <Card flush={relations.error === null}>
        {relations.error ? (
          <ErrorPanel error={relations.error} retry={() => void relations.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </Card>
    );
  }
  const { items } = relations.data;
  if (items.length === 0) {
    return (
      <Card>
        <EmptyState>{t('cmdb.relationsNone')}</EmptyState>
      </Card>
    );
  }
  return (
    <Card title={t('cmdb.tab.relations')} note={items.length} flush>
      <PlainTable
        label={t('cmdb.tab.relations')}
        head={[
          { id: 'type', label: t('cmdb.relation.type') },
          { id: 'other', label: t('cmdb.relation.other') },
          { id: 'class', label: t('cmdb.class'), className: 'max-tablet:hidden' },
          { id: 'source', label: t('cmdb.source'), className: 'max-tablet:hidden' },
          { id: 'since', label: t('cmdb.relation.since'), align: 'right', className: 'max-tablet:hidden' },
        ]}
      >
        {items.map((edge) => {
          const other = otherEnd(edge, ci.id);
          return (
            <tr key={edge.id}>
              <td className="whitespace-nowrap text-text-2">{typeWord(edge, ci.id, t, words)}</td>
              <td>
                <Link
                  to="/cis/$id"
                  params={{ id: other.id }}
                  className="inline-flex max-w-full items-center gap-2 font-medium break-all hover:text-accent"
                >
                  <Icon name={ciIcon(other.class)} className="text-text-3" />
                  {other.name}
                </Link>
              </td>
              <td className="text-text-2 max-tablet:hidden">
                {isCiClass(other.class) ? words(CI_CLASSES[other.class].title) : other.class}
              </td>
              <td className="text-text-2 max-tablet:hidden">{sourceWord(edge.source, t)}</td>
              <td className="text-right whitespace-nowrap text-text-3 max-tablet:hidden">
                {dateTimeText(millis(edge.since), language, false)}
              </td>
            </tr>
          );
        })}
      </PlainTable>
    </Card>
  );
}

function otherEnd(edge: Edge, id: string): { id: string; name: string; class: string } {
  return edge.fromId === id
    ? { id: edge.toId, name: edge.toName, class: edge.toClass }
    : { id: edge.fromId, name: edge.fromName, class: edge.fromClass };
}

function typeWord(
  edge: Edge,
  id: string,
  t: ReturnType<typeof useT>,
  said: ReturnType<typeof useWords>,
): string {
  const words = TYPES[edge.type];
  if (words) return t(words[edge.fromId === id ? 0 : 1]);
  if (!Object.hasOwn(RELATION_TYPES, edge.type)) return edge.type;
  const { title, inverse } = RELATION_TYPES[edge.type as RelationTypeName];
  return said(edge.fromId === id ? title : inverse);
}

function sourceWord(source: string, t: ReturnType<typeof useT>): string {
  return source === 'agent' || source === 'human' || source === 'import'
    ? t(`machines.source.${source}`)
    : source;
}
