/** A release as a folder: signing it, and finding out whether all of it is as it was signed. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import {
  readRelease,
  RELEASE_MANIFEST,
  RELEASE_SIGNATURE,
  ReleaseError,
  releaseInput,
  ReleaseManifest,
} from '@muster/shared/release/manifest.ts';
import { signedBy } from '../fleet/signature.ts';
import { publicHalf } from './keys.ts';

/** Files of a release that its manifest does not list. */
const NOT_LISTED: ReadonlySet<string> = new Set([RELEASE_MANIFEST, RELEASE_SIGNATURE]);

/**
 * Signs the manifest, after its files were held against it. Signed again by the same key it is the same signature.
 * @throws ReleaseError
 */
export async function signRelease(folder: string, privateKey: KeyObject): Promise<ReleaseManifest> {
  const bytes = manifestBytes(folder);
  const manifest = ReleaseManifest.parse(JSON.parse(bytes.toString('utf8')));
  const faults = await faultsOf(folder, manifest);
  if (faults.length > 0) throw new ReleaseError(faults.join('\n'));
  const signer = publicHalf(privateKey, manifest.development);
  if (signer.text !== manifest.key)
    throw new ReleaseError(
      'this key is not the one that is built into the agent of this release, which would take no upgrade by it: build it with the public half of this key',
    );
  const signature = sign(null, releaseInput(bytes), privateKey).toString('base64');
  // What is written must be what agents take.
  readRelease(bytes, signature, isSignedBy(signer));
  writeFileSync(join(folder, RELEASE_SIGNATURE), `${signature}\n`, { flush: true });
  return manifest;
}

/**
 * The manifest of a release that is whole and signed by this key.
 * @throws ReleaseError with a line for each thing that is wrong
 */
export async function verifyRelease(folder: string, key: PublicReleaseKey): Promise<ReleaseManifest> {
  const manifest = believedRelease(folder, key);
  const faults = await faultsOf(folder, manifest);
  if (faults.length > 0) throw new ReleaseError(faults.join('\n'));
  return manifest;
}

/** The manifest of a release that is signed by this key; its files are not looked at. @throws ReleaseError */
export function believedRelease(folder: string, key: PublicReleaseKey): ReleaseManifest {
  const bytes = manifestBytes(folder);
  const path = join(folder, RELEASE_SIGNATURE);
  if (!existsSync(path)) throw new ReleaseError(`${RELEASE_SIGNATURE} is missing: the release is not signed`);
  const manifest = readRelease(bytes, readFileSync(path, 'utf8'), isSignedBy(key));
  if (manifest.development !== key.development)
    throw new ReleaseError(
      manifest.development
        ? 'it is a development build, and the key is for releases'
        : 'it is no development build, and the key is for development',
    );
  return manifest;
}

function isSignedBy({ text }: PublicReleaseKey) {
  const raw = Buffer.from(text, 'base64url');
  return (input: Uint8Array, signature: Uint8Array) => signedBy(raw, input, signature);
}

function manifestBytes(folder: string): Buffer {
  const path = join(folder, RELEASE_MANIFEST);
  if (!existsSync(path)) throw new ReleaseError(`there is no ${RELEASE_MANIFEST}`);
  return readFileSync(path);
}

async function faultsOf(folder: string, { files }: ReleaseManifest): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, bytes, sha256 } of files) {
    const path = join(folder, name);
    if (!existsSync(path)) faults.push(`${name} is missing`);
    else if (statSync(path).size !== bytes || (await sha256Of(path)) !== sha256)
      faults.push(`${name} was changed`);
  }
  const listed = new Set(files.map(({ name }) => name));
  for (const name of readdirSync(folder))
    if (!NOT_LISTED.has(name) && !listed.has(name)) faults.push(`${name} does not belong to it`);
  return faults;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
