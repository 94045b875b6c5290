/** Plays a story file (stories/README.md) on the assembly of the server and says what came of it, in the words of the file. */
import { Condition } from '@muster/shared/api/rules.ts';
import { isOpen } from '@muster/shared/api/incidents.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { HOUR_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '@muster/server/errors.ts';
import type { IncidentEvent } from '@muster/server/incidents/incidents.ts';
import type { Incident } from '@muster/server/incidents/store.ts';
import type { StoredRule } from '@muster/server/rules/rule.ts';
import * as z from 'zod';
import { agreedEvent } from './agreed.ts';
import { alikeRefs, deskEvent, factsLine, recordLines, titleLine, suspectLines, judgedLine } from './desk.ts';
import {
  availabilityLine,
  budgetLine,
  hoursLine,
  intervalLines,
  outageLines,
  reliabilityLine,
  revisionLine,
} from './figures.ts';
import { buildHouse, namesOf, type House } from './house.ts';
import {
  askedLines,
  evidenceLines,
  findingLines,
  learnedLines,
  reachEvent,
  statusLine,
  laterLines,
  reasonLines,
} from './reach.ts';
import { quietEvent, quietLines } from './quiet.ts';
import { durationMs, durationText, localMs, momentsOf, valuesOf } from './time.ts';
import { windowEvent } from './windows.ts';
import { STEP_MS_MAX, World } from './world.ts';

const Lines = z.union([z.string(), z.array(z.string())]);

export const Story = z.strictObject({
  title: z.string(),
  /** Rules of docs/SPEC.md that it shows. */
  shows: z.array(z.string().regex(/^[A-Z]+\d+$/)).min(1),
  zone: z.string().default('Europe/Berlin'),
  /** Local time at which it begins. */
  begins: z.string().default('2026-03-03 10:00'),
  /** How long it is played when samples and events end earlier. */
  lasts: z.string().default('0s'),
  /** Interval of the samples. */
  every: z.string().default('10s'),
  /** Time between two looks of the server: at most 10 s, or as long as `every`. */
  step: z.string().default('1s'),
  house: z.record(z.string(), z.string()),
  /** Keys of packs that are in force; all where absent. */
  packs: z.array(z.string()).optional(),
  rules: z
    .array(
      z.strictObject({
        name: z.string(),
        condition: Condition,
        class: z.array(z.string()).optional(),
        tag: z.string().optional(),
        location: z.string().optional(),
        service: z.string().optional(),
        machine: z.string().optional(),
        instance: z.string().optional(),
      }),
    )
    .default([]),
  /** Networks and places in which an administrator lets neighbours be asked. */
  witnesses: z.array(z.string()).default([]),
  samples: z.record(z.string(), z.string()).default({}),
  happens: z.record(z.string(), Lines).default({}),
  expect: z.strictObject({
    /** What was told of incidents, as it came. */
    told: z.array(z.string()).optional(),
    /** The incidents at the end. */
    incidents: z.array(z.string()).optional(),
    /** Why an incident has its priority, what else is known of it, its title and its timeline, by reference. */
    judged: z.record(z.string(), z.string()).optional(),
    facts: z.record(z.string(), z.string()).optional(),
    titles: z.record(z.string(), z.string()).optional(),
    lines: z.record(z.string(), z.array(z.string())).optional(),
    /** Captured at the breach, by reference. */
    suspects: z.record(z.string(), z.array(z.string())).optional(),
    /** What is shown to somebody who reports 'on SRV-1', or with these words. */
    alike: z.record(z.string(), z.array(z.string())).optional(),
    /** All alerts there were, at the end. */
    alerts: z.array(z.string()).optional(),
    /** Why alerts that live are quiet, at the end. */
    quiet: z.array(z.string()).optional(),
    /** The record of presence at the end, by machine. */
    presence: z.record(z.string(), z.array(z.string())).optional(),
    /** Over the whole story, by machine or service; a name may end in 'by ham', 'by spm' or 'as recorded'. */
    availability: z.record(z.string(), z.string()).optional(),
    reliability: z.record(z.string(), z.string()).optional(),
    revision: z.record(z.string(), z.string()).optional(),
    intervals: z.record(z.string(), z.array(z.string())).optional(),
    outages: z.record(z.string(), z.array(z.string())).optional(),
    /** Of its first target, at the end. */
    budget: z.record(z.string(), z.string()).optional(),
    /** Which calendar holds at the end, and who says so. */
    hours: z.record(z.string(), z.string()).optional(),
    /** What is said of a machine at the end, and why. */
    status: z.record(z.string(), z.string()).optional(),
    reasons: z.record(z.string(), z.array(z.string())).optional(),
    /** What an incident says of presence, as it opened and as it was found out later; 'INC-0001 zh' in Chinese. */
    evidence: z.record(z.string(), z.array(z.string())).optional(),
    later: z.record(z.string(), z.array(z.string())).optional(),
    findings: z.array(z.string()).optional(),
    /** What was learned of the hours of machines. */
    learned: z.array(z.string()).optional(),
    /** Which witnesses were asked about which address. */
    asked: z.array(z.string()).optional(),
    /** What people wanted and were not allowed. */
    refused: z.array(z.string()).optional(),
  }),
});
export type Story = z.infer<typeof Story>;
export type Outcome = Story['expect'];

/** Plays it and answers what its `expect` asks for. */
export async function playStory(story: Story): Promise<Outcome> {
  const startMs = localMs(story.begins, story.zone);
  const house = buildHouse(story.house, story.zone, startMs);
  const told: string[] = [];
  const everyMs = durationMs(story.every);
  const stepMs = durationMs(story.step);
  invariant(
    (stepMs <= STEP_MS_MAX || stepMs === everyMs) && everyMs % stepMs === 0,
    'steps are 10 s at the most, or as long as `every`, and divide it',
  );
  const world = new World({
    house,
    startMs,
    witnesses: story.witnesses,
    intervalMs: Math.max(INTERVAL_MS_DEFAULT, stepMs),
    stallMs: Math.max(STEP_MS_MAX, 2 * stepMs),
    onIncident: (event, atMs) => {
      if (event.type !== 'changed') told.push(toldLine(house, event, atMs - startMs));
    },
  });
  await world.startServer();
  await useRules(world, story);
  for (const name of house.machines) world.start(name);
  const samples = samplesOf(story, house);
  const playedMs = durationMs(story.lasts);
  const events = Object.entries(story.happens).flatMap(([time, lines]) =>
    momentsOf(time, { startMs, endMs: startMs + playedMs, zone: story.zone }).map((atMs) => ({
      atMs,
      lines: typeof lines === 'string' ? [lines] : lines,
    })),
  );
  const endMs = Math.max(
    startMs + playedMs,
    ...events.map(({ atMs }) => atMs + 2 * SECOND_MS),
    ...samples.map(({ values }) => startMs + values.length * everyMs),
  );
  const stage = new Stage(world, story, startMs);
  for (; world.nowMs < endMs; world.nowMs += stepMs) {
    for (const { atMs, lines } of events)
      if (atMs >= world.nowMs && atMs < world.nowMs + stepMs)
        for (const line of lines) await stage.happen(line);
    if ((world.nowMs - startMs) % everyMs === 0)
      await collect(world, samples, (world.nowMs - startMs) / everyMs);
    if (!stage.standsStill) await world.tick();
    // After a long step probes are answered before the server judges, as between two seconds.
    if (!stage.standsStill && stepMs > STEP_MS_MAX) await world.tick();
  }
  await world.monitoring.gathered();
  return {
    ...(await outcome(world, story, told, startMs)),
    ...(story.expect.refused ? { refused: stage.refused } : {}),
  };
}

interface Line {
  readonly machine: string;
  readonly series: string;
  readonly values: readonly (number | null)[];
}

function samplesOf(story: Story, house: House): Line[] {
  return Object.entries(story.samples).flatMap(([key, text]) => {
    const [machines = '', ...series] = key.split(' ');
    const values = valuesOf(text);
    return namesOf(machines).map((machine) => {
      house.idOf(machine);
      return { machine, series: series.join(' '), values };
    });
  });
}

/** Every machine reports that it lives, and what the story says of it. */
async function collect(world: World, samples: readonly Line[], index: number): Promise<void> {
  const byMachine = new Map<string, Record<string, number>>();
  for (const name of world.house.machines) byMachine.set(name, { 'agent.cpu': 0 });
  for (const { machine, series, values } of samples) {
    const value = values[index];
    const readings = byMachine.get(machine);
    if (value !== undefined && value !== null && readings) readings[series] = value;
  }
  for (const [machine, readings] of byMachine) await world.collect(machine, readings);
}

async function useRules(world: World, { packs, rules }: Story): Promise<void> {
  const engine = world.monitoring.rules;
  const { nowMs } = world;
  for (const key of packs ?? [])
    invariant(
      engine.rules().some(({ pack }) => pack === key),
      `the packs have ${key}`,
    );
  for (const rule of engine.rules())
    if (packs && (rule.pack === null || !packs.includes(rule.pack))) await engine.deleteRule(rule.id, nowMs);
  for (const [i, own] of rules.entries()) {
    const { name, condition, machine, location, service, ...selector } = own;
    const idOrNull = (ci: string | undefined) => (ci === undefined ? null : world.house.idOf(ci));
    const rule: StoredRule = {
      id: `rul_own${i + 1}`,
      name,
      condition,
      enabled: true,
      selector: {
        class: selector.class ?? null,
        tag: selector.tag ?? null,
        ...(location === undefined ? {} : { location: idOrNull(location) }),
        ...(service === undefined ? {} : { service: idOrNull(service) }),
        ciId: idOrNull(machine),
        instance: selector.instance ?? null,
      },
      owner: null,
      agreedOn: null,
      explanation: { en: '', zh: '' },
      pack: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    await engine.putRule(rule, nowMs);
  }
}

/** The events that a story may tell of; `names` are machines. */
class Stage {
  readonly #world: World;
  readonly #story: Story;
  readonly #startMs: Millis;
  readonly refused: string[] = [];
  #stillUntilMs = -Infinity;

  constructor(world: World, story: Story, startMs: Millis) {
    this.#world = world;
    this.#story = story;
    this.#startMs = startMs;
  }

  get standsStill(): boolean {
    return this.#world.nowMs < this.#stillUntilMs;
  }

  async happen(line: string): Promise<void> {
    const world = this.#world;
    if (world.server && (await windowEvent(world, line, this.#story.zone))) return;
    if (world.server && (await this.#agreed(line))) return;
    if (world.server && (await quietEvent(world, line))) return;
    if (await reachEvent(world, line)) return;
    const server = /^the server (stands still for|stops|starts|restarts)\s*(\S+)?$/.exec(line);
    if (server) return this.#serverEvent(server[1] ?? '', server[2]);
    const rule = /^the rule "(.*)" is (switched off|deleted)$/.exec(line);
    if (rule) return this.#ruleEvent(rule[1] ?? '', rule[2] === 'deleted');
    const machine =
      /^(\S.*?) (?:is|are|loses?|goe?s?|shuts?|restarts?|hangs?|stops?|uninstalls?|comes?|becomes?|dies|die)\b ?(.*)$/.exec(
        line,
      );
    invariant(machine, `a story knows no event "${line}"`);
    const [, names = '', rest = ''] = machine;
    const what = line.slice(names.length + 1);
    for (const name of namesOf(names)) await this.#machineEvent(world, name, what, rest);
  }

  async #machineEvent(world: World, name: string, what: string, rest: string): Promise<void> {
    if (/^(is|are) cut off$/.test(what)) return world.cut(name);
    if (/^loses? power$/.test(what)) return world.powerOff(name);
    if (/^(is|are) back$/.test(what) || /^comes? back$/.test(what)) return world.comeBack(name);
    if (/^hangs?$/.test(what)) return world.hang(name);
    if (/^shuts? down$/.test(what)) return world.leave(name, 'shutdown');
    if (/^restarts?$/.test(what)) return world.leave(name, 'restart');
    if (/^goe?s? to sleep$/.test(what)) return world.leave(name, 'sleep');
    if (/^uninstalls? its agent$/.test(what)) return world.leave(name, 'uninstall');
    if (/^stops? its agent$/.test(what)) return world.leave(name, 'stop');
    if (/^loses? its agent$/.test(what)) return world.killAgent(name);
    const lifecycle = /^becomes? (in_maintenance|in_use|in_stock|retired|missing|defective)$/.exec(what)?.[1];
    if (lifecycle) return world.house.change(name, { lifecycle: lifecycle as 'in_use' });
    const tags = /^(?:is|are) tagged (.*)$/.exec(what)?.[1];
    if (tags !== undefined) return world.house.change(name, { tags: namesOf(tags) });
    throw new Error(`a story knows no event "${what}" (${rest})`);
  }

  async #serverEvent(what: string, duration: string | undefined): Promise<void> {
    const world = this.#world;
    if (what === 'stops') return world.stopServer();
    if (what === 'starts') return world.startServer();
    if (what === 'restarts') {
      await world.stopServer();
      return world.startServer();
    }
    this.#stillUntilMs = world.nowMs + durationMs(duration ?? '');
  }

  async #agreed(line: string): Promise<boolean> {
    try {
      return (await deskEvent(this.#world, line)) || (await agreedEvent(this.#world, line, this.#startMs));
    } catch (error) {
      if (!(error instanceof AppError && this.#story.expect.refused)) throw error;
      this.refused.push(`${durationText(this.#world.nowMs - this.#startMs)} ${line}: ${error.code}`);
      return true;
    }
  }

  async #ruleEvent(name: string, isDeleted: boolean): Promise<void> {
    const { rules } = this.#world.monitoring;
    const { nowMs } = this.#world;
    const found = rules.rules().filter((rule) => rule.name === name || rule.pack === name);
    invariant(found.length > 0, `${this.#story.title}: there is a rule "${name}"`);
    for (const rule of found)
      await (isDeleted
        ? rules.deleteRule(rule.id, nowMs)
        : rules.putRule({ ...rule, enabled: false }, nowMs));
  }
}

/** '5m45s INC-0001 opened: SW-3 P1, 40 affected' */
function toldLine(house: House, { type, incident }: IncidentEvent, sinceMs: Millis): string {
  return `${durationText(sinceMs)} ${incident.ref} ${type}: ${aboutOf(house, incident)}`;
}

function aboutOf(house: House, incident: Incident): string {
  const on = incident.ciId === null ? 'no CI' : house.nameOf(incident.ciId);
  const others =
    incident.affected.filter(({ ciId }) => ciId !== incident.ciId).length + incident.affectedBeyond;
  return `${on} P${incident.priority}${others > 0 ? `, ${others} affected` : ''}`;
}

async function outcome(
  world: World,
  story: Story,
  told: readonly string[],
  startMs: Millis,
): Promise<Outcome> {
  const { expect } = story;
  const presence: Record<string, string[]> = {};
  for (const name of Object.keys(expect.presence ?? {}))
    presence[name] = await presenceLines(world, name, startMs);
  const each = async <T>(
    wanted: Readonly<Record<string, unknown>> | undefined,
    say: (name: string) => T | Promise<T>,
  ): Promise<Record<string, T>> => {
    const said: Record<string, T> = {};
    for (const name of Object.keys(wanted ?? {})) said[name] = await say(name);
    return said;
  };
  const { zone } = story;
  return {
    ...(expect.told ? { told: [...told] } : {}),
    ...(expect.incidents ? { incidents: await incidentLines(world) } : {}),
    ...(expect.judged ? { judged: await each(expect.judged, (ref) => judgedLine(world, ref)) } : {}),
    ...(expect.facts ? { facts: await each(expect.facts, (ref) => factsLine(world, ref)) } : {}),
    ...(expect.titles ? { titles: await each(expect.titles, (ref) => titleLine(world, ref)) } : {}),
    ...(expect.lines ? { lines: await each(expect.lines, (ref) => recordLines(world, ref, startMs)) } : {}),
    ...(expect.suspects ? { suspects: await each(expect.suspects, (ref) => suspectLines(world, ref)) } : {}),
    ...(expect.alike ? { alike: await each(expect.alike, (question) => alikeRefs(world, question)) } : {}),
    ...(expect.alerts ? { alerts: await alertLines(world, startMs) } : {}),
    ...(expect.quiet ? { quiet: quietLines(world, startMs) } : {}),
    ...(expect.presence ? { presence } : {}),
    ...(expect.availability
      ? { availability: await each(expect.availability, (key) => availabilityLine(world, key, startMs)) }
      : {}),
    ...(expect.reliability
      ? { reliability: await each(expect.reliability, (key) => reliabilityLine(world, key, startMs)) }
      : {}),
    ...(expect.revision
      ? { revision: await each(expect.revision, (key) => revisionLine(world, key, startMs)) }
      : {}),
    ...(expect.intervals
      ? { intervals: await each(expect.intervals, (key) => intervalLines(world, key, startMs)) }
      : {}),
    ...(expect.outages
      ? { outages: await each(expect.outages, (key) => outageLines(world, key, startMs)) }
      : {}),
    ...(expect.status
      ? { status: await each(expect.status, (name) => statusLine(world, name, startMs)) }
      : {}),
    ...(expect.reasons ? { reasons: await each(expect.reasons, (name) => reasonLines(world, name)) } : {}),
    ...(expect.evidence ? { evidence: await each(expect.evidence, (key) => evidenceLines(world, key)) } : {}),
    ...(expect.later ? { later: await each(expect.later, (key) => laterLines(world, key, startMs)) } : {}),
    ...(expect.findings ? { findings: await findingLines(world, startMs) } : {}),
    ...(expect.learned ? { learned: learnedLines(world) } : {}),
    ...(expect.asked ? { asked: askedLines(world) } : {}),
    ...(expect.budget ? { budget: await each(expect.budget, (name) => budgetLine(world, name)) } : {}),
    ...(expect.hours
      ? { hours: await each(expect.hours, (name) => hoursLine(world, name, startMs, zone)) }
      : {}),
  };
}

const LIST_MAX = 500;

async function incidentLines(world: World): Promise<string[]> {
  const { items } = await world.stores.incidents.list({ limit: LIST_MAX });
  return items.toReversed().map((incident) => {
    const holder =
      isOpen(incident.state) && incident.assignee !== null ? `, ${incident.assignee} has it` : '';
    return `${incident.ref} ${incident.state}: ${aboutOf(world.house, incident)}${holder}`;
  });
}

/** '3m10s to 7m warning CPU busy on SRV-1' */
async function alertLines(world: World, startMs: Millis): Promise<string[]> {
  const alerts = await world.stores.rules.alerts({ limit: LIST_MAX });
  return alerts
    .toReversed()
    .map(
      ({ openedAtMs, breachedAtMs, resolvedAtMs, severity, ruleName, ciId, instance, state, reopened }) => {
        const from = durationText(openedAtMs - startMs);
        const when =
          resolvedAtMs === null ? `from ${from}` : `${from} to ${durationText(resolvedAtMs - startMs)}`;
        const where = instance === '' ? world.house.nameOf(ciId) : `${world.house.nameOf(ciId)} ${instance}`;
        const also = [
          state === 'suppressed' || state === 'acknowledged' ? state : null,
          reopened > 0 ? `reopened ${reopened}x, since ${durationText(breachedAtMs - startMs)}` : null,
        ].filter((part) => part !== null);
        return [`${when} ${severity} ${ruleName} on ${where}`, ...also].join(', ');
      },
    );
}

/** '5m to 9m down, host-down, revised' */
async function presenceLines(world: World, name: string, startMs: Millis): Promise<string[]> {
  const intervals = await world.stores.availability.intervals(
    world.house.idOf(name),
    startMs - HOUR_MS,
    world.nowMs,
  );
  return intervals.map(({ fromMs, toMs, presence, cause, planned, revised }) => {
    const from = durationText(fromMs - startMs);
    const when = toMs === null ? `from ${from}` : `${from} to ${durationText(toMs - startMs)}`;
    return [`${when} ${presence}`, cause, planned ? 'planned' : null, revised ? 'revised' : null]
      .filter((part) => part !== null)
      .join(', ');
  });
}
