/** The edges of a configuration item as a list: what it is tied to, how, since when and by whose word; added and ended here. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { CiDetail, Relation } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { AddRelationDialog } from '../../parts/AddRelationDialog.tsx';
import { isCiClass } from '../../parts/attributes.ts';
import { actorWord } from '../../parts/changes.ts';
import { useRelationActions } from '../../parts/relationActions.ts';
import { relationsQuery, tieTitle, tieWays } from '../../parts/relations.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { ciIcon } from './ClassTree.tsx';

export function RelationsTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const [withEnded, setWithEnded] = useState(false);
  const [adding, setAdding] = useState(false);
  const relations = useQuery({ ...relationsQuery(ci.id, withEnded), placeholderData: (held) => held });
  const items = relations.data?.items;
  const held = items?.filter(({ endedAt }) => endedAt === null).length;
  return (
    <Card
      title={t('cmdb.tab.relations')}
      note={held}
      action={
        <span className="no-print flex flex-wrap items-center gap-3">
          <CheckField
            label={t('cmdb.relation.withEnded')}
            checked={withEnded}
            onChange={(event) => setWithEnded(event.target.checked)}
          />
          <Button
            size="small"
            icon="plus"
            disabledReason={
              refusal ?? (tieWays(ci.class).length === 0 ? t('cmdb.relation.noWay') : undefined)
            }
            onClick={() => setAdding(true)}
          >
            {t('cmdb.relation.add')}
          </Button>
        </span>
      }
      flush
    >
      {items === undefined ? (
        relations.error ? (
          <div className="px-4">
            <ErrorPanel error={relations.error} retry={() => void relations.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={6} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t('cmdb.relationsNone', { name: ci.name })}</EmptyState>
      ) : (
        <Edges ci={ci} items={items} />
      )}
      {adding && <AddRelationDialog ci={ci} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function Edges({ ci, items }: { ci: CiDetail; items: readonly Relation[] }) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const refusal = useActionRefusal('cis.write');
  const { end, sentenceOf } = useRelationActions(ci.id);
  return (
    <PlainTable
      label={t('cmdb.tab.relations')}
      head={[
        { id: 'type', label: t('cmdb.relation.type') },
        { id: 'other', label: t('cmdb.relation.other') },
        { id: 'class', label: t('cmdb.class'), className: 'max-tablet:hidden' },
        { id: 'source', label: t('cmdb.source'), className: 'max-tablet:hidden' },
        { id: 'since', label: t('cmdb.relation.since'), align: 'right', className: 'max-tablet:hidden' },
        { id: 'end', label: t('cmdb.relation.endColumn'), align: 'right' },
      ]}
    >
      {items.map((edge) => {
        const other = otherEnd(edge, ci.id);
        const since = dateTimeText(millis(edge.since), language, false);
        return (
          <tr key={edge.id} className={cx(edge.endedAt !== null && 'text-text-3')}>
            <td className="text-text-2">
              {words(tieTitle(edge.type, edge.fromId === ci.id ? 'from' : 'to'))}
            </td>
            <td className="py-1">
              <Link
                to="/cis/$id"
                params={{ id: other.id }}
                className="inline-flex max-w-full items-center gap-2 font-medium break-all hover:text-accent"
              >
                <Icon name={ciIcon(other.class)} className="text-text-3" />
                {other.name}
              </Link>
              {edge.group != null && (
                <span className="block text-12 text-text-2">
                  {t('cmdb.relation.inGroup', { group: edge.group, count: edge.needed ?? 1 })}
                </span>
              )}
              <span className="block text-12 text-text-3 tablet:hidden">{sourceWord(edge, t)}</span>
              {edge.endedAt !== null && (
                <span className="block text-12 text-text-3 tablet:hidden">
                  {t('cmdb.relation.endedAt', { time: dateTimeText(millis(edge.endedAt), language, false) })}
                </span>
              )}
            </td>
            <td className="text-text-2 max-tablet:hidden">
              {isCiClass(other.class) ? words(CI_CLASSES[other.class].title) : other.class}
            </td>
            <td className="text-text-2 max-tablet:hidden">{sourceWord(edge, t)}</td>
            <td className="text-right whitespace-nowrap text-text-3 max-tablet:hidden">
              {since}
              {edge.endedAt !== null && (
                <span className="block text-12">
                  {t('cmdb.relation.endedAt', { time: dateTimeText(millis(edge.endedAt), language, false) })}
                </span>
              )}
            </td>
            <td className="text-right">
              {edge.endedAt === null && edge.inner !== true && (
                <IconButton
                  icon="close"
                  label={refusal ?? t('cmdb.relation.end', { sentence: sentenceOf(edge) })}
                  disabled={refusal !== undefined || end.isPending}
                  onClick={() => end.mutate(edge)}
                />
              )}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function otherEnd(edge: Relation, id: string): { id: string; name: string; class: string } {
  return edge.fromId === id
    ? { id: edge.toId, name: edge.toName, class: edge.toClass }
    : { id: edge.fromId, name: edge.fromName, class: edge.fromClass };
}

/** Who says so: a person by name, or the kind of report it was found in. */
function sourceWord({ source, actor }: Relation, t: Translate): string {
  if (source === 'human')
    return actor === undefined
      ? t('machines.source.human')
      : t('cmdb.relation.saidBy', { who: actorWord(actor, t) });
  if (source === 'import') return t('machines.source.import');
  if (source === 'agent' || source === 'third-party' || source === 'network-scan')
    return t('cmdb.relation.found', { source: t(`machines.source.${source}`) });
  return source;
}
