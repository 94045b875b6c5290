/** One run of several: what fails is told and left out, the others count. */
import { cleanUp as cleanUpServers } from '../../e2e/harness.ts';
import { cleanUp } from './children.ts';
import type { Bench } from './figure.ts';

/** Nothing else may be running: what a failed run leaves behind is ended. @returns null where it failed; `failures` says why */
export async function attempt<T>(
  bench: Bench,
  failures: string[],
  what: string,
  run: () => Promise<T>,
): Promise<T | null> {
  bench.say(what);
  try {
    return await run();
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n');
    failures.push(`${what}: ${first}`);
    bench.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await cleanUp();
    await cleanUpServers();
    return null;
  }
}
