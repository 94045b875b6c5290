/** What every notification channel is: a folder that sends one message by its own configuration. */
import type { ChannelConfig } from '@muster/shared/api/operations.ts';
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';

export type NotificationEvent =
  | 'opened'
  | 'priority'
  | 'reopened'
  | 'resolved'
  | 'unclaimed'
  | 'reminded'
  | 'test';

/** One message, complete: a channel only brings it into its own form. */
export interface Notification {
  readonly id: string;
  readonly event: NotificationEvent;
  readonly atMs: Millis;
  readonly language: Language;
  /** One line. */
  readonly subject: string;
  /** Plain text, lines parted by \n. */
  readonly text: string;
  /** Facts for machines; null for a test. */
  readonly incident: {
    readonly id: string;
    readonly ref: string;
    readonly state: string;
    readonly priority: number;
    readonly title: string;
    readonly why: string;
    readonly ciId: string | null;
    readonly ciName: string | null;
    readonly openedAt: string;
    readonly url: string | null;
  } | null;
}

/** The answer of the other end in one line: kept in the delivery log. */
export interface DeliveryAnswer {
  readonly ok: boolean;
  readonly answer: string;
}

export interface Channel<Kind extends ChannelConfig['kind']> {
  readonly kind: Kind;
  /** Never throws: whatever goes wrong is the answer. Gives up after SEND_MS_MAX. */
  send(config: Extract<ChannelConfig, { kind: Kind }>, notification: Notification): Promise<DeliveryAnswer>;
}

export const SEND_MS_MAX = 15_000;
export const ANSWER_CHARACTERS_MAX = 300;

export function answerLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > ANSWER_CHARACTERS_MAX ? `${line.slice(0, ANSWER_CHARACTERS_MAX - 1)}…` : line;
}

/** Of an answer no more is read than this: the other end may send without end. */
const ANSWER_BYTES_MAX = 4 << 10;

/** The beginning of a body, as one line. */
export async function answerOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= ANSWER_BYTES_MAX) break;
  }
  return answerLine(Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString());
}

/** Message of an error and of what caused it. Where a name has several addresses, of each attempt. */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return answerLine(String(error));
  if (error instanceof AggregateError && error.message === '')
    return answerLine(error.errors.map(errorLine).join('; '));
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return answerLine(`${error.message}${cause}`);
}
