/** The answer of a mail or web server in words that say what to do; the answer itself stands beside them. Pure. */
import type { Key } from '../../i18n/catalogue.ts';

/** The first that fits counts. */
const FAILURES: readonly (readonly [RegExp, Key])[] = [
  [/link-local/, 'settings.notify.why.linkLocal'],
  [/switched off/, 'settings.notify.why.switchedOff'],
  [/was deleted/, 'settings.notify.why.deleted'],
  [/bad port/, 'settings.notify.why.badPort'],
  [/ECONNREFUSED/, 'settings.notify.why.refused'],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo/, 'settings.notify.why.unknownName'],
  [/ETIMEDOUT|timed? ?out|timeout|did not finish/i, 'settings.notify.why.timeout'],
  [/EHOSTUNREACH|ENETUNREACH/, 'settings.notify.why.unreachable'],
  [/ECONNRESET|socket (hang up|disconnected)|other side closed/i, 'settings.notify.why.closed'],
  [/certificate|self.signed|CERT_|altnames/i, 'settings.notify.why.certificate'],
  [/wrong version number|EPROTO|SSL|STARTTLS/i, 'settings.notify.why.tls'],
  [/^HTTP 30\d/, 'settings.notify.why.redirect'],
  [/^HTTP 40[13]/, 'settings.notify.why.forbidden'],
  [/^HTTP 404/, 'settings.notify.why.notFound'],
  [/^HTTP 429/, 'settings.notify.why.tooMany'],
  [/^HTTP 5\d\d/, 'settings.notify.why.theirFault'],
  [/^HTTP 4\d\d/, 'settings.notify.why.notAccepted'],
  [/\b53[045]\b|Invalid login|EAUTH/i, 'settings.notify.why.login'],
  [/\b55[034]\b|rejected|relay/i, 'settings.notify.why.recipient'],
];

/** undefined: an answer that says enough itself. */
export function failureWords(answer: string): Key | undefined {
  return FAILURES.find(([pattern]) => pattern.test(answer))?.[1];
}
