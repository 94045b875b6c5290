/** A process that uses much, as agents report it and browsers read it: a file of its own, for pages need no more of the wire. */
import * as z from 'zod';

export const TopProcess = z.object({
  pid: z.int().min(0),
  name: z.string().max(64),
  user: z.string().max(64),
  /** Share of one CPU, 0 to 100 × cores. */
  cpuPercent: z.number().min(0),
  residentBytes: z.number().min(0),
  /** null where the agent may not read it. */
  readBytesPerSecond: z.number().min(0).nullable(),
  writtenBytesPerSecond: z.number().min(0).nullable(),
});
export type TopProcess = z.infer<typeof TopProcess>;
