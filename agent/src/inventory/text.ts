/** Small steps that every section needs: clean text, one-line files, links resolved by hand. */
import type { Host } from '../host.ts';

/** One printable line: control characters become spaces, ends are trimmed; null when nothing is left. */
export function cleanText(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  // oxlint-disable-next-line no-control-regex -- firmware strings hold control characters; this is where they end
  const clean = value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return clean === '' ? null : clean;
}

/** The content of a one-line file such as those of sysfs. */
export function readValue(host: Host, path: string): string | null {
  return cleanText(host.readText(path));
}

/** A whole number, decimal; null when it is none. */
export function wholeNumber(value: string | null | undefined): number | null {
  if (value === null || value === undefined || !/^-?\d{1,15}$/.test(value.trim())) return null;
  return Number(value.trim());
}

export function readNumber(host: Host, path: string): number | null {
  return wholeNumber(host.readText(path));
}

/** A time that can be one: images that were built reproducibly date their files 1970 or 1980. */
export function knownTime(atMs: number | null): number | null {
  return atMs !== null && atMs > YEAR_1990_MS ? atMs : null;
}

const YEAR_1990_MS = 631_152_000_000;

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Where the link at `path` leads, absolute and without `..`; null when it is no link. */
export function linkTarget(host: Host, path: string): string | null {
  const target = host.readLink(path);
  if (target === null) return null;
  return normalPath(target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/'))}/${target}`);
}

/** An absolute path without `.`, `..` and doubled slashes. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Orders text by code unit, the same on every machine whatever its language. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
