/** The agent of the server's own machine: started with the server, stopped with it, otherwise an agent like any other. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { childEnvironment } from './config.ts';
import { agentIdOf, rawPublicKey } from './fleet/signature.ts';
import type { Log } from './log.ts';

const KEY_FILE = 'agent.key';
const AGENT_MAIN = join(import.meta.dirname, '../../agent/src/main.ts');
/** What the agent keeps of its enrolment, as far as it matters here. */
const Identity = z.object({ enrolledWith: z.string().nullable() });
/** An agent that hangs in its goodbye does not hold up the server's end. */
const STOP_MS_MAX = 4_000;
/** As recommended for the service: a small young generation keeps the resident memory down. What Node calls experimental is for developers to know. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];

export interface LocalAgentOptions {
  readonly dataDir: string;
  readonly serverUrl: string;
  /** base64url. */
  readonly serverKey: string;
  /** base64; null without TLS of our own. */
  readonly tlsPin: string | null;
  /** Makes a token for one use. */
  readonly issueToken: () => Promise<string>;
  readonly log: Log;
}

export interface LocalAgent {
  stop(): Promise<void>;
}

/**
 * It is not started again when somebody ends it: that it is gone is for the incident to say, and
 * `npm run muster -- agent run --server URL --data-dir DIR` starts it anew.
 */
export async function startLocalAgent(options: LocalAgentOptions): Promise<LocalAgent> {
  const { dataDir, serverUrl, serverKey, tlsPin, log } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const token = isEnrolled(dataDir, serverKey) ? null : await options.issueToken();
  const flags = [
    '--server',
    serverUrl,
    '--server-key',
    serverKey,
    '--data-dir',
    dataDir,
    ...(tlsPin ? ['--tls-pin', tlsPin] : []),
  ];
  // By the environment, because every user of the machine can read a command line.
  const env: Record<string, string> = token === null ? {} : { MUSTER_TOKEN: token };
  const child = spawn(process.execPath, [...NODE_FLAGS, AGENT_MAIN, 'run', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: childEnvironment(env),
  });
  let stopping = false;
  child.stderr.on('data', (chunk: Buffer) =>
    log('info', 'local agent says', { text: chunk.toString().trim() }),
  );
  child.once('error', (error) =>
    log('error', 'the local agent could not be started', { error: error.message }),
  );
  child.once('exit', (code, signal) => {
    if (!stopping)
      log(
        'warn',
        `the local agent ended; start it again with: npm run muster -- agent run --server ${serverUrl} --data-dir ${dataDir}`,
        {
          code,
          signal,
          dataDir,
        },
      );
  });
  return {
    async stop() {
      stopping = true;
      await stopChild(child);
    },
  };
}

/**
 * Whether the agent was accepted by this server: it says so in its identity. A key alone is no proof, because the start
 * that made it may have ended before the server had answered.
 */
export function isEnrolled(dataDir: string, serverKey: string): boolean {
  const file = join(dataDir, 'identity.json');
  if (!existsSync(join(dataDir, KEY_FILE)) || !existsSync(file)) return false;
  try {
    return Identity.parse(JSON.parse(readFileSync(file, 'utf8'))).enrolledWith === serverKey;
  } catch {
    // A damaged file is made anew by the agent, which then enrols anew.
    return false;
  }
}

/**
 * By which the agent of the server's own machine is known; null while it has no key. Any other may connect over loopback too. Asked for
 * with each list of agents, so the key is read only where its file has changed.
 */
export function localAgentIdIn(dataDir: string): () => string | null {
  const file = join(dataDir, KEY_FILE);
  let known: { readonly mtimeMs: number; readonly size: number; readonly id: string } | null = null;
  return () => {
    try {
      const { mtimeMs, size } = statSync(file);
      if (known?.mtimeMs !== mtimeMs || known.size !== size)
        known = { mtimeMs, size, id: agentIdOf(rawPublicKey(createPrivateKey(readFileSync(file, 'utf8')))) };
      return known.id;
    } catch {
      // None yet, or a damaged one, which the agent makes anew.
      return null;
    }
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(patience);
}
