/** Name and version of a Linux distribution from os-release(5) and its older siblings. */
import { cleanText } from '../text.ts';

export interface Distribution {
  readonly name: string | null;
  readonly version: string | null;
  readonly codename: string | null;
}

/** Assignments of an os-release file, quotes and backslashes resolved as a shell does. */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2].trim()));
  }
  return values;
}

function unquote(value: string): string {
  const quote = value[0];
  if ((quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote)) {
    const inner = value.slice(1, -1);
    return quote === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner;
  }
  return value.replace(/\\(.)/g, '$1');
}

/**
 * @param osRelease /etc/os-release, or /usr/lib/os-release
 * @param debianVersion /etc/debian_version: names the point release, which VERSION_ID leaves out
 * @param redhatRelease /etc/redhat-release or /etc/centos-release: the same for its family
 */
export function distribution(
  osRelease: string | null,
  debianVersion: string | null,
  redhatRelease: string | null,
): Distribution {
  if (osRelease === null) return oldDistribution(debianVersion, redhatRelease);
  const values = parseOsRelease(osRelease);
  const versionId = cleanText(values.get('VERSION_ID'));
  const longer = [
    values.get('ID') === 'debian' ? debianVersion : null,
    /([\d.]+)/.exec(redhatRelease ?? '')?.[1] ?? null,
    /^([\d.]+)/.exec(values.get('VERSION') ?? '')?.[1] ?? null,
  ]
    .map(cleanText)
    .find((candidate) => candidate !== null && versionId !== null && candidate.startsWith(`${versionId}.`));
  return {
    name: cleanText(values.get('NAME')) ?? cleanText(values.get('ID')),
    version: longer ?? versionId ?? cleanText(values.get('BUILD_ID')),
    codename: cleanText(values.get('VERSION_CODENAME')) ?? codenameIn(values.get('VERSION')),
  };
}

/** Red Hat and its kin write 'release 8.10 (Ootpa)'. */
function codenameIn(version: string | null | undefined): string | null {
  return cleanText(/\(([^)]+)\)/.exec(version ?? '')?.[1]);
}

function oldDistribution(debianVersion: string | null, redhatRelease: string | null): Distribution {
  const redhat = /^(.+?) release ([\d.]+)/.exec(redhatRelease ?? '');
  if (redhat)
    return { name: cleanText(redhat[1]), version: cleanText(redhat[2]), codename: codenameIn(redhatRelease) };
  if (debianVersion !== null)
    return { name: 'Debian GNU/Linux', version: cleanText(debianVersion), codename: null };
  return { name: null, version: null, codename: null };
}
