/** What a failure of this item reaches, each with the way it takes. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ciIcon } from './ClassTree.tsx';
import { impactQuery } from './queries.ts';

export function ImpactTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const words = useWords();
  const impact = useQuery(impactQuery(ci.id));
  if (impact.data === undefined) {
    return (
      <Card flush={impact.error === null}>
        {impact.error ? (
          <ErrorPanel error={impact.error} retry={() => void impact.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </Card>
    );
  }
  const { items } = impact.data;
  if (items.length === 0) {
    return (
      <Card>
        <EmptyState>{t('cmdb.impactNone')}</EmptyState>
      </Card>
    );
  }
  return (
    <Card title={t('cmdb.impactTitle', { name: ci.name })} note={items.length} flush>
      <PlainTable
        label={t('cmdb.tab.impact')}
        head={[
          { id: 'name', label: t('cmdb.relation.other') },
          { id: 'class', label: t('cmdb.class') },
          { id: 'state', label: t('map.column.state') },
          { id: 'way', label: t('cmdb.impactWay'), className: 'max-tablet:hidden' },
        ]}
      >
        {items.map((item) => (
          <tr key={item.id}>
            <td>
              <Link
                to="/cis/$id"
                params={{ id: item.id }}
                className="inline-flex items-center gap-2 font-medium break-all hover:text-accent"
              >
                <Icon name={ciIcon(item.class)} className="text-text-3" />
                {item.name}
              </Link>
            </td>
            <td className="text-text-2">
              {isCiClass(item.class) ? words(CI_CLASSES[item.class].title) : item.class}
            </td>
            <td>
              {t(`map.impact.${item.state}`)}
              {item.redundancy.map(({ group, left, of, needed }) => (
                <span key={group} className="block text-12 text-text-2">
                  {t('map.left', { left, of, needed })}
                </span>
              ))}
            </td>
            <td className="text-12 text-text-3 max-tablet:hidden">{item.path.join(' → ')}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}
