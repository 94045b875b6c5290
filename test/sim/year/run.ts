/** Drives the year through the assembly: big steps while all is calm, small ones around what happens. */
import type { Monitoring } from '@muster/server/app-monitoring.ts';
import type { FindingRecord } from '@muster/server/findings/store.ts';
import type { IncidentEvent } from '@muster/server/incidents/incidents.ts';
import type { Incident } from '@muster/server/incidents/store.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { Agenda } from './agenda.ts';
import { createAssembly, setWindows } from './assembly.ts';
import { whenFound } from './clone.ts';
import type { Fault } from './fault.ts';
import { CALM_MS, FINE_MS, House } from './house.ts';
import { planYear, type YearOptions, type YearPlan } from './plan.ts';
import { Random } from './random.ts';
import { recordedOf } from './recorded.ts';

export interface YearRun {
  readonly plan: YearPlan;
  /** As they were at the end. */
  readonly incidents: readonly Incident[];
  readonly findings: readonly YearFinding[];
  /** Faults of which the record of presence says what it was. */
  readonly recorded: ReadonlySet<Fault>;
  readonly steps: number;
  readonly machineSteps: number;
  /** What the server complained of, with how often. */
  readonly complaints: ReadonlyMap<string, number>;
}

/** Of the queue of findings, or of the hub. */
export interface YearFinding {
  readonly kind: string;
  readonly ciId: string;
  readonly atMs: Millis;
  readonly title: string;
}

/** Whoever is on duty writes down what it was, this long after it is over. */
const CLOSED_AFTER_MS = 40 * MINUTE_MS;

export async function runYear(
  options: YearOptions,
  onDay: (day: number, days: number) => void = () => undefined,
): Promise<YearRun> {
  const plan = planYear(options);
  const { time, office } = plan;
  const agenda = new Agenda();
  const incidents = new Map<string, Incident>();
  const findings = new Map<string, YearFinding>();
  const clones: Promise<void>[] = [];
  const complaints = new Map<string, number>();
  const complain = (what: string, detail: unknown) => {
    const text = `${what}: ${JSON.stringify(detail)}`.slice(0, 300);
    complaints.set(text, (complaints.get(text) ?? 0) + 1);
  };
  let server: Monitoring | null = null;
  let wanted = true;

  const assembly = createAssembly({
    office,
    time,
    intervalMs: (ciId) => house.intervalMs(ciId),
    answers: (address) => house.answers(address),
    onIncident: takeIncident,
    onFinding: takeFinding,
    complain,
  });
  const house: House = new House({
    office,
    time,
    metrics: assembly.metrics,
    agenda,
    random: new Random(options.seed).fork('house'),
    onServer: (isUp) => {
      wanted = isUp;
    },
    onClone: (machine) => {
      const { id: ciId, name } = machine;
      clones.push(
        whenFound(machine, nowMs).then((atMs) => {
          if (atMs !== null)
            findings.set(ciId, { kind: 'cloned-identity', ciId, atMs, title: `${name} is there twice` });
        }),
      );
    },
  });

  let nowMs = time.startMs;

  function takeIncident({ type, incident }: IncidentEvent, atMs: Millis): void {
    incidents.set(incident.id, incident);
    if (type === 'restored') agenda.note(atMs + CLOSED_AFTER_MS, () => void close(incident.id));
  }

  function takeFinding({ id, kind, ciId, openedAtMs, title }: FindingRecord): void {
    if (ciId !== null) findings.set(id, { kind, ciId, atMs: openedAtMs, title: title.en });
  }

  async function close(id: string): Promise<void> {
    if (server === null || incidents.get(id)?.state !== 'restored') return;
    try {
      await server.incidents.move(
        id,
        { to: 'closed', note: 'Looked into.', cause: 'Found.', action: 'Mended.' },
        undefined,
        'user:duty',
        nowMs,
      );
    } catch (error) {
      complain('an incident could not be closed', error instanceof Error ? error.message : error);
    }
  }

  function lay(): void {
    for (const [index, { habits }] of plan.diaries)
      for (const habit of habits) agenda.note(habit.atMs, () => house.take(index, habit));
    const effects = [...plan.jobs, ...plan.planted.flatMap((one) => one.effects)];
    for (const effect of effects) {
      agenda.note(effect.fromMs, () => house.begin(effect));
      agenda.note(effect.toMs, () => house.end(effect));
    }
    for (const { acts, fine } of plan.planted) {
      for (const { atMs, do: act } of acts) agenda.note(atMs, () => act(house));
      for (const { machines, fromMs, toMs } of fine)
        agenda.note(fromMs, () => house.lookClosely(machines, toMs));
    }
  }

  async function turnServer(): Promise<void> {
    if (wanted === (server !== null)) return;
    if (wanted) {
      server = await assembly.start(nowMs);
      house.serverStarts(server);
    } else {
      await server?.settled();
      await server?.gathered();
      server = null;
      house.serverStops();
    }
  }

  lay();
  await turnServer();
  if (server !== null) await setWindows(server, office, time, plan.windows, nowMs);
  let steps = 0;
  let day = 0;
  while (nowMs < time.endMs) {
    const calmMs = (Math.floor(nowMs / CALM_MS) + 1) * CALM_MS;
    nowMs = house.isClose ? nowMs + FINE_MS : calmMs;
    house.setNow(nowMs);
    agenda.runUntil(nowMs);
    await turnServer();
    if (clones.length > 0) await Promise.all(clones.splice(0));
    await house.sample(nowMs % CALM_MS === 0);
    if (server !== null) await tick(server, nowMs, complain);
    steps += 1;
    const today = Math.floor(time.wallMinute(nowMs) / 1_440);
    if (today !== day) onDay((day = today), time.days);
  }
  const last: Monitoring | null = server;
  await (last as Monitoring | null)?.settled();
  await (last as Monitoring | null)?.gathered();
  return {
    plan,
    incidents: [...incidents.values()],
    findings: [...findings.values()],
    recorded: await recordedOf(plan, assembly.stores.availability),
    steps,
    machineSteps: house.samples,
    complaints,
  };
}

async function tick(
  server: Monitoring,
  nowMs: Millis,
  complain: (what: string, detail: unknown) => void,
): Promise<void> {
  for (const [whatFailed, part] of server.ticks(nowMs)) {
    try {
      await part();
    } catch (error) {
      complain(whatFailed, error instanceof Error ? error.message : error);
    }
  }
  await server.settled();
}
