/** Where tests keep what releases are made of: shared by all of a run, which may ask at the same time. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type {} from '../../scripts/shared-cache.ts';
import { inject } from 'vitest';

/** In the place of a user's `~/.cache`. */
export const CACHE_HOME = inject('cacheHome');
/** Where `muster release build` keeps it there. */
export const RELEASE_CACHE = join(CACHE_HOME, 'muster/release');
mkdirSync(RELEASE_CACHE, { recursive: true });
