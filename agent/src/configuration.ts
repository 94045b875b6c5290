/**
 * The configuration that this agent works by: the last one that its server signed for it, kept on disk so that a restart without the
 * server changes nothing. A version that was taken is never followed by a lower one of the same server.
 */
import { readFileSync } from 'node:fs';
import { type AgentConfig, Bytes32, SignedConfig } from '@muster/shared/wire/control.ts';
import { ConfigRefusal, readSignedConfig, type VersionedConfig } from '@muster/shared/wire/signed-config.ts';
import type { z } from 'zod';
import { isSignedByServer } from './handshake.ts';
import { writePrivate } from './private-file.ts';

export const CONFIGURATION_FILE = 'configuration.json';

/** `serverKey`: whose word it is, base64url; a version says nothing about those of another server. */
const Kept = SignedConfig.extend({ serverKey: Bytes32 });

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
  readonly log: (line: string) => void;
}

export type ConfigurationAnswer =
  | { readonly type: 'taken'; readonly config: AgentConfig }
  | { readonly type: 'refused'; readonly why: string };

export class Configuration {
  readonly #options: ConfigurationOptions;
  #taken: (VersionedConfig & { readonly serverKey: string }) | null;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#taken = this.#kept();
  }

  /** null: none that was signed. */
  get current(): VersionedConfig | null {
    return this.#taken;
  }

  /** @param serverKey of the server that has just proved itself */
  take(signed: SignedConfig, serverKey: string): ConfigurationAnswer {
    const { agentId, place, log } = this.#options;
    const before = this.#taken?.serverKey === serverKey ? this.#taken.version : 0;
    try {
      const told = readSignedConfig(signed, {
        agentId,
        versionMin: before,
        isSigned: (input, signature) => isSignedByServer(serverKey, input, signature),
      });
      if (told.version !== this.#taken?.version) log(`works by version ${told.version} of the configuration`);
      this.#taken = { ...told, serverKey };
    } catch (error) {
      if (!(error instanceof ConfigRefusal)) throw error;
      log(`the configuration that the server sent is not taken: ${error.message}`);
      return { type: 'refused', why: error.message };
    }
    try {
      place.write(`${JSON.stringify({ ...signed, serverKey } satisfies z.infer<typeof Kept>)}\n`);
    } catch (error) {
      // It holds until the next start; then the one before does, until the server is reached.
      log(`the configuration cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
    return { type: 'taken', config: this.#taken.config };
  }

  #kept(): (Configuration['current'] & { serverKey: string }) | null {
    const { place, agentId, serverKey, log } = this.#options;
    const text = place.read();
    if (text === null || serverKey === null) return null;
    const kept = Kept.safeParse(parsedJson(text));
    if (kept.success && kept.data.serverKey !== serverKey) return null;
    try {
      if (!kept.success) throw new ConfigRefusal('the file is not of its form');
      const told = readSignedConfig(kept.data, {
        agentId,
        versionMin: 0,
        isSigned: (input, signature) => isSignedByServer(serverKey, input, signature),
      });
      return { ...told, serverKey };
    } catch (error) {
      if (!(error instanceof ConfigRefusal)) throw error;
      log(`the kept configuration is not used: ${error.message}`);
      return null;
    }
  }
}

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
