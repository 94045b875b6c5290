/** Lets a few jobs run at a time; the others wait their turn. */

export interface Gate {
  run<T>(job: () => Promise<T>): Promise<T>;
}

export function createGate(jobsMax: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(job) {
      if (running >= jobsMax) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await job();
      } finally {
        // The place is handed over, not freed, so that nobody new slips in before those who wait.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
