/** Work that follows from something that is done already: in order, behind it, and a failure is logged and stops nothing else. */
import { type Log, messageOf } from './log.ts';

export interface Background {
  run(whatIfItFails: string, work: () => Promise<unknown>): void;
  /** Resolves when everything that was handed over so far has ended. */
  settled(): Promise<void>;
}

export function createBackground(log: Log): Background {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(whatIfItFails, work) {
      last = last
        .then(work)
        .catch((error: unknown) => log('error', whatIfItFails, { error: messageOf(error) }));
    },
    settled: async () => void (await last),
  };
}
