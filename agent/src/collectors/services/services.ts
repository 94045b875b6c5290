/** Which of the services that start with the machine run, by the control groups of systemd. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { instanceText } from '../instance.ts';

/** Services that are watched; of more the first by name. */
export const SERVICES_MAX = 64;
/** What is switched on changes seldom. */
const LOOK_AGAIN_MS = MINUTE_MS;

interface ServicesState {
  /** Switched on to start with the machine, as of `lookedMs`. */
  readonly enabled: readonly string[];
  readonly lookedMs: number;
  /** Seen running by this agent. One that never ran may have a condition that is not met here. */
  readonly seen: ReadonlySet<string>;
}

export const services: Collector<ServicesState | null> = {
  name: 'services',
  platforms: ['linux'],
  collect(host, previous) {
    const running = runningUnits(host);
    if (running === null) return { samples: [], state: null };
    const nowMs = host.monotonicMs();
    const isFresh = previous !== null && nowMs - previous.lookedMs < LOOK_AGAIN_MS;
    const enabled = isFresh ? previous.enabled : enabledUnits(host);
    const seen = new Set(
      enabled
        .filter((unit) => running.has(unit) || (previous?.seen.has(unit) ?? false))
        .slice(0, SERVICES_MAX),
    );
    const samples: Sample[] = [...seen].map((unit) => ({
      metric: 'service.running',
      instance: instanceText(unit.slice(0, -SUFFIX.length)),
      value: running.has(unit) ? 1 : 0,
    }));
    return { samples, state: { enabled, lookedMs: isFresh ? previous.lookedMs : nowMs, seen } };
  },
};

const SUFFIX = '.service';
/** systemd.unit(5): what is enabled for the targets that a machine starts with. */
const WANTS = ['multi-user', 'graphical', 'default'].map(
  (target) => `/etc/systemd/system/${target}.target.wants`,
);
/** One for all controllers, or systemd's own beside the older kind. */
const SLICES = ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice'];

/** A service has a control group for as long as it has a process. null: no systemd. */
function runningUnits(host: Host): ReadonlySet<string> | null {
  for (const slice of SLICES) {
    const names = host.list(slice);
    if (names.length > 0) return new Set(names.filter((name) => name.endsWith(SUFFIX)));
  }
  return null;
}

function enabledUnits(host: Host): readonly string[] {
  const names = WANTS.flatMap((folder) => host.list(folder)).filter((name) => name.endsWith(SUFFIX));
  return [...new Set(names)].toSorted();
}
