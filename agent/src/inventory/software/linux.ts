/** Installed software of a Linux machine, from every package manager that it has. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { byText, knownTime } from '../text.ts';
import { parseApkInstalled } from './apk.ts';
import { parseDpkgStatus } from './dpkg.ts';
import { readFlatpaks } from './flatpak.ts';
import { readPacman } from './pacman.ts';
import { parseRpmList, RPM_ARGUMENTS } from './rpm.ts';
import { readSnaps } from './snap.ts';

/** What the section's schema holds. */
export const PACKAGES_MAX = 20_000;
/** As large as a file that is read may be. */
const STATUS_BYTES_MAX = 64 << 20;
const RPM_MS_MAX = 30_000;

interface Found {
  readonly packages: readonly SoftwarePackage[];
  readonly notes: readonly string[];
}

export async function collectLinuxSoftware(host: Host): Promise<CollectedSection<'software'>> {
  const found = [
    readDpkg(host),
    await readRpm(host),
    readApk(host),
    { packages: readSnaps(host), notes: [] },
    { packages: readFlatpaks(host), notes: [] },
    { packages: readPacman(host), notes: [] },
  ];
  const packages = found.flatMap(({ packages }) => packages).sort(inOrder);
  const notes = found.flatMap(({ notes }) => notes);
  if (packages.length > PACKAGES_MAX)
    notes.push(`${packages.length} packages: only ${PACKAGES_MAX} are reported`);
  return { data: { packages: packages.slice(0, PACKAGES_MAX) }, complete: notes.length === 0, notes };
}

function inOrder(a: SoftwarePackage, b: SoftwarePackage): number {
  return (
    byText(a.name, b.name) ||
    byText(a.architecture ?? '', b.architecture ?? '') ||
    byText(a.version, b.version) ||
    byText(a.source, b.source)
  );
}

const DPKG = '/var/lib/dpkg';

function readDpkg(host: Host): Found {
  const installTime = (listName: string) => wholeSeconds(host.modifiedMs(`${DPKG}/info/${listName}.list`));
  const status = host.readBytes(`${DPKG}/status`, STATUS_BYTES_MAX);
  const inParts = host.list(`${DPKG}/status.d`).filter((name) => !name.endsWith('.md5sums'));
  const parts = inParts.map((name) => host.readText(`${DPKG}/status.d/${name}`) ?? '');
  const packages: SoftwarePackage[] = [];
  for (const text of paragraphs(status ?? new Uint8Array()))
    packages.push(...parseDpkgStatus(text, installTime));
  packages.push(...parts.flatMap((text) => parseDpkgStatus(text, installTime)));
  const unreadable = status === null && host.list(DPKG).includes('status');
  return { packages, notes: unreadable ? [`${DPKG}/status could not be read`] : [] };
}

/** One after the other: the whole file as one text would take twice its size. */
function* paragraphs(status: Uint8Array): Generator<string> {
  const bytes = Buffer.from(status.buffer, status.byteOffset, status.byteLength);
  for (let start = 0; start < bytes.length; ) {
    const gap = bytes.indexOf('\n\n', start);
    const end = gap === -1 ? bytes.length : gap + 1;
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}

function wholeSeconds(atMs: number | null): number | null {
  const known = knownTime(atMs);
  return known === null ? null : Math.trunc(known / SECOND_MS) * SECOND_MS;
}

/** Debian has rpm as a tool too: without a database there is nothing to ask. */
const RPM_DATABASES = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm'];
const RPM_DATABASE_FILES = ['rpmdb.sqlite', 'Packages', 'Packages.db'];

async function readRpm(host: Host): Promise<Found> {
  const present = RPM_DATABASES.some((folder) =>
    host.list(folder).some((name) => RPM_DATABASE_FILES.includes(name)),
  );
  if (!present) return { packages: [], notes: [] };
  const answer = await host.run('rpm', RPM_ARGUMENTS, RPM_MS_MAX);
  if (!answer.ok) return { packages: [], notes: ['rpm -qa failed'] };
  return { packages: parseRpmList(answer.stdout), notes: [] };
}

function readApk(host: Host): Found {
  const text = host.readText('/lib/apk/db/installed') ?? host.readText('/usr/lib/apk/db/installed');
  return { packages: parseApkInstalled(text ?? ''), notes: [] };
}
