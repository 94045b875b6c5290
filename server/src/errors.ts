/** The catalogue of error codes: HTTP status, title and what the caller can do. `http/error-texts.ts` serves it as text. */

import type { Millis } from '@muster/shared/time.ts';

export const ERRORS = {
  'input-invalid': {
    status: 400,
    title: 'The request is not of the expected form',
    hint: 'See `issues` for each field, and /api/v1/openapi.json for the form.',
  },
  'body-too-large': {
    status: 413,
    title: 'The request body is too large',
    hint: 'Send less in one request.',
  },
  'not-signed-in': {
    status: 401,
    title: 'Nobody is signed in',
    hint: 'Send `Authorization: Bearer TOKEN`, with a token that is made in the dashboard under Settings, API tokens; or sign in: POST /api/v1/session with `name` and `password`. `type` leads to an example with curl.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'Name and password do not match',
    hint: 'Check both; the password of the first start is printed on the server console once.',
  },
  'sign-in-locked': {
    status: 429,
    title: 'Too many failed attempts',
    hint: 'Wait until the time named in `detail`, or ask an administrator.',
  },
  forbidden: {
    status: 403,
    title: 'This role may not do that',
    hint: 'Ask an administrator for a role that may.',
  },
  'cross-site': {
    status: 403,
    title: 'The request came from another site',
    hint: 'Open the dashboard at its own address.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    hint: 'It may have been deleted or merged; look it up in the list.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not offered here',
    hint: 'See /api/v1/openapi.json.',
  },
  conflict: { status: 409, title: 'The thing has changed meanwhile', hint: 'Load it again and repeat.' },
  'transition-not-allowed': {
    status: 409,
    title: 'This step is not possible from the present state',
    hint: 'See `detail` for the steps that are.',
  },
  'cause-missing': {
    status: 422,
    title: 'An unplanned outage closes only with cause and action',
    hint: 'Send `cause` and `action`.',
  },
  'views-full': {
    status: 409,
    title: 'No more views can be kept',
    hint: 'Delete one that is not used any more.',
  },
  'intake-full': {
    status: 409,
    title: 'No more intake sites can be made',
    hint: 'Revoke one that is not used any more.',
  },
  'form-unknown': {
    status: 415,
    title: 'This form of the body is not understood',
    hint: 'See `detail` for the form that is.',
  },
  'release-key-missing': {
    status: 409,
    title: 'This server has no release key',
    hint: 'Start it with MUSTER_RELEASE_KEY=FILE.pub; docs/RELEASES.md says how such a key is made.',
  },
  'release-in-use': {
    status: 409,
    title: 'The release is in use',
    hint: 'Stop its rollout first, or wait until it is done.',
  },
  'rollout-active': {
    status: 409,
    title: 'Another rollout is under way',
    hint: 'Stop it or roll it back first, or wait until it is done.',
  },
  'nobody-to-upgrade': {
    status: 422,
    title: 'No agent would take part',
    hint: 'The preview says why agents are left out.',
  },
  'mappings-full': {
    status: 409,
    title: 'No more mappings can be kept',
    hint: 'Delete one that is not used any more.',
  },
  'write-targets-full': {
    status: 409,
    title: 'No more targets can be kept',
    hint: 'Remove one that is not used any more.',
  },
  'rule-in-use': {
    status: 409,
    title: 'Another rule stands on this one',
    hint: 'See `detail` for which; change that one first.',
  },
  'rules-full': {
    status: 409,
    title: 'No more rules can be kept',
    hint: 'Delete one that is not used any more.',
  },
  'name-taken': { status: 409, title: 'The name is in use', hint: 'Choose another.' },
  'asset-number-taken': {
    status: 409,
    title: 'Another configuration item has this asset number',
    hint: '`detail` names it; give another number, or none for the next free one.',
  },
  'file-unreadable': {
    status: 422,
    title: 'The file cannot be read',
    hint: 'Send a CSV or XLSX file with a line of headings.',
  },
  'clear-level-invalid': {
    status: 422,
    title: 'The clear level is on the wrong side of the level',
    hint: 'For "above" it must be below the level, for "below" above it.',
  },
  'metric-unknown': {
    status: 422,
    title: 'There is no such metric',
    hint: 'See GET /api/v1/metrics/catalogue.',
  },
  'range-invalid': {
    status: 422,
    title: 'The time range is empty or backwards',
    hint: '`from` must be before `to`.',
  },
  'question-too-large': {
    status: 422,
    title: 'The question asks for too much at once',
    hint: 'See `detail` for the limit; ask for fewer points, machines or groups.',
  },
  'last-administrator': {
    status: 409,
    title: 'The last administrator cannot be removed',
    hint: 'Make somebody else administrator first.',
  },
  'own-account': {
    status: 409,
    title: 'Nobody changes the own role, locks or disables the own account',
    hint: 'Ask another administrator; your own password is changed under My account.',
  },
  'server-error': {
    status: 500,
    title: 'The server failed',
    hint: 'Try again; if it stays, quote the code in `detail` with the server log.',
  },
  busy: { status: 503, title: 'Too much of this is going on', hint: 'Try again in a few seconds.' },
  'server-starting': { status: 503, title: 'The server is not ready', hint: 'Try again in a few seconds.' },
  'storage-full': {
    status: 507,
    title: 'The disk of the server is full',
    hint: 'Free space in the data directory.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;
export type ErrorCode = keyof typeof ERRORS;

/** An expected failure, by code. `detail` names the thing and what happened to it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly issues: readonly { path: string; message: string }[] | undefined;
  /** From when on the same request may succeed. */
  readonly retryAtMs: Millis | undefined;
  /** What to do. */
  readonly hint: string;

  constructor(
    code: ErrorCode,
    detail: string,
    options?: {
      cause?: unknown;
      issues?: readonly { path: string; message: string }[];
      retryAtMs?: Millis;
      /** Instead of that of the code. */
      hint?: string;
    },
  ) {
    super(detail, options);
    this.code = code;
    this.issues = options?.issues;
    this.retryAtMs = options?.retryAtMs;
    this.hint = options?.hint ?? ERRORS[code].hint;
  }
}
