/** RPM packages, format 3/4 as all of RHEL 8 and later, SUSE 15 and Fedora read it. Source: rpm's own format documentation, cpio(5) "newc". */
import { createHash } from 'node:crypto';
import { invariant } from '@muster/shared/invariant.ts';
import { inOrder, modeOf, PACKAGE_TIME_S, type PackageEntry } from './entries.ts';
import { GZIP_LEVEL, gzipped, type Piece } from './gzip.ts';
import { type HeaderValue, headerBytes } from './rpm-header.ts';

export interface RpmOptions {
  readonly name: string;
  /** Without a hyphen. */
  readonly version: string;
  readonly release: string;
  readonly architecture: 'x86_64' | 'aarch64';
  readonly summary: string;
  readonly description: string;
  readonly license: string;
  readonly vendor: string;
  /** What must be there: names of files, or of libraries as rpm names them. */
  readonly requires: readonly string[];
  /** Shell scripts; rpm gives each the number of installed versions that are to be there afterwards. */
  readonly scripts: {
    readonly pre: string;
    readonly post: string;
    readonly preun: string;
    readonly postun: string;
  };
  readonly entries: readonly PackageEntry[];
}

/** Of the main header. Source: rpm's `rpmtag.h`. */
const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  group: 1016,
  os: 1021,
  architecture: 1022,
  preScript: 1023,
  postScript: 1024,
  preunScript: 1025,
  postunScript: 1026,
  fileSizes: 1028,
  fileModes: 1030,
  fileDeviceNumbers: 1033,
  fileTimes: 1034,
  fileDigests: 1035,
  fileLinks: 1036,
  fileFlags: 1037,
  fileUsers: 1039,
  fileGroups: 1040,
  sourcePackage: 1044,
  fileVerifyFlags: 1045,
  provideNames: 1047,
  requireFlags: 1048,
  requireNames: 1049,
  requireVersions: 1050,
  preProgram: 1085,
  postProgram: 1086,
  preunProgram: 1087,
  postunProgram: 1088,
  fileDevices: 1095,
  fileInodes: 1096,
  fileLanguages: 1097,
  provideFlags: 1112,
  provideVersions: 1113,
  folderIndexes: 1116,
  baseNames: 1117,
  folderNames: 1118,
  payloadFormat: 1124,
  payloadCompressor: 1125,
  payloadFlags: 1126,
  languages: 100,
  fileDigestAlgorithm: 5011,
  payloadDigest: 5092,
  payloadDigestAlgorithm: 5093,
} as const;

/** Of the header that protects the main one. */
const SIGNATURE_TAG = { sha1: 269, sha256: 273, size: 1000, md5: 1004, payloadSize: 1007 } as const;
/** Kind of header: what the first tag of each says. */
const REGION = { signature: 62, main: 63 } as const;

/** `RPMSENSE_*`: what a dependency compares, and who asks. */
const SENSE = { less: 1 << 1, equal: 1 << 3, interpreter: 1 << 8, rpmlib: 1 << 24 } as const;
/** `PGPHASHALGO_SHA256`. */
const SHA256 = 8;
const SHELL = '/bin/sh';
/** What the rpm that reads it must understand, by the version that brought it. */
const RPM_ABILITIES = [
  ['rpmlib(CompressedFileNames)', '3.0.4-1'],
  ['rpmlib(FileDigests)', '4.6.0-1'],
  ['rpmlib(PayloadFilesHavePrefix)', '4.0-1'],
] as const;

export async function rpmOf(options: RpmOptions): Promise<Buffer> {
  const { name, version, release, architecture } = options;
  invariant(!version.includes('-') && !release.includes('-'), 'a hyphen parts version and release');
  const entries = inOrder(options.entries);
  const archive = cpioOf(entries);
  const payload = await gzipped(archive);
  const header = headerBytes(REGION.main, mainHeader(options, entries, payload));
  const signature = headerBytes(
    REGION.signature,
    new Map<number, HeaderValue>([
      [SIGNATURE_TAG.sha1, { type: 'string', text: hashOf('sha1', header) }],
      [SIGNATURE_TAG.sha256, { type: 'string', text: hashOf('sha256', header) }],
      [SIGNATURE_TAG.size, { type: 'int32', numbers: [header.length + payload.length] }],
      [
        SIGNATURE_TAG.md5,
        { type: 'bytes', bytes: createHash('md5').update(header).update(payload).digest() },
      ],
      [
        SIGNATURE_TAG.payloadSize,
        { type: 'int32', numbers: [archive.reduce((total, { content }) => total + content.length, 0)] },
      ],
    ]),
  );
  const padding = Buffer.alloc(-signature.length & 7);
  return Buffer.concat([
    leadOf(`${name}-${version}-${release}`, architecture),
    signature,
    padding,
    header,
    payload,
  ]);
}

/** What `file` knows it by; rpm itself reads the headers. */
function leadOf(name: string, architecture: RpmOptions['architecture']): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  lead.writeUInt8(3, 4);
  lead.writeUInt16BE(architecture === 'x86_64' ? 1 : 19, 8);
  lead.write(name.slice(0, 65), 10, 'latin1');
  lead.writeUInt16BE(1, 76);
  lead.writeUInt16BE(5, 78);
  return lead;
}

function mainHeader(
  options: RpmOptions,
  entries: readonly PackageEntry[],
  payload: Uint8Array,
): Map<number, HeaderValue> {
  const { name, version, release, architecture, scripts } = options;
  const string = (text: string): HeaderValue => ({ type: 'string', text });
  const strings = (texts: readonly string[]): HeaderValue => ({ type: 'strings', texts });
  const translated = (text: string): HeaderValue => ({ type: 'translated', texts: [text] });
  const int32 = (numbers: readonly number[]): HeaderValue => ({ type: 'int32', numbers });
  const int16 = (numbers: readonly number[]): HeaderValue => ({ type: 'int16', numbers });
  const same = <T>(value: T) => entries.map(() => value);
  const folders = [...new Set(entries.map(({ path }) => folderOf(path)))];
  const requires = [
    ...options.requires.map((one) => [one, '', 0] as const),
    [SHELL, '', SENSE.interpreter] as const,
    ...RPM_ABILITIES.map(
      ([ability, since]) => [ability, since, SENSE.rpmlib | SENSE.less | SENSE.equal] as const,
    ),
  ];
  const provides = [name, `${name}(${architecture === 'x86_64' ? 'x86-64' : 'aarch-64'})`];
  return new Map<number, HeaderValue>([
    [TAG.languages, strings(['C'])],
    [TAG.name, string(name)],
    [TAG.version, string(version)],
    [TAG.release, string(release)],
    [TAG.summary, translated(options.summary)],
    [TAG.description, translated(options.description)],
    [TAG.buildTime, int32([PACKAGE_TIME_S])],
    [TAG.buildHost, string('localhost')],
    [TAG.size, int32([entries.reduce((total, entry) => total + sizeOf(entry), 0)])],
    [TAG.vendor, string(options.vendor)],
    [TAG.license, string(options.license)],
    [TAG.group, translated('Unspecified')],
    [TAG.os, string('linux')],
    [TAG.architecture, string(architecture)],
    [TAG.preScript, string(scripts.pre)],
    [TAG.postScript, string(scripts.post)],
    [TAG.preunScript, string(scripts.preun)],
    [TAG.postunScript, string(scripts.postun)],
    [TAG.fileSizes, int32(entries.map(sizeOf))],
    [TAG.fileModes, int16(entries.map(modeOf))],
    [TAG.fileDeviceNumbers, int16(same(0))],
    [TAG.fileTimes, int32(same(PACKAGE_TIME_S))],
    [
      TAG.fileDigests,
      strings(entries.map((one) => (one.kind === 'file' ? hashOf('sha256', one.content) : ''))),
    ],
    [TAG.fileLinks, strings(entries.map((one) => (one.kind === 'link' ? one.target : '')))],
    [TAG.fileFlags, int32(same(0))],
    [TAG.fileUsers, strings(same('root'))],
    [TAG.fileGroups, strings(same('root'))],
    [TAG.sourcePackage, string(`${name}-${version}-${release}.src.rpm`)],
    [TAG.fileVerifyFlags, int32(same(0xffffffff))],
    [TAG.provideNames, strings(provides)],
    [TAG.requireFlags, int32(requires.map(([, , sense]) => sense))],
    [TAG.requireNames, strings(requires.map(([one]) => one))],
    [TAG.requireVersions, strings(requires.map(([, since]) => since))],
    [TAG.preProgram, string(SHELL)],
    [TAG.postProgram, string(SHELL)],
    [TAG.preunProgram, string(SHELL)],
    [TAG.postunProgram, string(SHELL)],
    [TAG.fileDevices, int32(same(1))],
    [TAG.fileInodes, int32(entries.map((_one, i) => i + 1))],
    [TAG.fileLanguages, strings(same(''))],
    [TAG.provideFlags, int32(provides.map(() => SENSE.equal))],
    [TAG.provideVersions, strings(provides.map(() => `${version}-${release}`))],
    [TAG.folderIndexes, int32(entries.map(({ path }) => folders.indexOf(folderOf(path))))],
    [TAG.baseNames, strings(entries.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))],
    [TAG.folderNames, strings(folders)],
    [TAG.payloadFormat, string('cpio')],
    [TAG.payloadCompressor, string('gzip')],
    [TAG.payloadFlags, string(String(GZIP_LEVEL))],
    [TAG.fileDigestAlgorithm, int32([SHA256])],
    [TAG.payloadDigest, strings([hashOf('sha256', payload)])],
    [TAG.payloadDigestAlgorithm, int32([SHA256])],
  ]);
}

function folderOf(path: string): string {
  return `/${path.slice(0, path.lastIndexOf('/') + 1)}`;
}

/** A link is as long as its target, a folder as nothing at all: file systems differ. */
function sizeOf(entry: PackageEntry): number {
  if (entry.kind === 'file') return entry.content.length;
  return entry.kind === 'link' ? Buffer.byteLength(entry.target) : 0;
}

/** Source: cpio(5), "New ASCII Format". */
function cpioOf(entries: readonly PackageEntry[]): Piece[] {
  const pieces: Piece[] = [];
  const add = (name: string, inode: number, mode: number, { content, compressed }: Piece) => {
    const nameBytes = Buffer.from(`${name}\0`);
    const fields = [inode, mode, 0, 0, 1, PACKAGE_TIME_S, content.length, 0, 0, 0, 0, nameBytes.length, 0];
    const head = Buffer.concat([
      Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`),
      nameBytes,
    ]);
    pieces.push(
      { content: head },
      { content: Buffer.alloc(-head.length & 3) },
      { content, compressed },
      { content: Buffer.alloc(-content.length & 3) },
    );
  };
  for (const [i, entry] of entries.entries()) add(`./${entry.path}`, i + 1, modeOf(entry), contentOf(entry));
  add('TRAILER!!!', 0, 0, { content: Buffer.alloc(0) });
  return pieces;
}

function contentOf(entry: PackageEntry): Piece {
  if (entry.kind === 'file') return entry;
  return { content: Buffer.from(entry.kind === 'link' ? entry.target : '') };
}

function hashOf(algorithm: 'sha1' | 'sha256', content: Uint8Array): string {
  return createHash(algorithm).update(content).digest('hex');
}
