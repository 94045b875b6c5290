/** All words of both languages at once, as tests want them. */
import { catalogue as enFirst } from './en.ts';
import { catalogue as enRest } from './en-rest.ts';
import { catalogue as zhFirst } from './zh.ts';
import { catalogue as zhRest } from './zh-rest.ts';

export const en = { ...enFirst, ...enRest };
export const zh = { ...zhFirst, ...zhRest };
