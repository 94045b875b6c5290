/** Headers that every answer carries; pure. */

/**
 * Scripts, styles and connections only from this server. Charts and menus set styles through the CSSOM, which the
 * policy does not concern; there is no inline script or style.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HSTS_SECONDS = 365 * 86_400;

/** `strictTransport`: the certificate is one that browsers can check, so they may insist on it for a year. */
export function securityHeaders(strictTransport: boolean): Record<string, string> {
  return {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), geolocation=(), microphone=()',
    ...(strictTransport ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}),
  };
}
