/** What people do with incidents in stories, what the house decides about them, and what is said of them at the end. */
import { HOLD_REASONS } from '@muster/shared/api/incidents.ts';
import { LEVELS } from '@muster/shared/incidents/matrix.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { Move } from '@muster/server/incidents/moves.ts';
import type { Incident } from '@muster/server/incidents/store.ts';
import { namesOf } from './house.ts';
import { durationMs, durationText } from './time.ts';
import type { World } from './world.ts';

type Play = (world: World, match: RegExpExecArray) => Promise<unknown>;

/** First match wins. */
const EVENTS: readonly (readonly [RegExp, Play])[] = [
  [/^(\w+) takes (INC-\d+)$/, (world, [, who = '', ref = '']) => assign(world, who, ref, who)],
  [/^(\w+) gives (INC-\d+) back$/, (world, [, who = '', ref = '']) => assign(world, who, ref, null)],
  [
    /^(\w+) assigns (INC-\d+) to (\w+)$/,
    (world, [, who = '', ref = '', holder = '']) => assign(world, who, ref, holder),
  ],
  [/^(\w+) works on (INC-\d+)(?:: (.*))?$/, step('in_progress', (note) => ({ note }))],
  [
    /^(\w+) holds (INC-\d+) for the (\w+)$/,
    step('on_hold', (whom) => {
      const holdReason = HOLD_REASONS.find((one) => one === whom);
      invariant(holdReason, `an incident waits for the ${HOLD_REASONS.join(', ')}`);
      return { note: '', holdReason };
    }),
  ],
  [/^(\w+) resolves (INC-\d+)(?:: (.*))?$/, step('resolved', (note) => ({ note }))],
  [
    /^(\w+) resolves (INC-\d+) with its children: (.*)$/,
    step('resolved', (words) => ({ note: '', children: true, ...causeAndAction(words) })),
  ],
  [/^(\w+) restores (INC-\d+)(?:: (.*))?$/, step('restored', (note) => ({ note }))],
  [
    /^(\w+) closes (INC-\d+)(?:: (.*))?$/,
    step('closed', (words) => ({ note: '', ...causeAndAction(words) })),
  ],
  [/^(\w+) cancels (INC-\d+)(?:: (.*))?$/, step('cancelled', (note) => ({ note }))],
  [/^(\w+) merges (.+) into (INC-\d+): (.*)$/, merge],
  [/^(\w+) splits (.+) out of (INC-\d+): (.*)$/, split],
  [/^(\w+) puts (INC-\d+) below (INC-\d+)$/, link],
  [/^(\w+) takes (INC-\d+) out$/, link],
  [/^(\w+) sets (INC-\d+) to P([1-4])(?:: (.*))?$/, setPriority],
  [/^(\w+) lets (INC-\d+) follow the matrix$/, setPriority],
  [/^(\w+) reports "(.*)"(?: on (\S+))?, impact ([1-4]), urgency ([1-4])$/, report],
  [/^(\S+) is changed: (\S+) (.*) → (.*)$/, change],
  [/^the matrix becomes ([1-4]{4}) ([1-4]{4}) ([1-4]{4}) ([1-4]{4}): (.*)$/, setMatrix],
  [
    /^incidents close after (\S+)$/,
    (world, [, text = '']) => set(world, { autoCloseDays: durationMs(text) / DAY_MS }),
  ],
  [
    /^incidents reopen within (\S+)$/,
    (world, [, text = '']) => set(world, { reopenMinutes: durationMs(text) / MINUTE_MS }),
  ],
  [
    /^nobody having it is an alarm at (\d+) %$/,
    (world, [, text = '']) => set(world, { unclaimedPercent: Number(text) }),
  ],
];

/** False: the line tells of something else. */
export async function deskEvent(world: World, line: string): Promise<boolean> {
  for (const [pattern, play] of EVENTS) {
    const match = pattern.exec(line);
    if (!match) continue;
    await play(world, match);
    return true;
  }
  return false;
}

function desk(world: World) {
  return world.monitoring.incidents;
}

function assign(world: World, who: string, ref: string, holder: string | null): Promise<Incident> {
  return desk(world).assign(ref, holder, undefined, `user:${who}`, world.nowMs);
}

function step(to: Move['to'], rest: (words: string) => Omit<Move, 'to'>): Play {
  return (world, [, who = '', ref = '', words = '']) =>
    desk(world).move(ref, { to, ...rest(words) }, undefined, `user:${who}`, world.nowMs);
}

function causeAndAction(words: string): Pick<Move, 'cause' | 'action'> {
  const [cause, action] = words.split(' / ');
  return { ...(cause ? { cause } : {}), ...(action ? { action } : {}) };
}

async function merge(world: World, [, who = '', refs = '', into = '', reason = '']: RegExpExecArray) {
  const found = await Promise.all(namesOf(refs).map((ref) => world.stores.incidents.get(ref)));
  const fromIds = found.flatMap((incident) => incident?.id ?? []);
  return desk(world).merge(into, { fromIds, reason }, undefined, `user:${who}`, world.nowMs);
}

function split(world: World, [, who = '', names = '', ref = '', reason = '']: RegExpExecArray) {
  const ciIds = namesOf(names).map((name) => world.house.idOf(name));
  return desk(world).split(ref, { ciIds, reason }, undefined, `user:${who}`, world.nowMs);
}

async function link(world: World, [, who = '', ref = '', above]: RegExpExecArray) {
  const parent = above === undefined ? null : await world.stores.incidents.get(above);
  return desk(world).link(ref, parent?.id ?? null, undefined, `user:${who}`, world.nowMs);
}

function setPriority(world: World, [, who = '', ref = '', priority, reason = '']: RegExpExecArray) {
  const wish = { priority: priority === undefined ? null : Number(priority), reason };
  return desk(world).setPriority(ref, wish, undefined, `user:${who}`, world.nowMs);
}

function report(world: World, [, who = '', title = '', name, impact, urgency]: RegExpExecArray) {
  const ci = name === undefined ? null : { ...world.house.entry(name), expectedNow: true };
  return desk(world).report(
    { title, description: '', impact: Number(impact), urgency: Number(urgency), ci },
    `user:${who}`,
    world.nowMs,
  );
}

async function change(world: World, [, name = '', attribute = '', before, after]: RegExpExecArray) {
  const { house, changes, nowMs } = world;
  const ciId = house.idOf(name);
  changes.push({
    id: `change_${changes.length + 1}`,
    at: new Date(nowMs).toISOString(),
    ciId,
    ciName: name,
    ciClass: house.nodes.get(ciId)?.class ?? '',
    kind: 'changed',
    attribute,
    before,
    after,
    source: 'agent',
    actor: 'system',
  });
}

function setMatrix(world: World, [, ...words]: RegExpExecArray) {
  const { policy } = desk(world);
  const cells = words.slice(0, LEVELS.length).map((row) => row.split('').map(Number));
  const change = { cells, reason: words.at(-1) ?? '', by: 'user:anna', from: policy.matrix().version };
  return policy.setMatrix(change, world.nowMs);
}

type Settings = ReturnType<World['monitoring']['incidents']['policy']['settings']>['value'];

function set(world: World, change: Partial<Settings>) {
  const { policy } = desk(world);
  const { value, version } = policy.settings();
  return policy.setSettings({ ...value, ...change }, version, 'user:anna', world.nowMs);
}

async function incidentOf(world: World, ref: string): Promise<Incident> {
  const incident = await world.stores.incidents.get(ref);
  invariant(incident, `there is an incident ${ref}`);
  return incident;
}

/** Why it has its priority, in English. */
export async function judgedLine(world: World, ref: string): Promise<string> {
  return (await incidentOf(world, ref)).why.en;
}

export async function titleLine(world: World, ref: string): Promise<string> {
  return (await incidentOf(world, ref)).title.en;
}

/** 'capacity.cpu, group Network, below INC-0002, nobody has it, reopened 1x' */
export async function factsLine(world: World, ref: string): Promise<string> {
  const one = await incidentOf(world, ref);
  return [
    one.category ?? 'no category',
    one.supportGroup && `group ${one.supportGroup.name}`,
    one.parentRef && `below ${one.parentRef}`,
    one.mergedIntoRef && `in ${one.mergedIntoRef}`,
    one.keptApart && 'kept apart',
    one.needsCause && 'needs a cause',
    one.cause && `cause ${one.cause}`,
    one.action && `action ${one.action}`,
    one.hand && 'priority by hand',
    one.matrixVersion > 1 && `matrix ${one.matrixVersion}`,
    one.unclaimedAtMs !== null && 'nobody has it',
    one.reopenings > 0 && `reopened ${one.reopenings}x`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** '5m46s opened by system: SW-1 is silent' */
export async function recordLines(world: World, ref: string, startMs: Millis): Promise<string[]> {
  const { id } = await incidentOf(world, ref);
  const rows = await world.stores.incidents.timeline(id);
  return rows
    .filter(({ kind }) => kind !== 'evidence')
    .map(
      ({ atMs, kind, actor, text }) =>
        `${durationText(atMs - startMs)} ${kind} by ${actor.replace('user:', '')}: ${text.en}`,
    );
}

/** Of each suspect 'score name: why'. */
export async function suspectLines(world: World, ref: string): Promise<string[]> {
  const { id } = await incidentOf(world, ref);
  const evidence = await world.stores.incidents.evidence(id);
  return (evidence?.scene?.suspects ?? []).map(({ score, ci, why }) => `${score} ${ci.name}: ${why.en}`);
}

/** References of what is like a report: by the name of a CI, else by words. */
export function alikeRefs(world: World, question: string): string[] {
  const on = /^on (\S+)$/.exec(question)?.[1];
  const query = on === undefined ? { title: question } : { ciId: world.house.idOf(on) };
  return desk(world)
    .candidates(query)
    .map(({ ref }) => ref);
}
