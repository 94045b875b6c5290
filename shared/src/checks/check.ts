/**
 * Checks: what an agent probes from where it stands, as people set it up and as it is signed for agents. Every field is said, so that
 * what is read is all that is done. There is no kind that runs a program. An agent without checks never loads this file.
 */
import * as z from 'zod';
import { CHECKS_MAX } from '../wire/limits.ts';

export const CHECK_INTERVAL_MS_MIN = 10_000;
export const CHECK_INTERVAL_MS_MAX = 24 * 3_600_000;
export const CHECK_TIMEOUT_MS_MIN = 500;
export const CHECK_TIMEOUT_MS_MAX = 30_000;
/** A check is late rather than alone: a timeout must leave this much of the interval. */
export const CHECK_PAUSE_MS_MIN = 1_000;
export const CHECK_URL_LENGTH_MAX = 500;
export const CHECK_TEXT_LENGTH_MAX = 200;
export const CHECK_RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] as const;
const HOST_LENGTH_MAX = 253;

/** The instance of its series: at most 64 characters of at most 4 bytes. */
export const CheckName = z.string().regex(/^[^\p{C}\s](?:[^\p{C}]{0,62}[^\p{C}\s])?$/u);

/** A name as DNS has it, or an IPv4 or IPv6 address without brackets. */
const Host = z
  .string()
  .max(HOST_LENGTH_MAX)
  .regex(/^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/);
const Port = z.int().min(1).max(65_535);
const HttpStatus = z.int().min(100).max(599);

const rhythm = {
  intervalMs: z.int().min(CHECK_INTERVAL_MS_MIN).max(CHECK_INTERVAL_MS_MAX),
  /** For all of it: names, connection, answer, redirects. */
  timeoutMs: z.int().min(CHECK_TIMEOUT_MS_MIN).max(CHECK_TIMEOUT_MS_MAX),
};

/** A password in a URL would stand in every version, on the page and in the logs of whoever is asked. */
const Url = z
  .string()
  .max(CHECK_URL_LENGTH_MAX)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  });

const Kinds = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), host: Host, port: Port, ...rhythm }),
  z.strictObject({
    kind: z.literal('http'),
    url: Url,
    statusMin: HttpStatus,
    statusMax: HttpStatus,
    /** What the beginning of the body must hold; null: the body is not read. */
    contains: z.string().min(1).max(CHECK_TEXT_LENGTH_MAX).nullable(),
    followRedirects: z.boolean(),
    /** false: any certificate will do. */
    verify: z.boolean(),
    ...rhythm,
  }),
  z.strictObject({ kind: z.literal('tls'), host: Host, port: Port, verify: z.boolean(), ...rhythm }),
  z.strictObject({
    kind: z.literal('dns'),
    name: Host,
    type: z.enum(CHECK_RECORD_TYPES),
    /** One of the answers; null: any answer will do. */
    expected: z.string().min(1).max(HOST_LENGTH_MAX).nullable(),
    ...rhythm,
  }),
]);

export const Check = Kinds.refine(
  ({ intervalMs, timeoutMs }) => timeoutMs + CHECK_PAUSE_MS_MIN <= intervalMs,
  { path: ['timeoutMs'] },
).refine((check) => check.kind !== 'http' || check.statusMin <= check.statusMax, { path: ['statusMax'] });
export type Check = z.infer<typeof Check>;
export type CheckKind = Check['kind'];

/** As agents are told it. */
export const NamedCheck = z.object({ name: CheckName, check: Check });
export type NamedCheck = z.infer<typeof NamedCheck>;

/** By name; null: not here, whatever the groups before say. */
export const Checks = z
  .record(CheckName, Check.nullable())
  .refine((all) => Object.keys(all).length <= CHECKS_MAX, `at most ${CHECKS_MAX}`);

/** All of it in one line, the same in every language: `http https://intranet/ status=200-399 verify=yes … interval=60s timeout=5s`. */
export function checkLine(check: Check): string {
  const { intervalMs, timeoutMs } = check;
  return [
    check.kind,
    ...wordsOf(check),
    `interval=${intervalMs / 1_000}s`,
    `timeout=${timeoutMs / 1_000}s`,
  ].join(' ');
}

/** What is asked, in short. */
export function checkTarget(check: Check): string {
  switch (check.kind) {
    case 'tcp':
    case 'tls':
      return `${check.host.includes(':') ? `[${check.host}]` : check.host}:${check.port}`;
    case 'http':
      return check.url;
    case 'dns':
      return `${check.name} ${check.type}`;
  }
}

function wordsOf(check: Check): string[] {
  const yes = (is: boolean) => (is ? 'yes' : 'no');
  switch (check.kind) {
    case 'tcp':
      return [checkTarget(check)];
    case 'tls':
      return [checkTarget(check), `verify=${yes(check.verify)}`];
    case 'http':
      return [
        check.url,
        `status=${check.statusMin}-${check.statusMax}`,
        ...(check.contains === null ? [] : [`contains=${JSON.stringify(check.contains)}`]),
        `redirects=${yes(check.followRedirects)}`,
        `verify=${yes(check.verify)}`,
      ];
    case 'dns':
      return [checkTarget(check), ...(check.expected === null ? [] : [`expected=${check.expected}`])];
  }
}
