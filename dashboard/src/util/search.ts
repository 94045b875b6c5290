/** What the address of a page holds beside its path: filters, range, tab, sort. Bad values fall back, never fail. */
import { z } from 'zod';
import { SHOWN_PRESENCES } from '../ui/states.ts';

const text = z.string().max(128).optional().catch(undefined);

/** `-name`: descending. */
const sort = z
  .string()
  .regex(/^-?[a-z][A-Za-z]*$/)
  .optional()
  .catch(undefined);

export const SignInSearch = z.object({ next: z.string().max(2_000).optional().catch(undefined) });

export const MachinesSearch = z.object({
  /** Several, joined by commas. */
  presence: z
    .string()
    .max(128)
    .transform((value) =>
      value
        .split(',')
        .filter((each) => (SHOWN_PRESENCES as readonly string[]).includes(each))
        .join(','),
    )
    .optional()
    .catch(undefined),
  class: text,
  site: text,
  tag: text,
  q: text,
  sort,
});
export type MachinesSearch = z.infer<typeof MachinesSearch>;

export const INCIDENT_VIEWS = ['open', 'mine', 'all'] as const;
export const IncidentsSearch = z.object({
  view: z.enum(INCIDENT_VIEWS).optional().catch(undefined),
  q: text,
});

export const RANGES = ['15m', '1h', '24h', '7d', '30d', '1y'] as const;
export type RangeName = (typeof RANGES)[number];
export const LiveSearch = z.object({ range: z.enum(RANGES).optional().catch(undefined) });

export const SoftwareSearch = z.object({ q: text, sort });
export const HistorySearch = z.object({ q: text });

export const AvailabilitySearch = z.object({
  /** Calendar month, `2026-11`; missing: the present one. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .catch(undefined),
});

export const AGENT_STATES = ['connected', 'away', 'pending', 'revoked'] as const;
export const AgentsSearch = z.object({
  state: z.enum(AGENT_STATES).optional().catch(undefined),
  q: text,
  sort,
});
export type AgentsSearch = z.infer<typeof AgentsSearch>;

export const PLATFORMS = ['linux', 'windows', 'macos'] as const;
export const WizardSearch = z.object({ platform: z.enum(PLATFORMS).optional().catch(undefined) });

export function parseSort(value: string | undefined): { id: string; desc: boolean } | null {
  if (!value) return null;
  return value.startsWith('-') ? { id: value.slice(1), desc: true } : { id: value, desc: false };
}

export function printSort(value: { id: string; desc: boolean } | null): string | undefined {
  return value === null ? undefined : `${value.desc ? '-' : ''}${value.id}`;
}
