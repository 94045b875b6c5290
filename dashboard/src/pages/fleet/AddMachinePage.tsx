/** Add a machine: where it belongs, one line to paste, and the machine arriving. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type Agent, ENROLMENT_USES_MAX } from '@muster/shared/api/fleet.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { type CallOutput, call } from '../../api/client.ts';
import { ciQuery, latestQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { nowMs, useNow } from '../../util/clock.ts';
import { quantityText } from '../../util/quantity.ts';
import { dateTimeText, millis, wholeSpanText } from '../../util/time.ts';
import { useAgentRefusal, useApproveAgent } from './agentActions.ts';
import { commandByHand, loopbackIn, loopbackOf } from './commands.ts';
import { arrivalsQuery, installPlatformsQuery } from './queries.ts';
import { PLATFORMS, type Platform } from './search.ts';

type Token = CallOutput<typeof ENDPOINTS.createEnrolmentToken>;

/** Without a machine after so long, the likely reasons are named. */
const PATIENCE_MS = 60 * SECOND_MS;
const POLL_MS = 2 * SECOND_MS;
/** A token's name may have 64 characters, and the time stands behind. */
const PLACE_NAME_LENGTH_MAX = 36;
const EXPIRY_HOURS = ['1', '24', '168', '720', ''] as const;

export function AddMachinePage() {
  const t = useT();
  usePageTitle(t('shell.addMachine'));
  const { platform = 'linux' } = useSearch({ from: `/app${'/machines/new'}` });
  const navigate = useNavigate({ from: '/machines/new' });
  const refusal = useRefusal('enrolment.write');
  const [made, setMade] = useState<Token | null>(null);
  const platforms = useQuery({ ...installPlatformsQuery, enabled: refusal === undefined }).data;
  if (refusal !== undefined) {
    return (
      <div className="card">
        <EmptyState>{refusal}</EmptyState>
      </div>
    );
  }
  // Where its files are missing, Linux has a line for who has a copy of Muster there.
  const isServed = platform === 'linux' || platforms === undefined || platforms[platform];
  return (
    <div className="max-w-[860px]">
      <h1>{t('shell.addMachine')}</h1>
      <p className="mt-1 max-w-[70ch] leading-prose text-text-2">{t('fleet.add.intro')}</p>
      <ol className="mt-4 grid gap-4">
        <Step number={1} title={t('fleet.add.platform')}>
          <Segmented
            label={t('fleet.add.platform')}
            value={platform}
            options={PLATFORMS.map((value) => ({ value, label: t(`fleet.add.platforms.${value}`) }))}
            onChange={(value) => {
              void navigate({ search: value === 'linux' ? {} : { platform: value }, replace: true });
            }}
          />
          <p className="mt-2 max-w-[75ch] text-12 leading-prose text-text-3">
            {t(`fleet.add.notes.${platform}`)}
          </p>
          {!isServed && <NotServed />}
        </Step>
        <Step number={2} title={t('fleet.add.place')}>
          <PlaceForm
            made={made !== null}
            unserved={!isServed}
            onMade={setMade}
            onAgain={() => setMade(null)}
          />
        </Step>
        <Step number={3} title={t('fleet.add.command')} waiting={made === null}>
          {made ? (
            <Command token={made} platform={platform} />
          ) : (
            <p className="text-text-3">{t('fleet.add.commandWaits')}</p>
          )}
        </Step>
        <Step number={4} title={t('fleet.add.arrival')} waiting={made === null}>
          {made ? (
            <Arrival key={made.id} since={made.createdAt} platform={platform} />
          ) : (
            <p className="text-text-3">{t('fleet.add.arrivalWaits')}</p>
          )}
        </Step>
      </ol>
    </div>
  );
}

function Step({
  number,
  title,
  waiting = false,
  children,
}: {
  number: number;
  title: string;
  waiting?: boolean;
  children: React.ReactNode;
}) {
  return (
    <li className="card grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 p-4">
      <span
        aria-hidden="true"
        className={cx(
          'grid size-6 place-items-center rounded-full text-12 font-semibold',
          waiting ? 'bg-sunken text-text-3' : 'bg-accent-weak text-accent',
        )}
      >
        {number}
      </span>
      <div className="min-w-0">
        <h2 className={cx('mb-3 text-14 leading-6 font-semibold', waiting && 'text-text-3')}>{title}</h2>
        {children}
      </div>
    </li>
  );
}

function NotServed() {
  const t = useT();
  return (
    <p className="mt-3 flex max-w-[75ch] items-baseline gap-2 rounded-md bg-warn-weak px-3 py-2 leading-prose text-warn-fg">
      <Glyph name="triangle" className="flex-none" />
      <span>
        {t('fleet.add.notServedHere')}{' '}
        <Link to="/agents/upgrades" className="font-medium underline">
          {t('fleet.add.toReleases')}
        </Link>
      </span>
    </p>
  );
}

function PlaceForm({
  made,
  unserved,
  onMade,
  onAgain,
}: {
  made: boolean;
  /** There is no line for the chosen platform. */
  unserved: boolean;
  onMade: (token: Token) => void;
  onAgain: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const [machineClass, setMachineClass] = useState<'' | 'Server' | 'Workstation'>('');
  const [site, setSite] = useState('');
  const [tags, setTags] = useState('');
  const [uses, setUses] = useState('1');
  const [expiry, setExpiry] = useState<(typeof EXPIRY_HOURS)[number]>('24');
  const [approval, setApproval] = useState(false);
  const refusal = useActionRefusal('enrolment.write');
  const opened = loopbackOf(window.location.origin);
  const create = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.createEnrolmentToken, {
        body: {
          name: t('fleet.add.tokenNamed', {
            place: placeName([machineClass, site, tags]) || t('fleet.add.tokenPlaceless'),
            time: dateTimeText(nowMs(), language),
          }),
          usesMax: Number(uses),
          expiresInHours: expiry === '' ? null : Number(expiry),
          approval,
          site: site.trim() === '' ? null : site.trim(),
          class: machineClass === '' ? null : machineClass,
          tags: splitTags(tags),
        },
      }),
    onSuccess: onMade,
  });
  const usesValid = /^\d+$/.test(uses) && Number(uses) >= 1 && Number(uses) <= ENROLMENT_USES_MAX;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (usesValid) create.mutate();
      }}
    >
      <fieldset disabled={made} className="grid gap-3 disabled:opacity-60 tablet:grid-cols-2">
        <SelectField
          label={t('machines.class')}
          value={machineClass}
          help={t('fleet.add.classHelp')}
          options={[
            { value: '', label: t('fleet.add.classAuto') },
            { value: 'Server', label: t('fleet.add.class.Server') },
            { value: 'Workstation', label: t('fleet.add.class.Workstation') },
          ]}
          onChange={setMachineClass}
        />
        <TextField
          label={t('machines.site')}
          value={site}
          maxLength={64}
          help={t('fleet.add.siteHelp')}
          onChange={(event) => setSite(event.target.value)}
        />
        <TextField
          label={t('fleet.add.tags')}
          value={tags}
          maxLength={512}
          help={t('fleet.add.tagsHelp')}
          onChange={(event) => setTags(event.target.value)}
        />
        <TextField
          label={t('fleet.add.uses')}
          value={uses}
          inputMode="numeric"
          error={usesValid ? undefined : t('fleet.add.usesRange', { max: ENROLMENT_USES_MAX })}
          onChange={(event) => setUses(event.target.value)}
        />
        <SelectField
          label={t('fleet.add.expiry')}
          value={expiry}
          options={EXPIRY_HOURS.map((value) => ({
            value,
            label: t(`fleet.add.expires.${value === '' ? 'never' : value}`),
          }))}
          onChange={setExpiry}
        />
        <div className="self-end tablet:pb-1.5">
          <CheckField
            label={t('fleet.add.approval')}
            help={t('fleet.add.approvalHelp')}
            checked={approval}
            onChange={(event) => setApproval(event.target.checked)}
          />
        </div>
      </fieldset>
      {create.error && <ErrorPanel error={create.error} />}
      {!made && opened !== null && (
        <LoopbackWarning words={t('fleet.add.loopbackBefore', { host: opened })} />
      )}
      <div className="mt-4">
        {made ? (
          <Button onClick={onAgain}>{t('fleet.add.again')}</Button>
        ) : (
          <Button
            type="submit"
            look="primary"
            disabled={create.isPending || !usesValid}
            disabledReason={refusal ?? (unserved ? t('fleet.add.notServedShort') : undefined)}
          >
            {t('fleet.add.make')}
          </Button>
        )}
      </div>
    </form>
  );
}

function LoopbackWarning({ words }: { words: string }) {
  return (
    <p className="mt-2 flex max-w-[75ch] items-start gap-1.5 text-12 leading-prose font-medium text-warn-fg">
      <span className="grid h-5 place-items-center">
        <Glyph name="triangle" />
      </span>
      {words}
    </p>
  );
}

function splitTags(text: string): string[] {
  return text.split(/[,，;；\s]+/u).filter(Boolean);
}

/** The token is called after where its machines belong and when it was made, so that it is found again among others. */
function placeName(parts: readonly string[]): string {
  return parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' ')
    .slice(0, PLACE_NAME_LENGTH_MAX)
    .trim();
}

function Command({ token, platform }: { token: Token; platform: Platform }) {
  const t = useT();
  const language = useLanguage();
  const expiresMs = millis(token.expiresAt);
  const served = token.install[platform];
  if (served === null && platform !== 'linux')
    return (
      <>
        <p className="max-w-[75ch] leading-prose text-text-2">{t('fleet.add.notServedShort')}</p>
        <Packages install={token.install} platform={platform} />
      </>
    );
  const line = served ?? commandByHand(window.location.origin, token.serverKey, token.token);
  const loopback = loopbackIn(line);
  const label = t('fleet.add.command');
  const explained: readonly Key[] =
    served === null
      ? ['fleet.add.doesByHand', 'fleet.add.sends']
      : [
          `fleet.add.does.${platform}`,
          `fleet.add.needs.${platform}`,
          'fleet.add.sends',
          `fleet.add.removes.${platform}`,
        ];
  return (
    <>
      <p className="mb-2 max-w-[75ch] leading-prose text-text-2">
        {t(served === null ? 'fleet.add.notServed' : `fleet.add.paste.${platform}`)}
      </p>
      <CodeLine code={line} label={label} />
      {loopback !== null && <LoopbackWarning words={t('fleet.add.loopback', { host: loopback })} />}
      <p className="mt-2 flex items-center gap-1.5 text-12 text-warn-fg">
        <Glyph name="triangle" />
        {expiresMs === null
          ? t('fleet.add.onceNoExpiry', { count: token.usesMax })
          : t('fleet.add.once', { count: token.usesMax, time: dateTimeText(expiresMs, language, false) })}
      </p>
      <ul className="mt-3 grid list-disc gap-1 pl-4 text-12 leading-prose text-text-2">
        {explained.map((word) => (
          <li key={word}>{t(word)}</li>
        ))}
      </ul>
      <Packages install={token.install} platform={platform} />
    </>
  );
}

/** As releases name platforms. */
const RELEASE_PLATFORMS: Readonly<Record<Platform, string>> = {
  linux: 'linux-',
  windows: 'win-',
  macos: 'darwin-',
};

function Packages({ install, platform }: { install: Token['install']; platform: Platform }) {
  const t = useT();
  const language = useLanguage();
  const packages = install.packages.filter((one) => one.platform.startsWith(RELEASE_PLATFORMS[platform]));
  if (packages.length === 0 || install.configure === null) return null;
  return (
    <section className="mt-4 border-t border-line pt-3">
      <p className="leading-prose text-text-2">{t('fleet.add.packages')}</p>
      <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
        {packages.map(({ name, bytes, url }) => (
          <li key={name}>
            <a href={url} download={name} className="text-accent hover:underline">
              {name}
            </a>{' '}
            <span className="text-12 text-text-3">{quantityText(bytes, 'B', language)}</span>
          </li>
        ))}
      </ul>
      {platform === 'windows' ? (
        <p className="mt-2 text-12 text-text-3">{t('fleet.add.packagesWindows')}</p>
      ) : (
        <>
          <p className="mt-3 mb-2 text-12 text-text-2">{t('fleet.add.packagesWait')}</p>
          <CodeLine code={install.configure} label={t('fleet.add.packagesWait')} />
        </>
      )}
    </section>
  );
}

/** Machines that connect after the token was made, each with its steps. */
function Arrival({ since, platform }: { since: string; platform: (typeof PLATFORMS)[number] }) {
  const t = useT();
  const now = useNow();
  const agents = useQuery(arrivalsQuery(since));
  const arrived = agents.data ?? [];
  const waitedMs = Math.max(0, now - millis(since));
  return (
    <>
      {arrived.length === 0 ? (
        <p role="status" className="flex items-center gap-2 text-text-2">
          <span aria-hidden="true" className="size-2.5 rounded-full border-[1.5px] border-idle-solid" />
          {t('fleet.add.waiting', { span: wholeSpanText(waitedMs, t) })}
        </p>
      ) : (
        <ul className="grid gap-3">
          {arrived.map((agent) => (
            <Arrived key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
      {agents.error && <ErrorPanel error={agents.error} retry={() => void agents.refetch()} />}
      {arrived.length === 0 && waitedMs > PATIENCE_MS && <Reasons platform={platform} />}
    </>
  );
}

function Arrived({ agent }: { agent: Agent }) {
  const t = useT();
  const language = useLanguage();
  const ciId = agent.ciId ?? '';
  const ci = useQuery({ ...ciQuery(ciId), enabled: agent.ciId !== null, refetchInterval: POLL_MS }).data;
  const latest = useQuery({
    ...latestQuery(ciId),
    enabled: agent.ciId !== null,
    refetchInterval: POLL_MS,
  }).data;
  const steps: readonly (readonly [Key, boolean])[] = [
    ['fleet.step.connected', agent.connectedSince !== null || agent.lastSeenAt !== null],
    ['fleet.step.accepted', agent.state === 'active'],
    ['fleet.step.samples', (latest?.length ?? 0) > 0],
    [
      'fleet.step.inventory',
      ci?.details.some(({ name }) => name === 'osName' || name === 'cpuModel') ?? false,
    ],
  ];
  const done = steps.every(([, reached]) => reached);
  return (
    <li className="rounded-md border border-line p-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-semibold">{ci?.name ?? agent.hostname}</span>
        <span className="text-12 text-text-3">
          {t('fleet.add.enrolledAt', { time: dateTimeText(millis(agent.enrolledAt), language) })}
        </span>
        {agent.state === 'pending' && <LetIn agent={agent} />}
        {agent.ciId !== null && (
          <Link
            to="/machines/$id/live"
            params={{ id: agent.ciId }}
            className={cx(buttonClass(done ? 'primary' : 'plain', 'small'), 'ml-auto')}
          >
            {t('fleet.add.watch')}
          </Link>
        )}
      </p>
      <ol aria-live="polite" className="mt-2 flex flex-wrap gap-x-5 gap-y-1">
        {steps.map(([word, reached]) => (
          <li key={word} className={cx('flex items-center gap-1.5', reached ? 'text-up-fg' : 'text-text-3')}>
            <Glyph name={reached ? 'tick' : 'ring'} />
            {t(word)}
            <span className="sr-only">{t(reached ? 'fleet.step.done' : 'fleet.step.open')}</span>
          </li>
        ))}
      </ol>
    </li>
  );
}

/** Nothing of a waiting machine is stored, so its further steps wait too. */
function LetIn({ agent }: { agent: Agent }) {
  const t = useT();
  const refusal = useAgentRefusal();
  const approve = useApproveAgent();
  return (
    <Button
      look="primary"
      size="small"
      className="ml-auto"
      disabled={approve.isPending}
      disabledReason={refusal}
      onClick={() => approve.mutate(agent.id)}
    >
      {t('fleet.approve')}
    </Button>
  );
}

const REASONS: readonly Key[] = [
  'fleet.reason.notRun',
  'fleet.reason.network',
  'fleet.reason.proxy',
  'fleet.reason.token',
  'fleet.reason.service',
];

function Reasons({ platform }: { platform: (typeof PLATFORMS)[number] }) {
  const t = useT();
  return (
    <div className="mt-3 rounded-md bg-warn-weak px-3 py-2.5">
      <p className="font-medium text-warn-fg">{t('fleet.reason.title')}</p>
      <ol className="mt-1 grid list-decimal gap-1 pl-5 leading-prose">
        {REASONS.map((word) => (
          <li key={word}>{t(word)}</li>
        ))}
      </ol>
      <div className="mt-2">
        <p className="mb-1 text-12 text-text-2">{t('fleet.reason.look')}</p>
        <CodeLine
          code={
            platform === 'windows'
              ? '& "$env:ProgramFiles\\Muster Agent\\muster-agent.cmd" status'
              : 'sudo muster-agent doctor'
          }
          label={t('fleet.reason.look')}
        />
      </div>
    </div>
  );
}
