/** What goes wrong in a simulated fleet, and when. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const FaultSchema = z.object({
  /** cpu-burn, memory-leak, disk-full: readings; offline: the connection is cut while the machine goes on; shutdown: a last gasp, then silence. */
  kind: z.enum(['cpu-burn', 'memory-leak', 'disk-full', 'offline', 'shutdown']),
  /** First and last index of the machines. */
  agents: z.tuple([z.int().min(0), z.int().min(0)]),
  /** Seconds since the start. */
  fromS: z.number().min(0),
  toS: z.number().min(0),
});
export type Fault = z.infer<typeof FaultSchema>;

const ScenarioSchema = z.object({ faults: z.array(FaultSchema).max(1_000).default([]) });
export type Scenario = z.infer<typeof ScenarioSchema>;

/** @throws Error that names the file and what is wrong with it. */
export function readScenario(file: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(
      `scenario ${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const parsed = ScenarioSchema.safeParse(json);
  if (!parsed.success) throw new Error(`scenario ${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
