/** A new installation: what is up already, and the one line by which the next machine comes. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { agentsQuery, machinesQuery, topQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { TOP_ASKED } from './TopCard.tsx';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

export function FirstSteps() {
  const t = useT();
  const refusal = useRefusal('enrolment.write');
  const machines = useQuery(machinesQuery).data ?? [];
  const agents = useQuery(agentsQuery).data ?? [];
  const isOwn = ({ id }: CiSummary) =>
    agents.some(({ ciId, address }) => ciId === id && address !== null && LOOPBACK.test(address));
  const ownIsUp = machines.some((ci) => isOwn(ci) && ci.state === 'up');
  return (
    <Card
      title={t(machines.length > 1 ? 'overview.first.titleNext' : 'overview.first.title')}
      className="mt-4"
    >
      <div className="grid items-start gap-x-8 gap-y-5 desk:grid-cols-2">
        <div>
          <p className="max-w-[60ch] leading-prose text-text-2">
            {t(ownIsUp ? 'overview.first.text' : 'overview.first.textEmpty')}
          </p>
          <div className="mt-4">
            {refusal === undefined ? (
              <Link to="/machines/new" className={buttonClass('primary')}>
                <Icon name="plus" size={14} />
                {t('fleet.add.title')}
              </Link>
            ) : (
              <p className="text-12 text-text-3">{refusal}</p>
            )}
          </div>
        </div>
        {machines.length > 0 && (
          <ul className="grid gap-3">
            {machines.map((ci) => (
              <Present key={ci.id} ci={ci} own={isOwn(ci)} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

const VALUES = [
  ['overview.value.cpu', 'cpu.utilisation'],
  ['overview.value.memory', 'memory.utilisation'],
  ['overview.value.disk', 'filesystem.utilisation'],
] as const satisfies readonly (readonly [Key, MetricName])[];

function Present({ ci, own }: { ci: CiSummary; own: boolean }) {
  const t = useT();
  return (
    <li className="rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/machines/$id/live"
          params={{ id: ci.id }}
          className="flex min-w-0 items-center gap-2 text-14 font-semibold hover:text-accent"
        >
          <Icon name={classIcon(ci.class)} size={14} className="text-text-3" />
          <span className="truncate">{ci.name}</span>
        </Link>
        <StatusBadge look={PRESENCE_LOOKS[ci.state]} />
        {own && <span className="text-12 text-text-3">{t('overview.first.own')}</span>}
        <Link
          to="/machines/$id/live"
          params={{ id: ci.id }}
          aria-label={t('overview.first.watchNamed', { name: ci.name })}
          className="ml-auto text-12 text-accent hover:underline"
        >
          {t('overview.first.watch')}
        </Link>
      </div>
      <dl className="mt-2.5 grid grid-cols-3 gap-4">
        {VALUES.map(([word, metric]) => (
          <Value key={metric} ci={ci} word={word} metric={metric} />
        ))}
      </dl>
    </li>
  );
}

/** Of an absent machine only the disk is still worth telling, in grey. */
function Value({ ci, word, metric }: { ci: CiSummary; word: Key; metric: MetricName }) {
  const t = useT();
  const top = useQuery(topQuery(metric, TOP_ASKED)).data;
  const absent = ci.state !== 'up';
  // Highest first, so the first of the machine is its fullest file system.
  const latest = top?.items.find((item) => item.ciId === ci.id)?.value ?? null;
  const value = absent && metric !== 'filesystem.utilisation' ? null : latest;
  return (
    <div>
      <dt className="text-12 text-text-3">{t(word)}</dt>
      <dd className="mt-0.5">
        <Quantity value={value} unit="%" className={absent ? 'text-text-3' : 'font-semibold'} />
        <Meter percent={value} stale={absent} className="mt-1" />
      </dd>
    </div>
  );
}
