/**
 * A release of the agent: files, and a manifest that says what they hash to, signed with Ed25519 (RFC 8032) by a key that lies on
 * no server. The agent takes nothing else as an upgrade. docs/RELEASES.md.
 */
import * as z from 'zod/mini';

export const RELEASE_MANIFEST = 'release.json';
/** base64 of 64 bytes, over `releaseInput` of the manifest's bytes. */
export const RELEASE_SIGNATURE = 'release.sig';
export const RELEASE_MANIFEST_BYTES_MAX = 64 << 10;

/** As the npm packages of Node name them. */
export const PLATFORMS = [
  'linux-x64',
  'linux-arm64',
  'win-x64',
  'win-arm64',
  'darwin-x64',
  'darwin-arm64',
] as const;
export const Platform = z.enum(PLATFORMS);
export type Platform = z.infer<typeof Platform>;

/** As people read it. */
export const ReleaseVersion = z.string().check(z.regex(/^[0-9A-Za-z.+-]{1,64}$/));

const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/**
 * `agent`: the script, the same for all platforms. `node`: the vendor's program, compressed with gzip. `service`: the program that
 * answers Windows' service manager, the same for both processors. `package`: all of these for a platform's package manager or
 * installer. `executable`: script and Node as one program. A reader leaves kinds alone that it does not know.
 */
export const ReleaseFile = z.object({
  /** No folder, and nothing that a shell or a file system reads anything into. */
  name: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)),
  kind: z.string().check(z.regex(/^[a-z][a-z-]{0,31}$/)),
  platform: z.nullable(Platform),
  bytes: z.int().check(z.minimum(1), z.maximum(1 << 30)),
  sha256: Sha256,
  /** Of a compressed program: what comes out, so that a machine that has it loads nothing. */
  program: z.nullable(
    z.object({
      version: z.string().check(z.maxLength(32)),
      bytes: z.int().check(z.minimum(1)),
      sha256: Sha256,
    }),
  ),
});
export type ReleaseFile = z.infer<typeof ReleaseFile>;

export const ReleaseManifest = z.object({
  format: z.literal('muster-release/1'),
  /** Rises with every release that is signed by one key: an agent takes none that is not above its own. */
  serial: z.int().check(z.minimum(1)),
  version: ReleaseVersion,
  /** Made by whoever builds from the sources, with a key of their own that proves nothing to anybody else. */
  development: z.boolean(),
  /** Raw Ed25519 public key, base64url, that is built into its agent: releases after this one are taken by it. */
  key: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** Wire protocol that its agent speaks. */
  protocol: z.int().check(z.minimum(1)),
  files: z.array(ReleaseFile).check(z.minLength(1), z.maxLength(64)),
});
export type ReleaseManifest = z.infer<typeof ReleaseManifest>;

const DOMAIN = new TextEncoder().encode('muster/1 release\0');

/** What is signed: the manifest's exact bytes, told apart from everything else that Ed25519 keys sign here. */
export function releaseInput(manifest: Uint8Array): Uint8Array {
  const input = new Uint8Array(DOMAIN.length + manifest.length);
  input.set(DOMAIN);
  input.set(manifest, DOMAIN.length);
  return input;
}

/** Why a release is not taken. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

/**
 * The manifest, believed only once its signature was found right over exactly these bytes.
 * @param isSigned checks an Ed25519 signature by the key that the reader trusts
 * @throws ReleaseError
 */
export function readRelease(
  bytes: Uint8Array,
  signatureText: string,
  isSigned: (input: Uint8Array, signature: Uint8Array) => boolean,
): ReleaseManifest {
  if (bytes.length > RELEASE_MANIFEST_BYTES_MAX)
    throw new ReleaseError(
      `the manifest has ${bytes.length} bytes; ${RELEASE_MANIFEST_BYTES_MAX} are the most`,
    );
  const signature = signatureBytes(signatureText);
  if (signature === null) throw new ReleaseError('the signature is not base64 of 64 bytes');
  if (!isSigned(releaseInput(bytes), signature))
    throw new ReleaseError(
      'the signature is not by the key that is trusted here, or the manifest was changed',
    );
  const manifest = ReleaseManifest.safeParse(jsonOf(bytes));
  if (!manifest.success)
    throw new ReleaseError(`the manifest cannot be read: ${z.prettifyError(manifest.error)}`);
  const names = new Set(manifest.data.files.map(({ name }) => name));
  if (names.size < manifest.data.files.length) throw new ReleaseError('the manifest names a file twice');
  return manifest.data;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ReleaseError('the manifest is no JSON');
  }
}

/** null: not base64 of that length. */
function signatureBytes(text: string): Uint8Array | null {
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/]{86}==$/.test(trimmed)) return null;
  return Uint8Array.from(atob(trimmed), (letter) => letter.charCodeAt(0));
}

/** Name of the one file of kind `service`. */
export const SERVICE_PROGRAM = 'muster-agent-service.exe';

/** What a machine of this platform needs. @throws ReleaseError where the release is not for it */
export function filesFor(
  manifest: ReleaseManifest,
  platform: Platform,
): { agent: ReleaseFile; node: ReleaseFile } {
  const agent = manifest.files.find(({ kind }) => kind === 'agent');
  const node = manifest.files.find((file) => file.kind === 'node' && file.platform === platform);
  if (!agent || !node?.program) throw new ReleaseError(`release ${manifest.version} is not for ${platform}`);
  return { agent, node };
}
