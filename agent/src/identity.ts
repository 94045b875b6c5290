/**
 * Who this agent is: its key pair, the machine the key was made on, the server it trusts. One folder, three
 * small files; the private key never leaves it.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bytes32 } from '@muster/shared/wire/values.ts';
import * as z from 'zod/mini';
import { type AgentKeys, agentKeys } from './handshake.ts';
import type { Host } from './host.ts';
import { writePrivate } from './private-file.ts';

/** What tells one machine from its copy. */
export const Fingerprint = z.object({
  /** /etc/machine-id, MachineGuid of Windows, IOPlatformUUID. */
  machineId: z.nullable(z.string().check(z.maxLength(128))),
  /** System UUID of SMBIOS; mostly readable by root only. */
  systemUuid: z.nullable(z.string().check(z.maxLength(128))),
  /** Permanent addresses of physical ports. */
  macs: z.array(z.string().check(z.maxLength(32))).check(z.maxLength(256)),
});
export type Fingerprint = z.infer<typeof Fingerprint>;

const IdentityState = z.object({
  fingerprint: Fingerprint,
  createdAtMs: z.int().check(z.minimum(0)),
  /** Key of the server that has accepted this agent; null until then. */
  enrolledWith: z.nullable(Bytes32),
  /** Server trusted at first sight, where none was given. */
  trustedAtFirstSight: z.nullable(Bytes32),
});
type IdentityState = z.infer<typeof IdentityState>;

export const KEY_FILE = 'agent.key';
export const IDENTITY_FILE = 'identity.json';

/** What the connection asks of an identity. Simulated agents keep theirs in memory. */
export interface Identity {
  readonly keys: AgentKeys;
  /** Key of the server that accepted us last, base64url; null: not enrolled anywhere. */
  readonly enrolledWith: string | null;
  readonly trustedAtFirstSight: string | null;
  enrolled(serverKey: string): void;
  trustAtFirstSight(serverKey: string): void;
}

export function memoryIdentity(privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey): Identity {
  const identity = {
    keys: agentKeys(privateKey),
    enrolledWith: null as string | null,
    trustedAtFirstSight: null as string | null,
    enrolled: (serverKey: string) => {
      identity.enrolledWith = serverKey;
    },
    trustAtFirstSight: (serverKey: string) => {
      identity.trustedAtFirstSight = serverKey;
    },
  };
  return identity;
}

/** How the identity was found: kept as it was, made for the first time, or made anew because the folder was copied to another machine. */
export type IdentityOrigin = 'kept' | 'created' | 'machine-changed' | 'damaged';

/**
 * Opens or makes the identity in `folder`. With any origin but `kept` the spool beside it must start anew. `log` hears of changes that
 * cannot be written, as on a full disk: they hold until the process ends.
 * @throws Error where a new identity cannot be written
 */
export function openIdentity(
  folder: string,
  host: Host,
  log: (line: string) => void,
): { identity: Identity; origin: IdentityOrigin } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fingerprint = machineFingerprint(host);
  const stored = readStored(folder);
  if (stored.type === 'whole' && sameMachine(stored.state.fingerprint, fingerprint)) {
    const identity = fileIdentity(folder, stored.privateKey, stored.state, log);
    // Follow what may rightly change on one machine, such as a network card.
    identity.follow(mergedFingerprint(stored.state.fingerprint, fingerprint));
    return { identity, origin: 'kept' };
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const firstSight = stored.type === 'whole' ? stored.state.trustedAtFirstSight : null;
  const state: IdentityState = {
    fingerprint,
    createdAtMs: host.now(),
    enrolledWith: null,
    trustedAtFirstSight: firstSight,
  };
  writePrivate(join(folder, KEY_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  writeState(folder, state);
  const origin = stored.type === 'none' ? 'created' : stored.type === 'whole' ? 'machine-changed' : 'damaged';
  return { identity: fileIdentity(folder, privateKey, state, log), origin };
}

/**
 * Is it the machine the key was made on? A part that cannot be read today, or could not be then, proves nothing;
 * a network card may be replaced where the firmware's own id still agrees.
 */
export function sameMachine(then: Fingerprint, now: Fingerprint): boolean {
  if (differ(then.machineId, now.machineId) || differ(then.systemUuid, now.systemUuid)) return false;
  if (then.systemUuid !== null && now.systemUuid !== null) return true;
  if (then.macs.length === 0 || now.macs.length === 0) return true;
  return then.macs.some((mac) => now.macs.includes(mac));
}

/** On Windows and macOS what the system itself names; else machine-id(5); Documentation/ABI sysfs-class-net (addr_assign_type 0 = permanent) and sysfs-firmware-dmi. */
export function machineFingerprint(host: Host): Fingerprint {
  if (host.system !== null) {
    const { machineId, systemUuid } = host.system;
    return { machineId, systemUuid: realUuid(systemUuid), macs: [] };
  }
  const text = (path: string) => host.readText(path)?.trim() || null;
  const macs = host
    .list('/sys/class/net')
    .filter((name) => host.list(`/sys/class/net/${name}/device`).length > 0)
    .filter((name) => text(`/sys/class/net/${name}/addr_assign_type`) === '0')
    .map((name) => text(`/sys/class/net/${name}/address`)?.toLowerCase() ?? '')
    .filter((mac) => mac !== '' && mac !== '00:00:00:00:00:00');
  return {
    machineId: text('/etc/machine-id'),
    systemUuid: realUuid(text('/sys/class/dmi/id/product_uuid')),
    macs: macs.slice(0, 256),
  };
}

/** Firmware that was never told its UUID shows one digit throughout, or the pattern of the vendor's sample code. */
export function realUuid(text: string | null): string | null {
  const uuid = text?.toLowerCase() ?? null;
  if (uuid === null || uuid === '03000200-0400-0500-0006-000700080009') return null;
  return new Set(uuid.replaceAll('-', '')).size <= 1 ? null : uuid;
}

function differ(then: string | null, now: string | null): boolean {
  return then !== null && now !== null && then !== now;
}

function mergedFingerprint(then: Fingerprint, now: Fingerprint): Fingerprint {
  return {
    machineId: now.machineId ?? then.machineId,
    systemUuid: now.systemUuid ?? then.systemUuid,
    macs: now.macs.length > 0 ? now.macs : then.macs,
  };
}

type Stored =
  | { readonly type: 'none' }
  | { readonly type: 'damaged' }
  | { readonly type: 'whole'; readonly privateKey: KeyObject; readonly state: IdentityState };

function readStored(folder: string): Stored {
  const keyPath = join(folder, KEY_FILE);
  const statePath = join(folder, IDENTITY_FILE);
  if (!existsSync(keyPath)) return { type: 'none' };
  // A key without its machine cannot be told from a copy; neither can a key that does not parse be used.
  if (!existsSync(statePath)) return { type: 'damaged' };
  const state = IdentityState.safeParse(parsedJson(readFileSync(statePath, 'utf8')));
  const privateKey = parsedKey(readFileSync(keyPath, 'utf8'));
  return state.success && privateKey ? { type: 'whole', privateKey, state: state.data } : { type: 'damaged' };
}

function writeState(folder: string, state: IdentityState): void {
  writePrivate(join(folder, IDENTITY_FILE), stateText(state));
}

function stateText(state: IdentityState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function fileIdentity(
  folder: string,
  privateKey: KeyObject,
  kept: IdentityState,
  log: (line: string) => void,
): Identity & { follow(fingerprint: Fingerprint): void } {
  let state = kept;
  const save = (change: Partial<IdentityState>) => {
    const before = stateText(state);
    state = { ...state, ...change };
    if (stateText(state) === before) return;
    try {
      writeState(folder, state);
    } catch (error) {
      log(
        `the identity of this agent cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  return {
    follow: (fingerprint) => save({ fingerprint }),
    keys: agentKeys(privateKey),
    get enrolledWith() {
      return state.enrolledWith;
    },
    get trustedAtFirstSight() {
      return state.trustedAtFirstSight;
    },
    enrolled: (serverKey) => save({ enrolledWith: serverKey }),
    trustAtFirstSight: (serverKey) => save({ trustedAtFirstSight: serverKey }),
  };
}

/** Of the identity that an agent keeps in `folder`; null: there is none, or it took no key at first sight. Nothing is made or changed. */
export function firstSightKeyIn(folder: string): string | null {
  const path = join(folder, IDENTITY_FILE);
  const state = IdentityState.safeParse(existsSync(path) ? parsedJson(readFileSync(path, 'utf8')) : null);
  return state.success ? state.data.trustedAtFirstSight : null;
}

/** By which the agent knows its server: the key that it was given, or, where it may, the first that it saw. */
export function trustedKey(
  { serverKey, firstSight }: { readonly serverKey: string | null; readonly firstSight: boolean },
  seenFirst: string | null,
): string | null {
  return serverKey ?? (firstSight ? seenFirst : null);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parsedKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
