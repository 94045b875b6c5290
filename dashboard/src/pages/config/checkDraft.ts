/** A check as it is typed, and what is wrong with it. Pure. */
import { Check, type CheckKind, CheckName } from '@muster/shared/checks/check.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';

/** Every field of every kind, so that nothing typed is lost when the kind is changed. Numbers as they are typed. */
export interface CheckDraft {
  readonly name: string;
  readonly kind: CheckKind;
  readonly host: string;
  readonly port: string;
  readonly url: string;
  readonly statusMin: string;
  readonly statusMax: string;
  readonly contains: string;
  readonly followRedirects: boolean;
  readonly verify: boolean;
  readonly record: string;
  readonly type: Extract<Check, { kind: 'dns' }>['type'];
  readonly expected: string;
  readonly intervalMs: number;
  readonly timeoutSeconds: string;
}
export type CheckField = keyof CheckDraft;

export const CHECK_KINDS = ['http', 'tcp', 'tls', 'dns'] as const satisfies readonly CheckKind[];

export const NEW_CHECK: CheckDraft = {
  name: '',
  kind: 'http',
  host: '',
  port: '443',
  url: 'https://',
  statusMin: '200',
  statusMax: '399',
  contains: '',
  followRedirects: false,
  verify: true,
  record: '',
  type: 'A',
  expected: '',
  intervalMs: MINUTE_MS,
  timeoutSeconds: '5',
};

export function draftOf(name: string, check: Check): CheckDraft {
  const { intervalMs, timeoutMs } = check;
  const base = { ...NEW_CHECK, name, intervalMs, timeoutSeconds: String(timeoutMs / SECOND_MS) };
  switch (check.kind) {
    case 'tcp':
      return { ...base, kind: 'tcp', host: check.host, port: String(check.port) };
    case 'tls':
      return { ...base, kind: 'tls', host: check.host, port: String(check.port), verify: check.verify };
    case 'http':
      return {
        ...base,
        kind: 'http',
        url: check.url,
        statusMin: String(check.statusMin),
        statusMax: String(check.statusMax),
        contains: check.contains ?? '',
        followRedirects: check.followRedirects,
        verify: check.verify,
      };
    case 'dns':
      return { ...base, kind: 'dns', record: check.name, type: check.type, expected: check.expected ?? '' };
  }
}

/** The check, or the fields that are not right. @param taken names of the other checks of the group */
export function checkOf(
  draft: CheckDraft,
  taken: readonly string[],
): { readonly name: string; readonly check: Check } | { readonly wrong: ReadonlySet<CheckField> } {
  const name = draft.name.trim();
  const read = Check.safeParse(candidate(draft));
  const wrong = new Set<CheckField>(
    read.success ? [] : read.error.issues.map(({ path: [field] }) => fieldOf(draft.kind, String(field))),
  );
  if (!CheckName.safeParse(name).success || taken.includes(name)) wrong.add('name');
  return read.success && wrong.size === 0 ? { name, check: read.data } : { wrong };
}

function candidate(draft: CheckDraft): Record<string, unknown> {
  const { kind, verify } = draft;
  const rhythm = {
    intervalMs: draft.intervalMs,
    timeoutMs: Math.round(numberOf(draft.timeoutSeconds) * SECOND_MS),
  };
  const place = { host: draft.host.trim(), port: numberOf(draft.port) };
  switch (kind) {
    case 'tcp':
      return { kind, ...place, ...rhythm };
    case 'tls':
      return { kind, ...place, verify, ...rhythm };
    case 'http':
      return {
        kind,
        url: draft.url.trim(),
        statusMin: numberOf(draft.statusMin),
        statusMax: numberOf(draft.statusMax),
        contains: draft.contains === '' ? null : draft.contains,
        followRedirects: draft.followRedirects,
        verify,
        ...rhythm,
      };
    case 'dns':
      return {
        kind,
        name: draft.record.trim(),
        type: draft.type,
        expected: draft.expected.trim() === '' ? null : draft.expected.trim(),
        ...rhythm,
      };
  }
}

/** Nothing typed is no number. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function fieldOf(kind: CheckKind, field: string): CheckField {
  if (field === 'timeoutMs') return 'timeoutSeconds';
  if (field === 'name' && kind === 'dns') return 'record';
  return field as CheckField;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Every agent of the group would ask the machine that it is on, which is done only where the owner of that machine allows it. */
export function asksItself({ kind, host, url }: Pick<CheckDraft, 'kind' | 'host' | 'url'>): boolean {
  if (kind === 'dns') return false;
  if (kind !== 'http') return LOOPBACK.test(host.trim());
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}
