/** What a Windows machine tells about itself: Node's figures, PowerShell as the helper, reg.exe. */
import { createHash } from 'node:crypto';
import { parse } from 'node:path/win32';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { Helper, type HelperProgram, type StartHelper } from '../helper/helper.ts';
import type { Host } from '../host.ts';
import type { CimRecord } from '../inventory/parsers/cim.ts';
import { WINDOWS_FIGURES } from '../native/node-figures.ts';
import { Rhythm } from '../native/rhythm.ts';
import type { Counters, NativeProcess, NativeSystem, ServiceState, Volume } from '../native/system.ts';
import { HELPER_LISTS_SHARE_MAX, ProcessPace } from '../process-pace.ts';
import type { Timers } from '../timers.ts';
import {
  cimStatement,
  type CimQuestion,
  COUNTER_QUESTIONS,
  INVENTORY_QUESTIONS,
  PROCESS_QUESTION,
  SURROUNDINGS_QUESTIONS,
  TRIGGERED_STATEMENT,
  VALUE_STATEMENTS,
} from './powershell.ts';
import {
  type Adapter,
  adaptersOf,
  countIn,
  diskCounters,
  interfaceCounters,
  memoryCounters,
  processesOf,
  RefusedError,
  rowsOf,
  serviceStates,
  triggeredServices,
  volumesOf,
} from './readings.ts';
import { exportRegistry, type RegistryTool } from './registry.ts';

/** How often counters are asked for: WMI costs more than the figures are worth below. */
export const COUNTERS_MS = 10 * SECOND_MS;
/** Links, volumes, services, processes. */
export const SURROUNDINGS_MS = MINUTE_MS;
/** A class that takes longer has hung. The first one waits for PowerShell to start. */
const ANSWER_MS_MAX = 30 * SECOND_MS;

export interface WindowsSystemOptions {
  readonly program: HelperProgram;
  readonly start: StartHelper;
  readonly timers: Timers;
  readonly elapsedMs: () => number;
  readonly run: Host['run'];
  readonly registry: RegistryTool;
  readonly identity: WindowsIdentity;
  readonly log: (line: string) => void;
  readonly figures?: typeof WINDOWS_FIGURES;
}

/** From the registry, before the first tick. */
export interface WindowsIdentity {
  /** HKLM\SOFTWARE\Microsoft\Cryptography, MachineGuid: made at installation. */
  readonly machineGuid: string | null;
  /** HKLM\SYSTEM\HardwareConfig, LastConfig: the UUID of the firmware. */
  readonly hardwareConfig: string | null;
  /** HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters, BootId: counts boots. */
  readonly bootCount: string | null;
  /** For where boots are not counted; to the minute, because it is a difference of two clocks. */
  readonly bootedAtMinute: number;
}

/** Opaque: what makes a boot of a machine different from any other of any machine. */
export function windowsBootId({ machineGuid, bootCount, bootedAtMinute }: WindowsIdentity): string {
  const boot = bootCount === null ? `at ${bootedAtMinute}` : `number ${bootCount}`;
  return createHash('sha256').update(`${machineGuid}\n${boot}`).digest('hex').slice(0, 32);
}

interface Surroundings {
  readonly volumes: readonly Volume[];
  readonly services: readonly ServiceState[] | null;
}

export class WindowsSystem implements NativeSystem {
  readonly sections = [
    'hardware',
    'os',
    'network',
    'storage',
    'software',
    'services',
    'devices',
    'patches',
  ] as const;
  readonly bootId: string;
  readonly machineId: string | null;
  readonly systemUuid: string | null;
  readonly uptimeSeconds: NativeSystem['uptimeSeconds'];
  readonly cores: NativeSystem['cores'];
  readonly loadAverages: NativeSystem['loadAverages'];
  readonly memoryTotalBytes: NativeSystem['memoryTotalBytes'];
  readonly memoryAvailableBytes: NativeSystem['memoryAvailableBytes'];
  readonly #options: WindowsSystemOptions;
  readonly #helper: Helper;
  readonly #counters: Rhythm<Counters>;
  readonly #adapters: Rhythm<readonly Adapter[]>;
  readonly #surroundings: Rhythm<Surroundings>;
  readonly #processes: Rhythm<readonly NativeProcess[]>;
  readonly #processPace = new ProcessPace(HELPER_LISTS_SHARE_MAX);
  #triggered: ReadonlySet<string> | null = null;

  constructor(options: WindowsSystemOptions) {
    this.#options = options;
    const { program, start, timers, elapsedMs, identity, log } = options;
    this.bootId = windowsBootId(identity);
    this.machineId = identity.machineGuid?.toLowerCase() ?? null;
    this.systemUuid = identity.hardwareConfig?.replace(/[{}]/g, '').toLowerCase() ?? null;
    const figures = options.figures ?? WINDOWS_FIGURES;
    this.uptimeSeconds = figures.uptimeSeconds;
    this.cores = figures.cores;
    this.loadAverages = figures.loadAverages;
    this.memoryTotalBytes = figures.memoryTotalBytes;
    this.memoryAvailableBytes = figures.memoryAvailableBytes;
    this.#helper = new Helper({ program, start, timers, elapsedMs });
    const rhythm = <Value>(name: string, intervalMs: number, ask: () => Promise<Value>) =>
      new Rhythm({
        intervalMs,
        ask,
        timers,
        elapsedMs,
        log: (why) => log(`${name} from PowerShell: ${why}`),
      });
    this.#adapters = rhythm('adapters', SURROUNDINGS_MS, async () =>
      adaptersOf(await this.#rows(SURROUNDINGS_QUESTIONS.adapters)),
    );
    this.#counters = rhythm('counters', COUNTERS_MS, () => this.#count());
    this.#surroundings = rhythm('volumes and services', SURROUNDINGS_MS, () => this.#lookAround());
    this.#processes = rhythm('processes', SURROUNDINGS_MS, async () => {
      const fromMs = elapsedMs();
      try {
        return processesOf(await this.#rows(PROCESS_QUESTION));
      } finally {
        this.#processPace.made(fromMs, elapsedMs());
      }
    });
  }

  /** In the order of the first questions: without the names of adapters their counters have none. */
  get #rhythms(): readonly Rhythm<unknown>[] {
    return [this.#adapters, this.#counters, this.#surroundings, this.#processes];
  }

  told(): ReturnType<NativeSystem['told']> {
    this.#begin();
    const around = this.#surroundings.fresh;
    const services = around?.value.services ?? null;
    return {
      counters: this.#counters.fresh,
      volumes: this.#volumes(),
      services: around === null || services === null ? null : { atMs: around.atMs, value: services },
    };
  }

  processes(): ReturnType<NativeSystem['processes']> {
    this.#begin();
    if (this.#processPace.waitMs(this.#options.elapsedMs()) === 0) void this.#processes.askNow();
    return this.#processes.fresh;
  }

  /** All that has been asked so far is answered, or has failed. */
  async settled(): Promise<void> {
    this.#begin();
    await Promise.all(this.#rhythms.map((one) => one.askNow()));
  }

  async inventory(): ReturnType<NativeSystem['inventory']> {
    const cim: Record<string, string> = {};
    const ask = async (name: string, statement: string): Promise<void> => {
      const rows = await this.#ask(statement);
      // A class that this Windows does not have, or that may not be asked, counts as not given.
      if (rows !== null) cim[name] = JSON.stringify(rows);
    };
    for (const question of INVENTORY_QUESTIONS) await ask(question.className, cimStatement(question, 'all'));
    for (const [name, statement] of Object.entries(VALUE_STATEMENTS)) await ask(name, statement);
    const { run, registry: tool } = this.#options;
    const registry = await exportRegistry(tool, run);
    const { withLiveFacts, windowsSections } = await sections();
    return withLiveFacts(windowsSections({ cim, registry }), this);
  }

  close(): void {
    for (const one of this.#rhythms) one.stop();
    this.#helper.close();
  }

  #begin(): void {
    for (const one of this.#rhythms) one.start();
  }

  #volumes(): readonly Volume[] {
    return this.#surroundings.last?.value.volumes ?? [ownVolume()];
  }

  async #lookAround(): Promise<Surroundings> {
    const volumes = await this.#given(SURROUNDINGS_QUESTIONS.volumes);
    const services = await this.#given(SURROUNDINGS_QUESTIONS.services);
    const triggers = this.#triggered === null ? await this.#ask(TRIGGERED_STATEMENT) : null;
    if (triggers !== null) this.#triggered = triggeredServices(triggers);
    const triggered = this.#triggered;
    return {
      volumes: volumes === null ? this.#volumes() : volumesOf(volumes),
      // Without knowing which of them a trigger starts, one that rests would look like one that failed.
      services: services === null || triggered === null ? null : serviceStates(services, triggered),
    };
  }

  async #count(): Promise<Counters> {
    const [disks, memory, system, pageFiles, interfaces] = [
      await this.#given(COUNTER_QUESTIONS.disks),
      await this.#given(COUNTER_QUESTIONS.memory),
      await this.#given(COUNTER_QUESTIONS.system),
      await this.#given(COUNTER_QUESTIONS.pageFiles),
      await this.#given(COUNTER_QUESTIONS.interfaces),
    ];
    return {
      disks: diskCounters(disks ?? []),
      interfaces: interfaceCounters(interfaces ?? [], this.#adapters.fresh?.value ?? []),
      memory: memoryCounters(memory?.[0], pageFiles),
      processes: countIn(system?.[0], 'Processes'),
      // Windows counts threads that wait for a processor, which is another thing.
      processesRunning: null,
      processesBlocked: null,
      contextSwitches: countIn(system?.[0], 'ContextSwitchesPersec'),
    };
  }

  /** @throws HelperError, RefusedError */
  async #rows(question: CimQuestion): Promise<CimRecord[]> {
    return rowsOf(await this.#helper.ask(cimStatement(question), ANSWER_MS_MAX));
  }

  /** null where the class is refused. @throws HelperError */
  #given(question: CimQuestion): Promise<CimRecord[] | null> {
    return this.#ask(cimStatement(question));
  }

  async #ask(statement: string): Promise<CimRecord[] | null> {
    const answer = await this.#helper.ask(statement, ANSWER_MS_MAX);
    try {
      return rowsOf(answer);
    } catch (error) {
      if (error instanceof RefusedError) return null;
      throw error;
    }
  }
}

/** Until PowerShell has told the others: the drive that this program lies on, which is there and local. */
function ownVolume(): Volume {
  const path = parse(process.execPath).root;
  return { path, name: path.replace(/\\$/, '') };
}

/** Loaded for an inventory alone, which is a process of its own: the agent has no use for it. */
async function sections() {
  return {
    ...(await import('../inventory/native.ts')),
    ...(await import('../inventory/windows/sections.ts')),
  };
}
