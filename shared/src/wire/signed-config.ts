/**
 * A configuration as agents take it: a JSON text that names its agent and its version, signed with Ed25519 by the server's identity
 * key. The text travels as a string, so that what is read is what was signed. docs/WIRE.md, "Signed configuration".
 */
import * as z from 'zod';
import { AgentConfig, AgentId, type SignedConfig } from './control.ts';

const FORMAT = 'muster-config/1';
const DOMAIN = new TextEncoder().encode('muster/1 config\0');

/** What it does not name is not there afterwards: a configuration can say nothing that this schema has no word for. */
const ConfigText = z.object({
  format: z.literal(FORMAT),
  agentId: AgentId,
  /** Rises with every change that people make; 0 before the first. */
  version: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  config: AgentConfig,
});
export type VersionedConfig = Pick<z.infer<typeof ConfigText>, 'version' | 'config'>;

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

export function configText(agentId: string, { version, config }: VersionedConfig): string {
  return JSON.stringify({ format: FORMAT, agentId, version, config } satisfies z.infer<typeof ConfigText>);
}

/**
 * The configuration, believed only once its signature was found right over exactly this text.
 * @param isSigned checks an Ed25519 signature by the key of the server that the reader trusts
 * @param versionMin the last version that was taken; the same again is no step back
 * @throws ConfigRefusal
 */
export function readSignedConfig(
  { text, signature }: SignedConfig,
  {
    agentId,
    versionMin,
    isSigned,
  }: {
    agentId: string;
    versionMin: number;
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
  const { version, config } = parsed.data;
  if (parsed.data.agentId !== agentId) throw new ConfigRefusal('it is of another agent');
  if (version < versionMin)
    throw new ConfigRefusal(`version ${version} is older than ${versionMin}, which this agent has taken`);
  return { version, config };
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
