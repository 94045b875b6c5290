/** What the addresses of the pages of access hold. */
import { z } from 'zod';

export const SignInSearch = z.object({ next: z.string().max(2_000).optional().catch(undefined) });
