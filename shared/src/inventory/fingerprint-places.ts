/** Where agents take fingerprints at all: compiled into each agent, told to people who choose directories. */
export const FINGERPRINT_PLACES = ['/etc', '/usr/local/etc', '/opt', '/srv'] as const;

/** Below an allowed place; the agent resolves `..` before it compares. */
export function isBelowFingerprintPlace(path: string): boolean {
  return FINGERPRINT_PLACES.some((place) => path === place || path.startsWith(`${place}/`));
}
