/** The version of a release as package managers compare them; pure. */
import type { ReleaseManifest } from '@muster/shared/release/manifest.ts';

export interface PackageVersion {
  /** Letters, digits, dots and tildes; begins with a digit. */
  readonly version: string;
  /** The number of the release, which only rises. */
  readonly release: string;
}

/**
 * `1.2.0-beta.1+0a1b` with number 12 is `1.2.0~beta.1` and `12`: a tilde comes before the end in dpkg and rpm, as a hyphen does in
 * semantic versions.
 * @throws Error where the version does not begin with a digit
 */
export function packageVersion({
  version,
  serial,
}: Pick<ReleaseManifest, 'version' | 'serial'>): PackageVersion {
  const [base = ''] = version.split('+');
  if (!/^\d/.test(base))
    throw new Error(`packages need a version that begins with a digit, such as 1.2.0, not ${version}`);
  return { version: base.replaceAll('-', '~'), release: String(serial) };
}
