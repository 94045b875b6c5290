/** `muster-agent upgrade`: puts a release in place of the installed one, from a folder. As root, by the script of that name. */
import { createPublicKey, verify } from 'node:crypto';
import { resolve } from 'node:path';
import { arch, platform } from 'node:process';
import { Platform, ReleaseError } from '@muster/shared/release/manifest.ts';
import { builtInReleaseKey } from '../release-key.ts';
import { prepareUpgrade } from './put-in-place.ts';

/** Time for a new version to connect and be heard. */
export const TRIAL_SECONDS_DEFAULT = 300;

/** Node's names of platforms, where they are not those of a release. */
const NAMES: Readonly<Record<string, string>> = { win32: 'win' };

export interface UpgradeCommand {
  readonly from: string;
  readonly installFolder: string;
  readonly trialSeconds: number;
}

/** @returns number and version of what is on trial now @throws ReleaseError */
export async function upgrade({ from, installFolder, trialSeconds }: UpgradeCommand): Promise<string> {
  const key = builtInReleaseKey();
  if (key === null)
    throw new ReleaseError(
      'this agent was built without a release key and takes no upgrade; install it again with the line from "Add a machine"',
    );
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.text }, format: 'jwk' });
  process.umask(0o022);
  const { manifest, steps } = await prepareUpgrade({
    from: resolve(from),
    installFolder,
    platform: Platform.parse(`${NAMES[platform] ?? platform}-${arch}`),
    isSigned: (input, signature) => verify(null, input, publicKey, signature),
    trialSeconds,
  });
  for (const step of steps) step();
  return `${manifest.serial} ${manifest.version}`;
}
