/** Faults by which machines fall silent, and what only looks like them. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { hours, minutes } from './effect.ts';
import type { Act, Expected, Fault, Planted, Recorded } from './fault.ts';
import { deadService } from './faults-load.ts';
import { type Ground, onGrid, placesOf } from './ground.ts';
import type { Machine, Site } from './office.ts';

interface Outage {
  readonly kind: string;
  readonly cause: Machine;
  readonly what?: string;
  readonly must?: Expected;
  /** Machines whose incidents belong to it. */
  readonly lost: readonly number[];
  readonly site?: Site;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly detectableMs?: Millis;
  readonly acts: readonly Act[];
  readonly recorded?: Fault['recorded'];
  /** How long all is looked at closely once it is over. */
  readonly afterMs?: Millis;
}

/** What an outage may be told as: silence, or one of these findings. */
const FAMILIES = ['silent', 'not-seen', 'cloned-identity'];
/** Looked at closely from a while before until this long after it began. */
const CLOSE_MS = 25 * MINUTE_MS;
const BEFORE_MS = 6 * MINUTE_MS;
/** So long a new connection may take. */
const RECONNECT_MS = MINUTE_MS;

function outageOf(ground: Ground, outage: Outage): Planted {
  const { cause, lost, fromMs, toMs } = outage;
  const afterMs = outage.afterMs ?? 12 * MINUTE_MS;
  const near = { fromMs: fromMs - BEFORE_MS, toMs: Math.min(toMs + afterMs, fromMs + CLOSE_MS) };
  const far = { fromMs: toMs - BEFORE_MS, toMs: toMs + afterMs };
  return {
    fault: {
      kind: outage.kind,
      must: outage.must ?? 'incident',
      subject: outage.what ?? cause.name,
      causeIds: new Set([cause.id, ...(outage.site ? placesOf(outage.site) : [])]),
      hits: ground.idsOf(lost, outage.site ?? null),
      families: FAMILIES,
      fromMs,
      detectableMs: outage.detectableMs ?? fromMs,
      toMs,
      ...(outage.recorded ? { recorded: outage.recorded } : {}),
    },
    effects: [],
    acts: outage.acts,
    fine: [near, far].map((span) => ({ machines: [...lost], ...span })),
  };
}

function act(atMs: Millis, doIt: Act['do']): Act {
  return { atMs, do: doIt };
}

export function agentKilled(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const toMs = minutes(ground.random.between(30, 120));
  const fromMs = ground.take([index], toMs);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'agent-killed',
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: fromMs + toMs,
    acts: [
      act(fromMs, (hands) => hands.killAgent(index)),
      act(fromMs + toMs, (hands) => hands.startAgent(index)),
    ],
  });
}

/** A host with all that runs on it, or a server of its own. */
export function hostPowersOff(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers((one) => one.class === 'Server'));
  const lost = [index, ...ground.guestsOf(index)];
  const lengthMs = minutes(ground.random.between(20, 120));
  const fromMs = ground.take(lost, lengthMs);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'host-power-off',
    cause: ground.machine(index),
    lost,
    fromMs,
    toMs: fromMs + lengthMs,
    acts: [
      act(fromMs, (hands) => hands.powerOff(index)),
      act(fromMs + lengthMs, (hands) => hands.powerOn(index)),
    ],
  });
}

/** Up for some minutes, gone without a word, up again. */
export function hostCrashLoops(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers((one) => one.role !== 'host'));
  const times = ground.random.whole(5, 8);
  const lengthMs = times * 9 * MINUTE_MS;
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const acts: Act[] = [];
  let atMs = fromMs;
  for (let i = 0; i < times; i++) {
    acts.push(act(atMs, (hands) => hands.powerOff(index)));
    atMs = onGrid(atMs + minutes(ground.random.between(2, 4)));
    acts.push(act(atMs, (hands) => hands.powerOn(index)));
    atMs = onGrid(atMs + minutes(ground.random.between(3, 5)));
  }
  const planted = outageOf(ground, {
    kind: 'crash-loop',
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: atMs,
    acts,
    afterMs: 25 * MINUTE_MS,
  });
  return {
    ...planted,
    fine: [{ machines: [index], fromMs: fromMs - BEFORE_MS, toMs: atMs + 25 * MINUTE_MS }],
  };
}

export function hostHangs(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const lengthMs = minutes(ground.random.between(30, 90));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'hang',
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: fromMs + lengthMs,
    acts: [act(fromMs, (hands) => hands.hang(index)), act(fromMs + lengthMs, (hands) => hands.unhang(index))],
  });
}

export function switchDies(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.switches());
  const lost = ground.behind(index);
  const lengthMs = minutes(ground.random.between(30, 120));
  const fromMs = ground.take(lost, lengthMs, ground.inHours(7, 20));
  if (fromMs === null) return null;
  const cause = ground.machine(index);
  return outageOf(ground, {
    kind: 'switch-dead',
    cause,
    lost,
    fromMs,
    toMs: fromMs + lengthMs,
    acts: [
      act(fromMs, (hands) => hands.powerOff(index)),
      act(fromMs + lengthMs, (hands) => hands.powerOn(index)),
    ],
    ...(cause.role === 'core' && cause.site !== 'dc' ? { site: cause.site } : {}),
  });
}

const BRANCHES = [
  ['hq', 'hq-core'],
  ['a', 'a-core'],
  ['b', 'b-core'],
] as const;

export function siteLinkGoesDown(ground: Ground): Planted | null {
  const [site, gateway] = ground.random.pick(BRANCHES);
  const index = ground.named(gateway);
  const lost = ground.ofSite(site);
  const lengthMs = minutes(ground.random.between(20, 150));
  const fromMs = ground.take(lost, lengthMs);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'site-link-down',
    cause: ground.machine(index),
    what: `site ${site}`,
    site,
    lost,
    fromMs,
    toMs: fromMs + lengthMs,
    acts: [act(fromMs, (hands) => hands.cut(index)), act(fromMs + lengthMs, (hands) => hands.rejoin(index))],
  });
}

/** All that has no battery is off; laptops run on without a network. */
export function powerFails(ground: Ground): Planted | null {
  const [site, gateway] = ground.random.pick(BRANCHES);
  const lost = ground.ofSite(site);
  const lengthMs = minutes(ground.random.between(25, 180));
  const fromMs = ground.take(lost, lengthMs + 10 * MINUTE_MS);
  if (fromMs === null) return null;
  const fixed = lost.filter((index) => ground.machine(index).class !== 'Workstation');
  const toMs = fromMs + lengthMs;
  return outageOf(ground, {
    kind: 'power-cut',
    cause: ground.machine(ground.named(gateway)),
    what: `site ${site}`,
    site,
    lost,
    fromMs,
    toMs,
    afterMs: 20 * MINUTE_MS,
    acts: [
      ...fixed.map((index) => act(fromMs, (hands) => hands.powerOff(index))),
      ...fixed.map((index) =>
        act(onGrid(toMs + minutes(ground.random.between(0, 5))), (hands) => hands.powerOn(index)),
      ),
    ],
  });
}

export function ownServerGoesDown(ground: Ground): Planted | null {
  const everything = ground.everything();
  const lengthMs = minutes(ground.random.between(4, 70));
  const fromMs = ground.take(everything, lengthMs);
  if (fromMs === null) return null;
  const toMs = fromMs + lengthMs;
  const planted = outageOf(ground, {
    kind: 'own-server-down',
    must: 'record',
    recorded: isNobodysOutage,
    cause: ground.machine(ground.office.ownServer),
    // Laptops come and go meanwhile.
    lost: everything.filter((index) => ground.machine(index).class !== 'Workstation'),
    fromMs,
    toMs,
    acts: [act(fromMs, (hands) => hands.ownServerDown()), act(toMs, (hands) => hands.ownServerUp())],
  });
  return { ...planted, fine: [{ machines: everything, fromMs: toMs, toMs: toMs + 8 * MINUTE_MS }] };
}

/** Of the machine itself nothing is claimed of that time, unless it said so or delivered it afterwards. */
function isNobodysOutage(record: readonly Recorded[]): boolean {
  return record.every(
    ({ presence, cause }) =>
      presence === 'up' || presence === 'asleep' || presence === 'off' || cause === 'server-self',
  );
}

function lengthOf(record: readonly Recorded[]): Millis {
  return record.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** The agent notices and connects anew; what fails afterwards must be found as if nothing had been. */
export function clockJumps(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const machine = ground.machine(index);
  const lengthMs = hours(3);
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const byMs = ground.random.between(-3, 3) * HOUR_MS;
  const diesMs = fromMs + minutes(ground.random.between(20, 60));
  const planted = deadService(ground, 'clock-jump', index, diesMs, fromMs + lengthMs);
  return {
    ...planted,
    fault: {
      ...planted.fault,
      subject: `${machine.name}, its clock set by ${Math.round(byMs / MINUTE_MS)} min`,
    },
    acts: [
      act(fromMs, (hands) => hands.jumpClock(index, byMs)),
      act(onGrid(fromMs + 10 * SECOND_MS), (hands) => hands.reconnect(index)),
    ],
    fine: [...planted.fine, { machines: [index], fromMs: fromMs - BEFORE_MS, toMs: diesMs }],
  };
}

export function addressChanges(ground: Ground): Planted | null {
  const isLaptop = ground.random.chance(0.6);
  const taken = isLaptop ? ground.takeSession(hours(1)) : null;
  const index = taken?.laptop ?? ground.random.pick(ground.servers());
  const fromMs = taken ? onGrid(taken.session.fromMs + 20 * MINUTE_MS) : ground.take([index], 30 * MINUTE_MS);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'dhcp-change',
    must: 'record',
    recorded: (record) => lengthOf(record.filter(({ presence }) => presence !== 'up')) <= RECONNECT_MS,
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: fromMs + 5 * MINUTE_MS,
    acts: [act(fromMs, (hands) => hands.readdress(index))],
  });
}

/** Nobody can know before it has been away for longer than any holiday: `detectable`. */
export const STOLEN_AFTER_MS = 30 * DAY_MS;

export function laptopStolen(ground: Ground): Planted | null {
  const { random, time } = ground;
  const laptop = random.pick(ground.laptops());
  const latestMs = time.endMs - STOLEN_AFTER_MS - 15 * DAY_MS;
  const sessions = ground.sessionsOf(laptop).filter(({ toMs }) => toMs < latestMs);
  const session = sessions.length === 0 ? null : random.pick(sessions);
  if (session === null) return null;
  const fromMs = session.toMs + MINUTE_MS;
  const span = { fromMs, toMs: time.endMs - DAY_MS };
  if (!ground.isFree([laptop], span)) return null;
  ground.occupy([laptop], span);
  return {
    ...outageOf(ground, {
      kind: 'laptop-stolen',
      must: 'finding',
      cause: ground.machine(laptop),
      lost: [laptop],
      fromMs,
      detectableMs: fromMs + STOLEN_AFTER_MS,
      toMs: time.endMs,
      acts: [act(fromMs, (hands) => hands.vanish(laptop))],
    }),
    fine: [],
  };
}

/** A disk image is put on a second machine, agent and all. */
export function machineCloned(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers((one) => one.class === 'VirtualMachine'));
  const fromMs = ground.take([index], hours(1));
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'cloned-machine',
    must: 'finding',
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: fromMs + hours(1),
    acts: [
      act(fromMs, (hands) => hands.clone(index)),
      act(fromMs + hours(1), (hands) => hands.unhang(index)),
    ],
  });
}

/** Announced, and longer than anybody waits for a restart: outside its window it is an outage. */
export function patchRebootOutside(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers((one) => one.role !== 'host'));
  const downMs = minutes(ground.random.between(9, 25));
  const fromMs = ground.take([index], downMs);
  if (fromMs === null) return null;
  return outageOf(ground, {
    kind: 'patch-reboot-outside-window',
    cause: ground.machine(index),
    lost: [index],
    fromMs,
    toMs: fromMs + downMs + MINUTE_MS,
    acts: [act(fromMs, (hands) => hands.restart(index, downMs))],
  });
}
