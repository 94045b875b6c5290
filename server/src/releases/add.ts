/** Puts a release where the server finds it, whole or not at all; beside a running server as well. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import {
  RELEASE_MANIFEST,
  RELEASE_SIGNATURE,
  ReleaseError,
  type ReleaseManifest,
} from '@muster/shared/release/manifest.ts';
import { verifyRelease } from '../release/folder.ts';

/**
 * Copied first and looked at afterwards: what is offered is what was found right. The same release again changes nothing.
 * @throws ReleaseError, and errors of the file system
 */
export async function addRelease(
  from: string,
  releases: string,
  key: PublicReleaseKey,
): Promise<{ manifest: ReleaseManifest; isNew: boolean }> {
  const manifest = await verifyRelease(from, key);
  const target = join(releases, String(manifest.serial));
  if (existsSync(target)) {
    const own = (name: string) => existsSync(join(target, name)) && readFileSync(join(target, name));
    const isSame = [RELEASE_MANIFEST, RELEASE_SIGNATURE].every((name) => {
      const there = own(name);
      return there !== false && there.equals(readFileSync(join(from, name)));
    });
    if (!isSame)
      throw new ReleaseError(
        `there is another release with number ${manifest.serial} already. Build this one anew with a higher --serial`,
      );
    await verifyRelease(target, key);
    return { manifest, isNew: false };
  }
  mkdirSync(releases, { recursive: true, mode: 0o700 });
  const draft = join(releases, `.draft-${manifest.serial}-${process.pid}`);
  try {
    mkdirSync(draft, { mode: 0o700 });
    for (const name of [...manifest.files.map((file) => file.name), RELEASE_MANIFEST, RELEASE_SIGNATURE])
      copyFileSync(join(from, name), join(draft, name));
    await verifyRelease(draft, key);
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { manifest, isNew: true };
}
