/**
 * Order of versions, by the family they are of: one rule for all is wrong for most of them. Pure.
 * dpkg: Debian Policy 5.6.12. rpm: rpm's version comparison with tilde and caret. semver: Semantic Versioning 2.0.0.
 */
import semver from 'semver';
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';

export type VersionFamily = 'dpkg' | 'rpm' | 'dotted' | 'semver';

/** Longer texts are no versions; comparing stays linear in this. */
export const VERSION_LENGTH_MAX = 128;

/** How packages of a source number their versions. */
export function familyOf(source: SoftwarePackage['source']): VersionFamily {
  if (source === 'dpkg') return 'dpkg';
  if (source === 'rpm') return 'rpm';
  return 'dotted';
}

/** Negative: `a` is older; zero: the same; positive: newer. */
export function compareVersions(a: string, b: string, family: VersionFamily): number {
  const [left, right] = [a, b].map((version) => version.trim().slice(0, VERSION_LENGTH_MAX)) as [
    string,
    string,
  ];
  switch (family) {
    case 'dpkg':
      return compareDebian(left, right);
    case 'rpm':
      return compareRpm(left, right);
    case 'semver':
      return compareSemantic(left, right);
    case 'dotted':
      return compareDotted(left, right);
  }
}

/** [epoch:]upstream[-revision] */
function compareDebian(a: string, b: string): number {
  const [left, right] = [splitDebian(a), splitDebian(b)];
  return (
    left.epoch - right.epoch ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  );
}

function splitDebian(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const epoch = colon > 0 ? Number(version.slice(0, colon)) : 0;
  const rest = colon > 0 && Number.isInteger(epoch) ? version.slice(colon + 1) : version;
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number.isInteger(epoch) ? epoch : 0,
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '0' : rest.slice(dash + 1),
  };
}

/** Non-digits and digits in turn; a tilde sorts before everything, even the end. */
function compareDebianPart(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const order = debianOrder(a[i]) - debianOrder(b[j]);
      if (order !== 0) return order;
      i++;
      j++;
    }
    const [left, right] = [digitsAt(a, i), digitsAt(b, j)];
    const order = compareDigits(left, right);
    if (order !== 0) return order;
    i += left.length;
    j += right.length;
  }
  return 0;
}

function debianOrder(char: string | undefined): number {
  if (char === undefined || isDigit(char)) return 0;
  if (char === '~') return -1;
  return /[a-z]/i.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

/** [epoch:]version[-release]; a release is compared only where both have one. */
function compareRpm(a: string, b: string): number {
  const [left, right] = [splitRpm(a), splitRpm(b)];
  return (
    left.epoch - right.epoch ||
    compareRpmPart(left.version, right.version) ||
    (left.release && right.release ? compareRpmPart(left.release, right.release) : 0)
  );
}

function splitRpm(text: string): { epoch: number; version: string; release: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(text) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Runs of digits or letters; a tilde is before the end, a caret after it and before anything else. */
function compareRpmPart(a: string, b: string): number {
  const [left, right] = [rpmPieces(a), rpmPieces(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareRpmPiece(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareRpmPiece(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~') return -1;
  if (b === '~') return 1;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (a === '^') return -1;
  if (b === '^') return 1;
  if (isDigit(a[0]) && isDigit(b[0])) return compareDigits(a, b);
  if (isDigit(a[0]) !== isDigit(b[0])) return isDigit(a[0]) ? 1 : -1;
  return a < b ? -1 : 1;
}

function rpmPieces(text: string): string[] {
  return text.match(/\d+|[a-z]+|[~^]/gi) ?? [];
}

/** Numbers by value, letters after nothing (1.1.1w is newer than 1.1.1), words of a first edition before it. */
function compareDotted(a: string, b: string): number {
  const [left, right] = [dottedPieces(a), dottedPieces(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareDottedPiece(left[i] ?? '0', right[i] ?? '0', left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

const BEFORE_RELEASE = /^(alpha|beta|preview|pre|rc|dev|snapshot)$/;

function compareDottedPiece(
  a: string,
  b: string,
  present: string | undefined,
  other: string | undefined,
): number {
  if (isDigit(a[0]) && isDigit(b[0]) && present !== undefined && other !== undefined)
    return compareDigits(a, b);
  const [left, right] = [dottedRank(present), dottedRank(other)];
  return left - right || (a < b ? -1 : a > b ? 1 : 0);
}

/** -1: before the release; 0: nothing or zero, which are the same; 1: more than nothing. */
function dottedRank(piece: string | undefined): number {
  if (piece === undefined || /^0+$/.test(piece)) return 0;
  return BEFORE_RELEASE.test(piece) ? -1 : 1;
}

function dottedPieces(version: string): string[] {
  const pieces =
    version
      .toLowerCase()
      .replace(/^v(?=\d)/, '')
      .match(/\d+|[a-z]+/g) ?? [];
  // 1.2.0 and 1.2 are one version.
  while (pieces.length > 1 && /^0+$/.test(pieces.at(-1) ?? '')) pieces.pop();
  return pieces;
}

/** What is no semantic version is compared as a dotted one. */
function compareSemantic(a: string, b: string): number {
  const [left, right] = [semver.parse(a), semver.parse(b)];
  return left && right ? semver.compare(left, right) : compareDotted(a, b);
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function digitsAt(text: string, from: number): string {
  let to = from;
  while (isDigit(text[to])) to++;
  return text.slice(from, to);
}

/** By value, of any length. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
