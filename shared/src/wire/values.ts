/** Values of more than one message. The agent parses with them too, hence zod/mini. */
import * as z from 'zod/mini';
import { INVENTORY_SECTIONS, type InventorySection } from './inventory-sections.ts';

const base64 = (bytes: number) =>
  z
    .string()
    .check(
      z.regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), `base64url of ${bytes} bytes`),
    );

/** base64url of 32 bytes: nonces and raw Ed25519 public keys. */
export const Bytes32 = base64(32);
/** base64url of an Ed25519 signature. */
export const Signature = base64(64);
/** 16 hex digits: 64 random bits that name one life of an agent's spool. */
export const Epoch = z.string().check(z.regex(/^[0-9a-f]{16}$/));
/** 32 hex digits: the first 16 bytes of SHA-256 over the agent's raw public key. */
export const AgentId = z.string().check(z.regex(/^[0-9a-f]{32}$/));

const natural = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
export const Seq = natural;
export const ReleaseSerial = natural;
export const ConfigVersion = natural;
export const TimeMs = z.int().check(z.minimum(0), z.maximum(8.64e15));

/** Something per inventory section. A section of another version, which is not in the list, is left out and breaks nothing. */
export function bySection<Value extends z.core.SomeType>(value: Value) {
  const shape = Object.fromEntries(INVENTORY_SECTIONS.map((name) => [name, z.optional(value)]));
  return z.object(shape as Record<InventorySection, z.ZodMiniOptional<Value>>);
}
