/** How V8 keeps the server's memory. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 puts what a busy hour saw live long into the old generation at once, for ever. A frame lives until the disk has it, and what
 * died there kept the next frames alive: the whole heap was marked twice as often (docs/decisions/021-old-generation.md).
 */
export const V8_FLAG = '--no-allocation-site-pretenuring';

/** Before anything else runs: what is decided by then stays. */
export function setUpV8(): void {
  setFlagsFromString(V8_FLAG);
}
