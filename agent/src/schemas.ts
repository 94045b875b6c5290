/**
 * How all schemas of the agent work; comes before them, for they ask when they are made. Making code for each pays for those who check a
 * thousand times; here each is used seldom, and the agent's Node compiles nothing. zod/mini has no words of its own for what is wrong.
 */
import { config } from 'zod/mini';
import en from 'zod/v4/locales/en.js';

config({ ...en(), jitless: true });
