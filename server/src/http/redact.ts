/** Takes secrets, and most of long lists, out of a request body before it goes to the audit log; pure. */

export const REDACTED = '••••';
const SECRET_NAME = /password|passphrase|secret|token|community|privatekey|apikey|authorization/i;

/** Items kept of a list: an entry stays readable, and a page of entries small, when thousands of machines are changed at once. */
export const LIST_ITEMS_MAX = 32;

/** The same value with everything below a telling name replaced, and long lists cut; URLs lose user, password and query. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return cut(value).map(redact);
  if (typeof value === 'string') return redactUrl(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      SECRET_NAME.test(name) && part !== null ? REDACTED : redact(part),
    ]),
  );
}

function cut(list: readonly unknown[]): readonly unknown[] {
  const more = list.length - LIST_ITEMS_MAX;
  return more > 0 ? [...list.slice(0, LIST_ITEMS_MAX), `… ${more} more`] : list;
}

function redactUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  const path =
    url.pathname.split('/').length > 2 ? `${url.pathname.split('/', 2).join('/')}/…` : url.pathname;
  return `${url.origin}${path}${url.search ? '?…' : ''}`;
}
