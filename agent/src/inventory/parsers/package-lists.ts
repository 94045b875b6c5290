/** Package lists that programs print: flatpak, pacman, snap, apk. (Databases read in place: `software/`.) */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { bytesOfSize, linesOf, oneSpaced, trimmed, wordsOf } from './lines.ts';

/** `flatpak` with these prints what `parseFlatpakList` reads; fields are parted by tabs. */
export const FLATPAK_ARGUMENTS = [
  'list',
  '--columns=application,name,version,arch,branch,origin,size',
] as const;

/** Applications and runtimes; the version is the branch where the package states none. */
export function parseFlatpakList(text: string): SoftwarePackage[] {
  return linesOf(text).flatMap((line) => {
    const [application, name, version, architecture, branch, origin, size] = line.split('\t').map(trimmed);
    // A heading is printed to terminals only, yet some versions print it always.
    if (application === undefined || application === null || !/^[\w-]+(?:\.[\w-]+)+$/.test(application))
      return [];
    return [
      {
        name: name ?? application,
        version: version ?? branch ?? '',
        architecture: architecture ?? null,
        publisher: origin ?? null,
        source: 'flatpak' as const,
        installedAtMs: null,
        sizeBytes: bytesOfSize(size?.replace(/[\u00a0\u202f]/g, ' '), 1000),
      },
    ];
  });
}

/** `pacman -Q`: 'name version' per line. Everything else (architecture, size, date) is in `-Qi`. */
export function parsePacmanQuery(text: string): SoftwarePackage[] {
  return linesOf(text).flatMap((line) => {
    const [name, version, ...more] = wordsOf(line);
    return name === undefined || version === undefined || more.length > 0
      ? []
      : [pacmanPackage(name, version)];
  });
}

/** `pacman -Qi` run with LC_ALL=C: paragraphs of 'Key : value'. */
export function parsePacmanInfo(text: string): SoftwarePackage[] {
  return paragraphsOf(text).flatMap((lines) => {
    const fields = fieldsOf(lines, /^([A-Z][A-Za-z ]*): (.*)$/);
    const [name, version] = [fields.get('Name'), fields.get('Version')];
    if (name === undefined || version === undefined) return [];
    const installed = Date.parse(fields.get('Install Date') ?? '');
    return [
      {
        ...pacmanPackage(name, version),
        architecture: fields.get('Architecture') ?? null,
        publisher: trimmed(fields.get('Packager')?.replace(/<[^>]*>?/g, '')),
        installedAtMs: Number.isNaN(installed) ? null : installed,
        sizeBytes: bytesOfSize(fields.get('Installed Size'), 1024),
      },
    ];
  });
}

function pacmanPackage(name: string, version: string): SoftwarePackage {
  return {
    name,
    version,
    architecture: null,
    publisher: null,
    source: 'pacman',
    installedAtMs: null,
    sizeBytes: null,
  };
}

/** `snap list`: a heading, then name, version, revision, tracking, publisher, notes. */
export function parseSnapList(text: string): SoftwarePackage[] {
  return linesOf(text).flatMap((line) => {
    const [name, version, revision, , publisher] = wordsOf(line);
    if (name === undefined || version === undefined || revision === undefined || !/^x?\d+$/.test(revision))
      return [];
    return [
      {
        name,
        version,
        architecture: null,
        // Verified publishers carry a mark.
        publisher: trimmed(/^[\p{L}\p{N}.-]+/u.exec(publisher ?? '')?.[0]),
        source: 'snap' as const,
        installedAtMs: null,
        sizeBytes: null,
      },
    ];
  });
}

/** `apk list --installed` ('name-1.2-r0 arch {origin} (licence) [installed]') and `apk info -v` ('name-1.2-r0'). */
export function parseApkList(text: string): SoftwarePackage[] {
  return linesOf(text).flatMap((line) => {
    const [full, architecture] = wordsOf(line);
    const match = /^(.+)-(\d[^-]*-r\d+)$/.exec(full ?? '');
    if (match?.[1] === undefined || match[2] === undefined) return [];
    return [
      {
        name: match[1],
        version: match[2],
        architecture: architecture === undefined || !/^[a-z]\w*$/i.test(architecture) ? null : architecture,
        publisher: null,
        source: 'apk' as const,
        installedAtMs: null,
        sizeBytes: null,
      },
    ];
  });
}

function paragraphsOf(text: string): string[][] {
  const paragraphs: string[][] = [[]];
  for (const line of linesOf(text)) {
    if (line.trim() === '') paragraphs.push([]);
    else paragraphs.at(-1)?.push(line);
  }
  return paragraphs;
}

function fieldsOf(lines: readonly string[], pattern: RegExp): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const match = pattern.exec(line);
    const value = oneSpaced(match?.[2]);
    if (match?.[1] !== undefined && value !== null) fields.set(match[1].trimEnd(), value);
  }
  return fields;
}
