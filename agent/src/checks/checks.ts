/** What an agent holds of its checks: next to nothing until it is told the first. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { CheckReach } from './reach-names.ts';
import type { CheckRunner } from './runner.ts';

interface Told {
  readonly name: string;
  readonly why: string;
}

export interface ChecksStatus {
  readonly reach: CheckReach;
  readonly count: number;
  /** Not as expected at the last probe. */
  readonly failing: readonly Told[];
  /** Not even tried: this machine does not allow what they would reach. */
  readonly refused: readonly Told[];
  /** Those of which nothing is known yet. */
  readonly untried: number;
}

export interface Checks {
  /** Exactly these from now on. */
  configure(checks: readonly unknown[]): void;
  /** The last results, for a tick. */
  samples(): readonly Sample[];
  status(): ChecksStatus;
  stop(): void;
}

const NONE: readonly Sample[] = [];

/**
 * @param load makes what runs them; it is not loaded before there is something to run, because most agents never have a check
 * @param reach 'off': nothing is ever loaded, whatever the server says
 */
export function checksOf(
  reach: CheckReach,
  load: () => Promise<CheckRunner>,
  failed: (why: string) => void,
): Checks {
  let runner: CheckRunner | null = null;
  let wanted: readonly unknown[] = [];
  let loading = false;
  let broken: string | null = null;
  return {
    configure(checks) {
      wanted = reach === 'off' ? [] : checks;
      if (runner) return runner.configure(wanted);
      if (wanted.length === 0 || loading) return;
      loading = true;
      load()
        .then((loaded) => {
          runner = loaded;
          broken = null;
          loaded.configure(wanted);
        })
        .catch((error: unknown) => {
          broken = `what runs checks could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
          failed(broken);
        })
        .finally(() => {
          loading = false;
        });
    },
    samples: () => runner?.samples() ?? NONE,
    status: () => ({ reach, ...(runner?.status() ?? withoutRunner(wanted, broken)) }),
    stop() {
      wanted = [];
      runner?.stop();
    },
  };
}

/** Of what was told and never read: nobody has looked at it yet. */
function withoutRunner(wanted: readonly unknown[], why: string | null): Omit<ChecksStatus, 'reach'> {
  const failing = why === null ? [] : unrun(wanted, why);
  return { count: wanted.length, failing, refused: [], untried: wanted.length - failing.length };
}

function unrun(wanted: readonly unknown[], why: string): Told[] {
  return wanted.map((one, i) => {
    const isNamed = typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string';
    return { name: isNamed ? String(one.name) : String(i + 1), why };
  });
}
