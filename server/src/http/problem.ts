/** Errors as RFC 9457 problem details; pure. */
import type { Problem } from '@muster/shared/api/endpoint.ts';
import { toIso } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { AppError, ERRORS } from '../errors.ts';
import { ERRORS_PATH, OPENAPI_PATH } from './error-texts.ts';

/** Issues listed at most; the first ones say enough. */
const ISSUES_MAX = 20;

/** A path that no operation has: nothing was deleted there. */
export function addressUnknown(path: string): AppError {
  return new AppError('not-found', `There is nothing at ${path}.`, {
    hint: `Check the address for a slip; ${OPENAPI_PATH} lists every operation with its address.`,
  });
}

/** What a request is answered when `error` was thrown. Unforeseen ones name only the request, never themselves. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof AppError) return expected(error);
  if (isDiskFull(error)) return expected(new AppError('storage-full', 'Nothing could be written.'));
  return expected(
    new AppError('server-error', `Request ${requestId} failed; the server log has the reason.`),
  );
}

/** Whether `problemOf` keeps the reason to itself, so that it must be in the log. */
export function isUnforeseen(error: unknown): boolean {
  return !(error instanceof AppError) || ERRORS[error.code].status >= 500;
}

/** `part` is 'params', 'query' or 'body'. */
export function inputInvalid(part: string, error: z.ZodError): AppError {
  const issues = error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
  const first = issues[0];
  return new AppError(
    'input-invalid',
    first ? `${first.path}: ${first.message}` : `The ${part} is not valid.`,
    {
      issues,
    },
  );
}

function expected(error: AppError): Problem {
  const { status, title } = ERRORS[error.code];
  return {
    type: `${ERRORS_PATH}/${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    ...(error.issues === undefined ? {} : { issues: [...error.issues] }),
    ...(error.retryAtMs === undefined ? {} : { retryAt: toIso(error.retryAtMs) }),
  };
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT';
}
