/** Makes collected data fit its schema: what is too long is cut, what is wrong is an error. */
import type { z } from 'zod';

export type Fitted<T> =
  | {
      readonly ok: true;
      readonly data: T /** Lists were cut: items are missing. */;
      readonly listsCut: boolean;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Cutting can bring no new violation, so a second look is enough; the third says so. */
const ATTEMPTS_MAX = 3;

export function fitToSchema<T>(schema: z.ZodType<T>, data: unknown): Fitted<T> {
  const first = schema.safeParse(data);
  if (first.success) return { ok: true, data: first.data, listsCut: false };
  return cutToSchema(schema, structuredClone(data), first.error.issues);
}

function cutToSchema<T>(schema: z.ZodType<T>, copy: unknown, firstIssues: readonly Issue[]): Fitted<T> {
  let issues = firstIssues;
  let listsCut = false;
  for (let attempt = 1; attempt < ATTEMPTS_MAX && issues.every(isTooLong); attempt++) {
    for (const issue of issues.filter(isTooLong)) {
      cut(copy, issue.path, Number(issue.maximum));
      listsCut ||= issue.origin === 'array';
    }
    const result = schema.safeParse(copy);
    if (result.success) return { ok: true, data: result.data, listsCut };
    issues = result.error.issues;
  }
  return { ok: false, problems: issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
}

type Issue = z.core.$ZodIssue;

function isTooLong(issue: Issue): issue is Extract<Issue, { code: 'too_big' }> {
  return issue.code === 'too_big' && (issue.origin === 'string' || issue.origin === 'array');
}

function cut(root: unknown, path: readonly PropertyKey[], lengthMax: number): void {
  const key = path[path.length - 1];
  const holder = path.slice(0, -1).reduce<unknown>((value, part) => read(value, part), root);
  if (key === undefined || holder === null || typeof holder !== 'object') return;
  const value = read(holder, key);
  if (typeof value === 'string') Reflect.set(holder, key, cutText(value, lengthMax));
  else if (Array.isArray(value)) value.length = lengthMax;
}

function read(value: unknown, key: PropertyKey): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined;
}

/** Never in the middle of a surrogate pair. */
function cutText(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, '');
}
