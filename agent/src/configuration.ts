/**
 * The configuration that this agent works by: the last one that its server signed for it, kept on disk so that a restart without the
 * server changes nothing. A version that was taken is never followed by a lower one of the same server.
 */
import { readFileSync } from 'node:fs';
import type { Millis } from '@muster/shared/time.ts';
import { type AgentConfig, SignedConfig } from '@muster/shared/wire/server-messages.ts';
import { Bytes32 } from '@muster/shared/wire/values.ts';
import {
  ConfigRefusal,
  readSignedConfig,
  type Taken,
  type VersionedConfig,
} from '@muster/shared/wire/signed-config.ts';
import * as z from 'zod/mini';
import { isSignedByServer } from './handshake.ts';
import { writePrivate } from './private-file.ts';

export const CONFIGURATION_FILE = 'configuration.json';

const Kept = z.extend(SignedConfig, {
  /** Whose word it is, base64url; a version says nothing about those of another server. */
  serverKey: Bytes32,
  /** Absent: an older agent kept it. */
  takenAtMs: z.optional(z.int()),
});

/** Where it is kept. `read`: null where there is none. */
export interface ConfigurationPlace {
  read(): string | null;
  write(text: string): void;
}

export interface ConfigurationOptions {
  readonly place: ConfigurationPlace;
  readonly agentId: string;
  /** Key of the server that this agent trusts; null: none yet. */
  readonly serverKey: string | null;
  readonly nowMs: () => Millis;
  readonly log: (line: string) => void;
}

/** For people who look at the agent. */
export interface ConfigurationStatus {
  /** null: works by none that was signed. */
  readonly version: number | null;
  /** null: not known. */
  readonly takenAtMs: Millis | null;
  /** null: the server does not say. */
  readonly groups: readonly string[] | null;
  /** Since when whatever is told is not taken, and why the last was not; null: nothing is. */
  readonly refused: { readonly sinceMs: Millis; readonly why: string } | null;
}

export type ConfigurationAnswer =
  | { readonly type: 'taken'; readonly config: AgentConfig }
  | { readonly type: 'refused'; readonly why: string };

interface TakenConfiguration extends VersionedConfig {
  /** As it was signed. */
  readonly text: string;
  readonly serverKey: string;
  /** null: not known. */
  readonly takenAtMs: Millis | null;
}

export class Configuration {
  readonly #options: ConfigurationOptions;
  #taken: TakenConfiguration | null;
  #refused: ConfigurationStatus['refused'] = null;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#taken = this.#kept();
  }

  /** null: none that was signed. */
  get current(): VersionedConfig | null {
    return this.#taken;
  }

  get status(): ConfigurationStatus {
    return {
      version: this.#taken?.version ?? null,
      takenAtMs: this.#taken?.takenAtMs ?? null,
      groups: this.#taken?.groups ?? null,
      refused: this.#refused,
    };
  }

  /** @param serverKey of the server that has just proved itself */
  take(signed: SignedConfig, serverKey: string): ConfigurationAnswer {
    const { agentId, place, nowMs, log } = this.#options;
    const taken = this.#taken?.serverKey === serverKey ? this.#taken : NOTHING_TAKEN;
    // Told again with each connection.
    const takenAtMs = (signed.text === this.#taken?.text ? this.#taken.takenAtMs : null) ?? nowMs();
    try {
      const told = readSignedConfig(signed, {
        agentId,
        taken,
        isSigned: (input, signature) => isSignedByServer(serverKey, input, signature),
      });
      if (told.version !== this.#taken?.version) log(`works by version ${told.version} of the configuration`);
      this.#taken = { ...told, text: signed.text, serverKey, takenAtMs };
      this.#refused = null;
    } catch (error) {
      if (!(error instanceof ConfigRefusal)) throw error;
      log(`the configuration that the server sent is not taken: ${error.message}`);
      this.#refused = { sinceMs: this.#refused?.sinceMs ?? nowMs(), why: error.message };
      return { type: 'refused', why: error.message };
    }
    try {
      place.write(`${JSON.stringify({ ...signed, serverKey, takenAtMs } satisfies z.infer<typeof Kept>)}\n`);
    } catch (error) {
      // It holds until the next start; then the one before does, until the server is reached.
      log(`the configuration cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
    return { type: 'taken', config: this.#taken.config };
  }

  #kept(): TakenConfiguration | null {
    const { place, agentId, serverKey, log } = this.#options;
    const text = place.read();
    if (text === null || serverKey === null) return null;
    const kept = Kept.safeParse(parsedJson(text));
    if (kept.success && kept.data.serverKey !== serverKey) return null;
    try {
      if (!kept.success) throw new ConfigRefusal('the file is not of its form');
      const told = readSignedConfig(kept.data, {
        agentId,
        taken: NOTHING_TAKEN,
        isSigned: (input, signature) => isSignedByServer(serverKey, input, signature),
      });
      const { text: signedText, takenAtMs = null } = kept.data;
      return { ...told, text: signedText, serverKey, takenAtMs };
    } catch (error) {
      if (!(error instanceof ConfigRefusal)) throw error;
      log(`the kept configuration is not used: ${error.message}`);
      return null;
    }
  }
}

const NOTHING_TAKEN: Taken = { version: 0 };

/** A file for its owner alone, whole or not at all. */
export function configurationFile(path: string): ConfigurationPlace {
  return {
    read: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    write: (text) => writePrivate(path, text),
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
