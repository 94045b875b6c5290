/**
 * A configuration as agents take it: a JSON text that names its agent and its version, signed with Ed25519 by the server's identity
 * key. The text travels as a string, so that what is read is what was signed. docs/WIRE.md, "Signed configuration".
 */
import * as z from 'zod/mini';
import { AgentConfig, type SignedConfig } from './server-messages.ts';
import { AgentId } from './values.ts';

const FORMAT = 'muster-config/1';
const DOMAIN = new TextEncoder().encode('muster/1 config\0');

/** What it does not name is not there afterwards: a configuration can say nothing that this schema has no word for. */
const ConfigText = z.object({
  format: z.literal(FORMAT),
  agentId: AgentId,
  /** Rises with every change that people make; 0 before the first. */
  version: z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER)),
  /** Rises for this agent with each text that differs, also within one version. Absent: from a server that knew none. */
  serial: z.optional(z.int().check(z.minimum(1), z.maximum(Number.MAX_SAFE_INTEGER))),
  /** Names of the groups that the machine is of, in order; for people who look at the agent. */
  groups: z.optional(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(64))),
  config: AgentConfig,
});
export type VersionedConfig = Omit<z.infer<typeof ConfigText>, 'format' | 'agentId'>;
/** What tells an earlier text from a later one. */
export type Taken = Pick<VersionedConfig, 'version' | 'serial'>;

/** Why a configuration is not taken, in words. */
export class ConfigRefusal extends Error {
  override readonly name = 'ConfigRefusal';
}

/** What is signed, told apart from everything else that the server's key signs. */
export function configInput(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const input = new Uint8Array(DOMAIN.length + bytes.length);
  input.set(DOMAIN);
  input.set(bytes, DOMAIN.length);
  return input;
}

export function configText(agentId: string, versioned: VersionedConfig): string {
  return JSON.stringify({ format: FORMAT, agentId, ...versioned } satisfies z.infer<typeof ConfigText>);
}

/**
 * The configuration, believed only once its signature was found right over exactly this text.
 * @param isSigned checks an Ed25519 signature by the key of the server that the reader trusts
 * @param taken the last that was taken; the same again is no step back
 * @throws ConfigRefusal
 */
export function readSignedConfig(
  { text, signature }: SignedConfig,
  {
    agentId,
    taken,
    isSigned,
  }: {
    agentId: string;
    taken: Taken;
    isSigned: (input: Uint8Array, signature: string) => boolean;
  },
): VersionedConfig {
  if (!isSigned(configInput(text), signature))
    throw new ConfigRefusal(
      'the signature is not by the server that this agent trusts, or the text was changed',
    );
  const parsed = ConfigText.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new ConfigRefusal(`it cannot be read: ${z.prettifyError(parsed.error)}`.slice(0, REASON_MAX));
  const { format: _, agentId: of, ...versioned } = parsed.data;
  if (of !== agentId) throw new ConfigRefusal('it is of another agent');
  refuseEarlier(versioned, taken);
  return versioned;
}

/** A higher version settles it: whatever was signed of it was signed later. */
function refuseEarlier({ version, serial }: Taken, taken: Taken): void {
  if (version < taken.version)
    throw new ConfigRefusal(`version ${version} is older than ${taken.version}, which this agent has taken`);
  if (version > taken.version || taken.serial === undefined) return;
  if (serial === undefined)
    throw new ConfigRefusal(
      `it has no serial, and this agent has taken version ${version} with serial ${taken.serial}`,
    );
  if (serial < taken.serial)
    throw new ConfigRefusal(
      `serial ${serial} of version ${version} is older than ${taken.serial}, which this agent has taken`,
    );
}

/** As much as `configured` carries. */
const REASON_MAX = 500;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigRefusal('it is no JSON');
  }
}
