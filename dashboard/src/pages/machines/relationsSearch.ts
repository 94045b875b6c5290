/** What the address of the relations holds: how far, around what, as what. */
import { z } from 'zod';
import { searchChoice } from '../../util/search.ts';

const CI_ID_LENGTH_MAX = 64;

export const RELATION_STEPS = ['1', '2', '3'] as const;
export const RelationsSearch = z.object({
  /** How far from the node. */
  steps: searchChoice(RELATION_STEPS),
  /** The CI in the middle; missing: the machine. */
  node: z.string().max(CI_ID_LENGTH_MAX).optional().catch(undefined),
  as: searchChoice(['picture', 'list']),
});
export type RelationsSearch = z.infer<typeof RelationsSearch>;
