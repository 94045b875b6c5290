/** Imported before any schema: zod compiles parsers with `new Function` otherwise, which the policy forbids. */
import { config } from 'zod';

config({ jitless: true });
