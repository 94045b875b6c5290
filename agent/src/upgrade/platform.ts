/** This machine's platform as releases name it. */
import { arch, platform } from 'node:process';
import { type Platform, PLATFORMS } from '@muster/shared/release/manifest.ts';

/** Names of platforms in Node, where they are not those of a release. */
const NAMES: Readonly<Record<string, string>> = { win32: 'win' };

/** null: there are no releases for it. */
export function thisPlatform(): Platform | null {
  const name = `${NAMES[platform] ?? platform}-${arch}`;
  return PLATFORMS.find((one) => one === name) ?? null;
}
