/** Does the parts of one piece of work in order; a part that fails is logged and keeps no other from its work. */
import { type Log, messageOf } from './log.ts';

/** `parts`: what to say when it fails, and what to do. Resolves when all have ended. */
export async function eachPart(
  log: Log,
  parts: readonly (readonly [whatIfItFails: string, work: () => unknown])[],
): Promise<void> {
  for (const [whatIfItFails, work] of parts) {
    try {
      await work();
    } catch (error) {
      log('error', whatIfItFails, { error: messageOf(error) });
    }
  }
}
