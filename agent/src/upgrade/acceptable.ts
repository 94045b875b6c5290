/** Whether a signed release may follow what is installed. Asked twice: by the agent before it loads the files, and by root before it uses them. */
import { createPublicKey, verify } from 'node:crypto';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { readRelease, ReleaseError, type ReleaseManifest } from '@muster/shared/release/manifest.ts';

/** Checks Ed25519 signatures by this key. */
export function signedBy(key: PublicReleaseKey): (input: Uint8Array, signature: Uint8Array) => boolean {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.text }, format: 'jwk' });
  return (input, signature) => verify(null, input, publicKey, signature);
}

export interface Acceptance {
  readonly isSigned: (input: Uint8Array, signature: Uint8Array) => boolean;
  /** Whether the key is for development. */
  readonly development: boolean;
  readonly installedSerial: number;
}

/** @throws ReleaseError in words, where it may not */
export function acceptableRelease(
  bytes: Uint8Array,
  signatureText: string,
  { isSigned, development, installedSerial }: Acceptance,
): ReleaseManifest {
  const manifest = readRelease(bytes, signatureText, isSigned);
  if (manifest.development !== development)
    throw new ReleaseError(
      manifest.development
        ? 'it is a development build, and this agent is of a release'
        : 'it is a release, and this agent is a development build',
    );
  if (manifest.serial <= installedSerial)
    throw new ReleaseError(
      `release ${manifest.version} has number ${manifest.serial}, and number ${installedSerial} is installed: only a higher one is taken`,
    );
  return manifest;
}
