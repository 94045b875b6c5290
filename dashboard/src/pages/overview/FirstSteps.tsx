/** A new installation: what is done, the next step, and the way to it, until three machines are in. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import {
  agentsQuery,
  machinesQuery,
  overviewQuery,
  rulesQuery,
  topQuery,
  usersQuery,
} from '../../api/queries.ts';
import { setPreference, usePreference } from '../../app/preferences.ts';
import { useMay } from '../../app/session.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { channelsQuery } from './queries.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { type Step, stepsOf } from './steps.ts';
import { TOP_ASKED } from './TopCard.tsx';

/** With so many machines an installation is new no more. */
const MACHINES_WANTED = 3;

/** `left`: somebody put the guide away before its end; it can be taken up again. */
export function useFirstSteps(): 'shown' | 'left' | 'over' {
  const left = usePreference('firstSteps') === 'left';
  const total = useQuery(overviewQuery).data?.fleet.total;
  if (total === undefined || total >= MACHINES_WANTED) return 'over';
  return left ? 'left' : 'shown';
}

export function FirstStepsLink() {
  const t = useT();
  return (
    <p className="text-12 text-text-2">
      <button
        type="button"
        onClick={() => setPreference('firstSteps', 'shown')}
        className="text-accent hover:underline coarse:min-h-11"
      >
        {t('overview.first.takeUp')}
      </button>
    </p>
  );
}

export function FirstSteps() {
  const t = useT();
  const steps = useSteps();
  const done = steps?.filter((step) => step.done).length ?? 0;
  const next = steps?.find((step) => !step.done)?.id;
  return (
    <Card
      title={t('overview.first.title')}
      note={steps && t('overview.first.progress', { done, count: steps.length })}
      action={
        <Button look="quiet" size="small" onClick={() => setPreference('firstSteps', 'left')}>
          {t('overview.first.leave')}
        </Button>
      }
      className="mt-4"
    >
      {steps ? <Meter percent={(100 * done) / steps.length} /> : <Skeleton className="h-2" />}
      <div className="mt-4 grid items-start gap-x-8 gap-y-5 desk:grid-cols-2">
        <ol className="grid gap-1">
          {steps === null ? (
            <li>
              <Skeleton className="h-48" />
            </li>
          ) : (
            steps.map((step) => <StepRow key={step.id} step={step} next={step.id === next} />)
          )}
        </ol>
        <Machines />
      </div>
    </Card>
  );
}

/** What is done is read from what the server has, so that a step done elsewhere is ticked here. */
function useSteps(): Step[] | null {
  const machines = useQuery(overviewQuery).data?.fleet.total ?? 0;
  const mayRules = useMay('rules.write');
  const mayChannels = useMay('channels.write');
  const mayUsers = useMay('users.write');
  const mayEnrol = useMay('enrolment.write');
  const rules = useQuery(rulesQuery);
  const channels = useQuery({ ...channelsQuery, enabled: mayChannels });
  const users = useQuery(usersQuery);
  // What is not read yet is not nought.
  if (rules.isPending || users.isPending || (mayChannels && channels.isPending)) return null;
  return stepsOf({
    machines,
    machinesWanted: MACHINES_WANTED,
    rulesOn: rules.data?.filter(({ enabled }) => enabled).length ?? 0,
    channelsOn: channels.data?.filter(({ enabled }) => enabled).length ?? 0,
    users: users.data?.filter(({ disabled }) => !disabled).length ?? 0,
    may: { machines: mayEnrol, rules: mayRules, channels: mayChannels, users: mayUsers },
  });
}

const ACTIONS = {
  server: null,
  machines: { to: '/machines/new', word: 'shell.addMachine' },
  rules: { to: '/rules', word: 'overview.first.seeRules' },
  channels: { to: '/settings/notify', word: 'overview.first.addChannel' },
  users: { to: '/settings/users', word: 'overview.first.addUser' },
} as const satisfies Record<Step['id'], { to: string; word: Key } | null>;

function StepRow({ step, next }: { step: Step; next: boolean }) {
  const t = useT();
  const action = ACTIONS[step.id];
  return (
    <li
      aria-current={next ? 'step' : undefined}
      className={cx(
        'grid grid-cols-[auto_minmax(0,1fr)] gap-x-2.5 rounded-md px-2.5 py-2',
        next && 'bg-selected',
      )}
    >
      <span className={cx('pt-1', step.done ? 'text-up-solid' : 'text-text-3')}>
        <Glyph name={step.done ? 'tick' : 'ring'} />
        <span className="sr-only">{t(step.done ? 'overview.first.done' : 'overview.first.toDo')}</span>
      </span>
      <div className="min-w-0">
        <p className={cx('font-medium', step.done && 'text-text-2')}>
          {t(`overview.first.step.${step.id}`, { count: step.count })}
        </p>
        {next && <p className="mt-0.5 leading-prose text-text-2">{t(`overview.first.why.${step.id}`)}</p>}
        {action !== null && !step.done && (
          <p className="mt-2">
            <Link
              to={action.to}
              className={next ? buttonClass('primary') : 'text-12 text-accent hover:underline'}
            >
              {next && step.id === 'machines' && <Icon name="plus" size={14} />}
              {t(action.word)}
            </Link>
          </p>
        )}
      </div>
    </li>
  );
}

function Machines() {
  const t = useT();
  const machines = useQuery(machinesQuery).data ?? [];
  const agents = useQuery(agentsQuery).data ?? [];
  const isOwn = ({ id }: CiSummary) => agents.some(({ ciId, own }) => own && ciId === id);
  if (machines.length === 0) return <p className="text-text-2">{t('overview.first.noneYet')}</p>;
  return (
    <ul className="grid gap-3">
      {machines.map((ci) => (
        <Present key={ci.id} ci={ci} own={isOwn(ci)} />
      ))}
    </ul>
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
