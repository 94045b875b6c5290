/** Where a sign-in may lead back to. */

const SIGN_IN = '/sign-in';

/** An address of this dashboard, never another site's; the overview where it is none. */
export function safeReturn(address: unknown): string {
  const inside = typeof address === 'string' && /^\/(?![/\\])/.test(address);
  return inside && !address.startsWith(SIGN_IN) ? address : '/';
}
