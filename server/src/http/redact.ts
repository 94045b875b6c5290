/** Takes secrets out of a request body before it goes to the audit log; pure. */

export const REDACTED = '••••';
const SECRET_NAME = /password|passphrase|secret|token|community|privatekey|apikey|authorization/i;

/** The same value with everything below a telling name replaced; URLs lose user, password and query. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value === 'string') return redactUrl(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      SECRET_NAME.test(name) && part !== null ? REDACTED : redact(part),
    ]),
  );
}

function redactUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  const path =
    url.pathname.split('/').length > 2 ? `${url.pathname.split('/', 2).join('/')}/…` : url.pathname;
  return `${url.origin}${path}${url.search ? '?…' : ''}`;
}
