/** Packages of Debian and its kin from dpkg's status file; no program is run. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { cleanText } from '../text.ts';
import { withoutMail } from './publisher.ts';

/** The file times of package lists are looked up by the caller: 'libc6:amd64' or 'adduser'. */
export type InstallTime = (listName: string) => number | null;

/**
 * Installed packages of one status file (deb-control(5) paragraphs).
 * Fields are found by search, not by splitting: a file of 2 MB with 3,000 packages is mostly text that nobody asks for.
 */
export function parseDpkgStatus(status: string, installTime: InstallTime): SoftwarePackage[] {
  const packages: SoftwarePackage[] = [];
  let start = 0;
  while (start < status.length) {
    const gap = status.indexOf('\n\n', start);
    const end = gap === -1 ? status.length : gap + 1;
    const entry = parseParagraph(`\n${status.slice(start, end)}`, installTime);
    if (entry !== null) packages.push(entry);
    start = end + 1;
  }
  return packages;
}

function parseParagraph(paragraph: string, installTime: InstallTime): SoftwarePackage | null {
  const name = field(paragraph, 'Package');
  const version = field(paragraph, 'Version');
  if (name === null || version === null || !isInstalled(field(paragraph, 'Status'))) return null;
  const architecture = field(paragraph, 'Architecture');
  const sizeKiB = field(paragraph, 'Installed-Size');
  const multiArch = field(paragraph, 'Multi-Arch') === 'same';
  return {
    name,
    version,
    architecture,
    publisher: withoutMail(field(paragraph, 'Maintainer')),
    source: 'dpkg',
    installedAtMs: installTime(multiArch && architecture !== null ? `${name}:${architecture}` : name),
    sizeBytes: sizeKiB !== null && /^\d{1,12}$/.test(sizeKiB) ? Number(sizeKiB) * 1024 : null,
  };
}

/** The first line of a field; the paragraph starts with a line feed. */
function field(paragraph: string, name: string): string | null {
  const at = paragraph.indexOf(`\n${name}:`);
  if (at === -1) return null;
  const start = at + name.length + 2;
  const end = paragraph.indexOf('\n', start);
  return cleanText(paragraph.slice(start, end === -1 ? undefined : end));
}

/**
 * 'want flag status'; images without dpkg (status.d) leave the field out. A package in the middle of an upgrade
 * (unpacked, half-configured, waiting for triggers) is there: it must not vanish from one report.
 */
function isInstalled(status: string | null): boolean {
  return status === null || !/ (not-installed|config-files)$/.test(status);
}
