/** Packages of Red Hat, SUSE and their kin, as `rpm -qa` prints them. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { cleanText, knownTime } from '../text.ts';
import { withoutMail } from './publisher.ts';

/** Tabs between, because no field may hold one. */
export const RPM_ARGUMENTS = [
  '-qa',
  '--qf',
  '%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\t%{SIZE}\\t%{INSTALLTIME}\\n',
] as const;

export function parseRpmList(output: string): SoftwarePackage[] {
  return output.split('\n').flatMap((line) => {
    const [name, epoch, version, release, architecture, vendor, size, installTime] = line.split('\t');
    // Signing keys lie in the same database and are no software.
    if (name === undefined || version === undefined || release === undefined || name === 'gpg-pubkey')
      return [];
    const prefix = told(epoch) === null || epoch === '0' ? '' : `${epoch}:`;
    return [
      {
        name,
        version: `${prefix}${version}-${release}`,
        architecture: told(architecture),
        publisher: withoutMail(told(vendor)),
        source: 'rpm' as const,
        installedAtMs: knownTime(number(installTime, SECOND_MS)),
        sizeBytes: number(size, 1),
      },
    ];
  });
}

function told(value: string | undefined): string | null {
  return value === '(none)' ? null : cleanText(value);
}

function number(value: string | undefined, factor: number): number | null {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) * factor : null;
}
