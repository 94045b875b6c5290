/** A delivery that is not taken: by code, with what a person reads. Codes and words: shared/src/api/intake.ts. */
import type { IntakeRefusalCode } from '@muster/shared/api/intake.ts';

/** HTTP status of each refusal. */
export const REFUSAL_STATUS = {
  'body-too-large': 413,
  'inflated-too-large': 413,
  'body-empty': 400,
  'encoding-broken': 400,
  'xml-broken': 400,
  'xml-doctype': 400,
  'xml-too-large': 413,
  'json-broken': 400,
  'json-too-deep': 413,
  'message-unknown': 400,
  'section-too-long': 413,
  'partial-unknown': 409,
  'nothing-known': 422,
  'class-not-served': 422,
  'report-invalid': 422,
  busy: 503,
  'server-error': 500,
} as const satisfies Record<IntakeRefusalCode, number>;

/** `detail` says what was found, in English; never a piece of the body. */
export class IntakeRefusal extends Error {
  override readonly name = 'IntakeRefusal';
  readonly code: IntakeRefusalCode;

  constructor(code: IntakeRefusalCode, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.code = code;
  }
}
