/** A target as its form holds it, and what of it is sent. Pure. */
import {
  type RemoteWriteTarget,
  SECRET_KEPT,
  type TargetAuth,
  TargetFields,
} from '@muster/shared/api/remote-write.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { labelsFrom, labelsText, listFrom } from './exchangeText.ts';

export interface TargetDraft {
  readonly name: string;
  readonly url: string;
  readonly auth: TargetAuth['kind'];
  readonly user: string;
  /** '' with `secretKept`: as it is. */
  readonly secret: string;
  readonly secretKept: boolean;
  readonly labels: string;
  readonly metrics: string;
  readonly classes: string;
  readonly enabled: boolean;
}

export const EMPTY_DRAFT: TargetDraft = {
  name: '',
  url: '',
  auth: 'none',
  user: '',
  secret: '',
  secretKept: false,
  labels: '',
  metrics: '',
  classes: '',
  enabled: true,
};

export function draftOf(target: RemoteWriteTarget): TargetDraft {
  const { auth } = target;
  return {
    name: target.name,
    url: target.url,
    auth: auth.kind,
    user: auth.kind === 'basic' ? auth.user : '',
    secret: '',
    secretKept: auth.kind !== 'none',
    labels: labelsText(target.labels),
    metrics: target.metrics.join(', '),
    classes: target.classes.join(', '),
    enabled: target.enabled,
  };
}

type Issues = readonly { readonly path: string }[];

export type WrongTarget = Partial<Record<keyof TargetDraft, Key>>;

/** What is sent, or what is wrong, field by field. */
export function bodyOf(draft: TargetDraft): { body: TargetFields } | { wrong: WrongTarget } {
  const wrong: WrongTarget = {};
  const labels = labelsFrom(draft.labels);
  if (draft.name.trim() === '') wrong.name = 'exchange.wrong.name';
  if (!TargetFields.shape.url.safeParse(draft.url.trim()).success) wrong.url = 'exchange.wrong.url';
  if (labels === null) wrong.labels = 'exchange.wrong.labels';
  if (draft.auth === 'bearer' && secretOf(draft) === '') wrong.secret = 'exchange.wrong.token';
  if (draft.auth === 'basic' && draft.user.trim() === '') wrong.user = 'exchange.wrong.user';
  if (labels === null || Object.keys(wrong).length > 0) return { wrong };
  const body = {
    name: draft.name.trim(),
    url: draft.url.trim(),
    enabled: draft.enabled,
    auth: authOf(draft),
    labels,
    metrics: listFrom(draft.metrics),
    classes: listFrom(draft.classes),
  };
  const checked = TargetFields.safeParse(body);
  return checked.success
    ? { body }
    : { wrong: wrongAt(checked.error.issues.map(({ path }) => ({ path: path.join('.') }))) };
}

/** What the server found wrong, field by field; none: it is not of a field. */
export function refusedFields(code: string, issues: Issues | undefined): WrongTarget {
  if (code === 'name-taken') return { name: 'exchange.wrong.nameTaken' };
  return code === 'input-invalid' ? wrongAt(issues ?? []) : {};
}

/** By where it stands in what is sent; the first that begins so counts. */
const WORDS: readonly (readonly [string, keyof TargetDraft, Key])[] = [
  ['name', 'name', 'exchange.wrong.name'],
  ['url', 'url', 'exchange.wrong.url'],
  ['auth.user', 'user', 'exchange.wrong.user'],
  ['auth.', 'secret', 'exchange.wrong.secretAgain'],
  ['labels', 'labels', 'exchange.wrong.labels'],
  ['metrics', 'metrics', 'exchange.wrong.metrics'],
  ['classes', 'classes', 'exchange.wrong.classes'],
];

function wrongAt(issues: Issues): WrongTarget {
  const wrong: WrongTarget = {};
  for (const { path } of issues) {
    const plain = path.replace(/^body\./, '');
    const found = WORDS.find(([begin]) => plain.startsWith(begin));
    if (found) wrong[found[1]] = found[2];
  }
  return wrong;
}

function secretOf({ secret, secretKept }: TargetDraft): string {
  return secret === '' && secretKept ? SECRET_KEPT : secret;
}

function authOf(draft: TargetDraft): TargetAuth {
  if (draft.auth === 'none') return { kind: 'none' };
  if (draft.auth === 'bearer') return { kind: 'bearer', token: secretOf(draft) };
  return { kind: 'basic', user: draft.user.trim(), password: secretOf(draft) };
}
