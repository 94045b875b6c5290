/** The door by which `muster` commands reach a running server: HTTP over a Unix socket that only its owner can open. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
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
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return {
    close: () => {
      server.close();
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
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, path: `/${verb}`, method: 'POST', timeout: ANSWER_MS_MAX },
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
  });
}
