/** A release that is signed as it should be, and does not work. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@muster/server/fleet/signature.ts';
import { signRelease } from '@muster/server/release/folder.ts';
import { readPrivateReleaseKey } from '@muster/server/release/keys.ts';
import { RELEASE_MANIFEST, ReleaseManifest } from '@muster/shared/release/manifest.ts';

/** Ends nothing and connects nowhere; takes no word either. */
export const HANGS = 'setInterval(() => undefined, 1_000);';
export const CRASHES = 'throw new Error("a broken build");';

export interface BrokenRelease {
  /** Folder of a whole release. */
  readonly from: string;
  readonly to: string;
  readonly serial: number;
  readonly script: string;
  /** File of the private key. */
  readonly key: string;
}

/** The release with another script and number; `broken-SERIAL` is its version. */
export async function makeBrokenRelease({ from, to, serial, script, key }: BrokenRelease): Promise<void> {
  cpSync(from, to, { recursive: true });
  const path = join(to, RELEASE_MANIFEST);
  const manifest = ReleaseManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(join(to, 'agent.mjs'), script);
  const files = manifest.files.map((file) =>
    file.kind === 'agent'
      ? { ...file, bytes: Buffer.byteLength(script), sha256: sha256(script).toString('hex') }
      : file,
  );
  writeFileSync(path, JSON.stringify({ ...manifest, serial, version: `broken-${serial}`, files }));
  await signRelease(to, readPrivateReleaseKey(key));
}
