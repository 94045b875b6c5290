/** What a failure of this item reaches: services and machines with what is left behind them, its own parts, each with the way it takes. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CiDetail, ImpactItem } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES, isMachineClass, isPartClass } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ciIcon } from './ClassTree.tsx';
import { impactQuery } from './queries.ts';

/** The worst first. */
const STATES = ['lost', 'degraded', 'affected'] as const;

export function ImpactTab({ ci }: { ci: CiDetail }) {
  const t = useT();
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
  const parts = impact.data.items.filter((item) => isPartClass(item.class));
  const others = impact.data.items.filter((item) => !isPartClass(item.class)).toSorted(worstFirst);
  const fails = isMachineClass(ci.class) || isPartClass(ci.class) || isService(ci.class);
  return (
    <div className="grid gap-4">
      <Card title={t('cmdb.impactTitle', { name: ci.name })} note={others.length} flush>
        {others.length === 0 ? (
          <EmptyState>
            {t(
              !fails
                ? 'cmdb.impact.dependsNothing'
                : parts.length > 0
                  ? 'cmdb.impact.onlyParts'
                  : 'cmdb.impact.nothing',
              { name: ci.name },
            )}
          </EmptyState>
        ) : (
          <>
            <Sentence items={others} />
            <Items items={others} label={t('cmdb.tab.impact')} />
          </>
        )}
      </Card>
      {parts.length > 0 && (
        <Card title={t('cmdb.impact.parts')} note={parts.length} flush>
          <Items items={parts} label={t('cmdb.impact.parts')} />
        </Card>
      )}
    </div>
  );
}

function isService(ciClass: string): boolean {
  return ciClass === 'Service' || ciClass === 'BusinessApplication';
}

/** By state, services before the rest, then by how many use it. */
function worstFirst(a: ImpactItem, b: ImpactItem): number {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    Number(isService(b.class)) - Number(isService(a.class)) ||
    (b.users ?? 0) - (a.users ?? 0)
  );
}

function Sentence({ items }: { items: readonly ImpactItem[] }) {
  const t = useT();
  const services = items.filter((item) => isService(item.class));
  const of = (state: ImpactItem['state']) => services.filter((item) => item.state === state);
  if (services.length === 0) return <p className="px-4 pb-3 text-text-2">{t('cmdb.impact.noService')}</p>;
  const users = of('lost').reduce((sum, item) => sum + (item.users ?? 0), 0);
  const said = [
    ...(of('lost').length > 0 ? [t('cmdb.impact.servicesLost', { count: of('lost').length })] : []),
    ...(users > 0 ? [t('cmdb.impact.users', { count: users })] : []),
    ...(of('degraded').length > 0
      ? [t('cmdb.impact.servicesDegraded', { count: of('degraded').length })]
      : []),
  ];
  return <p className="px-4 pb-3 leading-prose">{said.join(t('cmdb.impact.then'))}</p>;
}

function Items({ items, label }: { items: readonly ImpactItem[]; label: string }) {
  const t = useT();
  const words = useWords();
  const withUsers = items.some(({ users }) => users !== null);
  return (
    <PlainTable
      label={label}
      head={[
        { id: 'name', label: t('cmdb.relation.other') },
        { id: 'class', label: t('cmdb.class'), className: 'max-tablet:hidden' },
        { id: 'state', label: t('map.column.state') },
        ...(withUsers ? [{ id: 'users', label: t('cmdb.impact.usersColumn'), align: 'right' as const }] : []),
        { id: 'way', label: t('cmdb.impactWay'), className: 'max-tablet:hidden' },
      ]}
    >
      {items.map((item) => (
        <tr key={item.id}>
          <td className="py-1">
            <Link
              to="/cis/$id"
              params={{ id: item.id }}
              className="inline-flex items-center gap-2 font-medium break-all hover:text-accent"
            >
              <Icon name={ciIcon(item.class)} className="text-text-3" />
              {item.name}
            </Link>
            <span className="block text-12 break-words text-text-3 tablet:hidden">
              {item.path.join(' → ')}
            </span>
          </td>
          <td className="text-text-2 max-tablet:hidden">
            {isCiClass(item.class) ? words(CI_CLASSES[item.class].title) : item.class}
          </td>
          <td className="py-1">
            <span className={cx(item.state === 'lost' && 'font-medium text-crit-fg')}>
              {t(`map.impact.${item.state}`)}
            </span>
            {item.redundancy.map(({ group, left, of, needed }) => (
              <span key={group} className="block text-12 text-text-2">
                {group} {t('map.left', { left, of, needed })}
              </span>
            ))}
          </td>
          {withUsers && (
            <td className="text-right tabular-nums">
              {item.users === null ? '' : t('cmdb.impact.count', { count: item.users })}
            </td>
          )}
          <td className="text-12 text-text-3 max-tablet:hidden">{item.path.join(' → ')}</td>
        </tr>
      ))}
    </PlainTable>
  );
}
