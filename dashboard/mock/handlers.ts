/** The form of what an area of the mock gives. */
import type { z } from 'zod';
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import type { ENDPOINTS } from '@muster/shared/api/endpoints.ts';

type Input<E> =
  E extends Endpoint<infer P, infer Q, infer B, z.ZodType>
    ? { params: z.output<P>; query: z.output<Q>; body: z.output<B> }
    : never;
/** Answers of the mock by endpoint; each area of `areas/` gives its own. */
export type Handlers = {
  [K in keyof typeof ENDPOINTS]?: (
    input: Input<(typeof ENDPOINTS)[K]>,
  ) => z.input<(typeof ENDPOINTS)[K]['response']>;
};
