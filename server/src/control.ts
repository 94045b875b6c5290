/** The door by which `muster` commands reach a running server: HTTP over a Unix socket that only its owner can open. */
import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { basename, dirname } from 'node:path';
import { z } from 'zod';

const BackupRequest = z.object({ to: z.string().min(1).max(4096) });
const Answer = z.object({ ok: z.boolean(), message: z.string() });
type Answer = z.infer<typeof Answer>;

const BODY_BYTES_MAX = 16 << 10;
/** A backup copies everything; hours are possible on a slow disk. */
const ANSWER_MS_MAX = 6 * 3_600_000;

export interface ControlVerbs {
  /** Copies everything into the empty folder `to`. */
  backup(to: string): Promise<string>;
}

export async function listenControl(socketPath: string, verbs: ControlVerbs): Promise<{ close(): void }> {
  rmSync(socketPath, { force: true });
  const door = reachable(socketPath);
  const server: Server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString();
      if (body.length > BODY_BYTES_MAX) incoming.destroy();
    });
    incoming.on('end', () => {
      void answer(incoming.url ?? '', body, verbs).then((result) => {
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify(result));
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(door.path, resolve);
  }).catch((error: unknown) => {
    door.close();
    throw error;
  });
  chmodSync(socketPath, 0o600);
  return {
    close: () => {
      server.close();
      door.close();
      rmSync(socketPath, { force: true });
    },
  };
}

async function answer(url: string, body: string, verbs: ControlVerbs): Promise<Answer> {
  try {
    if (url !== '/backup') return { ok: false, message: `there is no command ${url}` };
    const { to } = BackupRequest.parse(JSON.parse(body));
    return { ok: true, message: await verbs.backup(to) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks the running server. null: no server listens there. */
export async function askServer(
  socketPath: string,
  verb: 'backup',
  body: z.infer<typeof BackupRequest>,
): Promise<Answer | null> {
  if (!existsSync(dirname(socketPath))) return null;
  const door = reachable(socketPath);
  return new Promise<Answer | null>((resolve, reject) => {
    const outgoing = request(
      { socketPath: door.path, path: `/${verb}`, method: 'POST', timeout: ANSWER_MS_MAX, agent: false },
      (incoming) => {
        let text = '';
        incoming.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        incoming.on('end', () => resolve(Answer.parse(JSON.parse(text))));
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(null) : reject(error),
    );
    outgoing.end(JSON.stringify(body));
  }).finally(() => door.close());
}

/** Longest name of a socket: sun_path of unix(7) has 108 bytes with the closing zero, 104 on other systems. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** A name by which the socket can be opened although its folder lies deep: by way of the opened folder (proc(5)). */
function reachable(socketPath: string): { path: string; close(): void } {
  if (Buffer.byteLength(socketPath) <= SOCKET_PATH_BYTES_MAX || process.platform !== 'linux')
    return { path: socketPath, close: () => {} };
  const folder = openSync(dirname(socketPath), 'r');
  return { path: `/proc/self/fd/${folder}/${basename(socketPath)}`, close: () => closeSync(folder) };
}
