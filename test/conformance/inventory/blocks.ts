/** Every adapter, by expectation file and block. One line per file of `blocks/`. */
import type { Adapters } from './case.ts';

export const ADAPTERS: Adapters = {};
