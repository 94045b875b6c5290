/** The key whose releases this agent takes as an upgrade; it was built into it. */
import { createHash } from 'node:crypto';
import { fingerprintWords, parseReleaseKey, type PublicReleaseKey } from '@muster/shared/release/key.ts';

/** Put in by the bundler (server/src/install/bundle-agent.ts); there is none where the sources run as they are. */
declare const MUSTER_RELEASE_KEY: string | null | undefined;

/** null: it takes no upgrade. */
export function builtInReleaseKey(): PublicReleaseKey | null {
  return typeof MUSTER_RELEASE_KEY === 'string' ? parseReleaseKey(MUSTER_RELEASE_KEY) : null;
}

/** For `status`. */
export function releaseKeyWords(key: PublicReleaseKey | null): string {
  if (key === null) return 'none: it was built without a release key';
  const hex = createHash('sha256').update(Buffer.from(key.text, 'base64url')).digest('hex');
  const signer = `takes upgrades signed by ${fingerprintWords(hex)}`;
  return key.development ? `development build; ${signer}` : signer;
}
