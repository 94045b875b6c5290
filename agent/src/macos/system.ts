/** What a Mac tells about itself: Node's figures, tools of the system through sh as the helper, and its profiler. */
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { Helper, type HelperProgram, type StartHelper } from '../helper/helper.ts';
import type { Host } from '../host.ts';
import type { MacosOutputs } from '../inventory/macos/outputs.ts';
import { MACOS_FIGURES } from '../native/node-figures.ts';
import { Rhythm } from '../native/rhythm.ts';
import type { Counters, Dated, NativeSystem, Volume } from '../native/system.ts';
import type { Timers } from '../timers.ts';
import {
  diskCounters,
  interfaceCounters,
  memoryCounters,
  type ProcessTable,
  processTable,
  volumesOf,
} from './readings.ts';
import type { COMMANDS } from './shell.ts';

/** See shell.ts for what a round costs. */
export const COUNTERS_MS = 10 * SECOND_MS;
export const SURROUNDINGS_MS = MINUTE_MS;
const ANSWER_MS_MAX = 15 * SECOND_MS;
/** The profiler looks at every bus. */
const PROFILER_MS_MAX = 120 * SECOND_MS;

export interface MacosSystemOptions {
  readonly program: HelperProgram;
  readonly start: StartHelper;
  readonly timers: Timers;
  readonly elapsedMs: () => number;
  readonly run: Host['run'];
  /** kern.bootsessionuuid: one per boot. */
  readonly bootId: string;
  /** IOPlatformUUID; null where it cannot be read. */
  readonly platformUuid: string | null;
  readonly readText: (path: string) => string | null;
  readonly log: (line: string) => void;
  readonly figures?: typeof MACOS_FIGURES;
}

/** The container of the system, which is there and local. */
const ROOT: Volume = { name: '/', path: '/' };

interface Round {
  readonly counters: Counters;
  readonly table: ProcessTable;
}

export class MacosSystem implements NativeSystem {
  readonly sections = ['hardware', 'os', 'network', 'storage', 'devices'] as const;
  readonly bootId: string;
  readonly machineId: string | null;
  readonly systemUuid: string | null;
  readonly uptimeSeconds: NativeSystem['uptimeSeconds'];
  readonly cores: NativeSystem['cores'];
  readonly loadAverages: NativeSystem['loadAverages'];
  readonly memoryTotalBytes: NativeSystem['memoryTotalBytes'];
  readonly memoryAvailableBytes: NativeSystem['memoryAvailableBytes'];
  readonly #options: MacosSystemOptions;
  readonly #helper: Helper;
  readonly #rounds: Rhythm<Round>;
  readonly #volumes: Rhythm<readonly Volume[]>;

  constructor(options: MacosSystemOptions) {
    this.#options = options;
    const { program, start, timers, elapsedMs, log } = options;
    this.bootId = options.bootId;
    this.machineId = options.platformUuid?.toLowerCase() ?? null;
    this.systemUuid = this.machineId;
    const figures = options.figures ?? MACOS_FIGURES;
    this.uptimeSeconds = figures.uptimeSeconds;
    this.cores = figures.cores;
    this.loadAverages = figures.loadAverages;
    this.memoryTotalBytes = figures.memoryTotalBytes;
    this.memoryAvailableBytes = figures.memoryAvailableBytes;
    this.#helper = new Helper({ program, start, timers, elapsedMs });
    const shared = { timers, elapsedMs };
    this.#rounds = new Rhythm({
      ...shared,
      intervalMs: COUNTERS_MS,
      ask: () => this.#round(),
      log: (why) => log(`counters from sh: ${why}`),
    });
    this.#volumes = new Rhythm({
      ...shared,
      intervalMs: SURROUNDINGS_MS,
      ask: async () => volumesOf(await this.#ask('mounts')),
      log: (why) => log(`volumes from sh: ${why}`),
    });
  }

  told(): ReturnType<NativeSystem['told']> {
    this.#begin();
    const volumes = this.#volumes.last?.value ?? [];
    return {
      counters: part(this.#rounds.fresh, ({ counters }) => counters),
      volumes: volumes.length === 0 ? [ROOT] : volumes,
      services: null,
    };
  }

  processes(): ReturnType<NativeSystem['processes']> {
    this.#begin();
    return part(this.#rounds.fresh, ({ table }) => table.processes);
  }

  /** All that has been asked so far is answered, or has failed. */
  async settled(): Promise<void> {
    this.#begin();
    await Promise.all([this.#rounds.askNow(), this.#volumes.askNow()]);
  }

  async inventory(): ReturnType<NativeSystem['inventory']> {
    const { withLiveFacts, macosSections } = await sections();
    return withLiveFacts(macosSections(await this.#outputs()), this);
  }

  close(): void {
    this.#rounds.stop();
    this.#volumes.stop();
    this.#helper.close();
  }

  #begin(): void {
    this.#rounds.start();
    this.#volumes.start();
  }

  async #round(): Promise<Round> {
    const table = processTable(await this.#ask('processes'));
    const disks = diskCounters(await this.#ask('disks'));
    const interfaces = interfaceCounters(await this.#ask('interfaces'), await this.#ask('links'));
    const memory = memoryCounters(
      await this.#ask('memory'),
      await this.#ask('swap'),
      this.memoryTotalBytes(),
    );
    const told = table.processes.length > 0;
    const counters: Counters = {
      memory,
      disks,
      interfaces,
      processes: told ? table.processes.length : null,
      processesRunning: told ? table.running : null,
      processesBlocked: told ? table.blocked : null,
      contextSwitches: null,
    };
    return { counters, table };
  }

  #ask(word: keyof typeof COMMANDS): Promise<string> {
    return this.#helper.ask(word, ANSWER_MS_MAX);
  }

  /** Each program once; one that fails is left out, and its sections say so. */
  async #outputs(): Promise<MacosOutputs> {
    const { run, readText } = this.#options;
    const output = async (command: string, ...args: string[]): Promise<string | undefined> => {
      const { ok, stdout } = await run(command, args, PROFILER_MS_MAX);
      return ok ? stdout : undefined;
    };
    const plists: Record<string, string> = {};
    for (const type of PLIST_TYPES) {
      const plist = await output(PROFILER, '-xml', type);
      if (plist !== undefined) plists[type] = plist;
    }
    const told = {
      systemProfiler: await output(PROFILER, ...TEXT_TYPES),
      sysctl: await output('/usr/sbin/sysctl', 'hw', 'machdep.cpu', 'kern'),
      ioregPlatform: await output(
        '/usr/sbin/ioreg',
        '-l',
        '-d',
        '2',
        '-w',
        '0',
        '-c',
        'IOPlatformExpertDevice',
      ),
      ioregUsb: await output('/usr/sbin/ioreg', '-l', '-w', '0', '-p', 'IOUSB'),
      ifconfig: await output('/sbin/ifconfig', '-a'),
      hardwarePorts: await output('/usr/sbin/networksetup', '-listallhardwareports'),
      routes: await output('/usr/sbin/netstat', '-rn'),
      resolvConf: readText('/etc/resolv.conf') ?? '',
      df: await output('/bin/df', '-k', '-l'),
      mount: await output('/sbin/mount'),
    };
    return { ...without(told), plists };
  }
}

const PROFILER = '/usr/sbin/system_profiler';
/** Parts that are read as text; nothing of accounts, networks or files. */
const TEXT_TYPES = [
  'SPHardwareDataType',
  'SPSoftwareDataType',
  'SPMemoryDataType',
  'SPDisplaysDataType',
] as const;
const PLIST_TYPES = [
  'SPSerialATADataType',
  'SPNVMeDataType',
  'SPUSBDataType',
  'SPCardReaderDataType',
] as const;

function part<Whole, Part>(dated: Dated<Whole> | null, of: (whole: Whole) => Part): Dated<Part> | null {
  return dated === null ? null : { atMs: dated.atMs, value: of(dated.value) };
}

/** Without what is undefined, which a section would take for given. */
function without<Outputs extends Record<string, string | undefined>>(
  outputs: Outputs,
): { [Name in keyof Outputs]?: string } {
  return Object.fromEntries(Object.entries(outputs).filter(([, text]) => text !== undefined)) as {
    [Name in keyof Outputs]?: string;
  };
}

/** Loaded for an inventory alone, which is a process of its own: the agent has no use for it. */
async function sections() {
  return { ...(await import('../inventory/native.ts')), ...(await import('../inventory/macos/sections.ts')) };
}
