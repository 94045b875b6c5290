/** What other slices may know of a CI, held in memory and always current. */
import type { Lifecycle } from '@muster/shared/api/cmdb.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';

export interface CiEntry {
  readonly id: string;
  readonly class: string;
  readonly name: string;
  readonly lifecycle: z.infer<typeof Lifecycle>;
  readonly criticality: number;
  readonly tags: readonly string[];
  readonly site: string | null;
  readonly owner: string | null;
  readonly agentId: string | null;
  /** IANA name of the machine's time zone, null when not known. */
  readonly timeZone: string | null;
  /** When it became known. */
  readonly createdAtMs: Millis;
}

/** Only machines (computers); their parts are not listed here. */
export interface CiDirectory {
  get(id: string): CiEntry | undefined;
  all(): Iterable<CiEntry>;
  /** Called after an entry was added or changed. */
  onChange(listener: (entry: CiEntry) => void): void;
}
