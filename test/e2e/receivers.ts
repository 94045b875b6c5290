/** Who is told in a test: a webhook and a mail server that keep what they get. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';

export interface Receiver<T> {
  readonly port: number;
  readonly received: T[];
  close(): void;
}

/** Answers 200 to whatever JSON comes. */
export async function startWebhook<T>(): Promise<Receiver<T>> {
  const received: T[] = [];
  const server = createHttpServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      received.push(JSON.parse(text) as T);
      response.end();
    });
  });
  return listening(server, received);
}

export interface Mail {
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
}

/** Speaks as much SMTP (RFC 5321) as a sender of plain mails needs. */
export async function startMailServer(): Promise<Receiver<Mail>> {
  const received: Mail[] = [];
  const server = createServer((socket) => {
    let waiting = '';
    let to: string[] = [];
    let inData = false;
    const answer = (line: string) => socket.write(`${line}\r\n`);
    const command = (line: string) => {
      const word = line.slice(0, 4).toUpperCase();
      if (word === 'RCPT') to.push(/<(.*)>/.exec(line)?.[1] ?? '');
      if (word === 'DATA') inData = true;
      answer(word === 'DATA' ? '354 go on' : word === 'QUIT' ? '221 bye' : '250 fine');
      if (word === 'QUIT') socket.end();
    };
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      waiting += chunk.toString('utf8');
      for (;;) {
        const end = inData ? '\r\n.\r\n' : '\r\n';
        const at = waiting.indexOf(end);
        if (at === -1) return;
        const piece = waiting.slice(0, at);
        waiting = waiting.slice(at + end.length);
        if (!inData) {
          command(piece);
          continue;
        }
        received.push(mailOf(to, piece));
        to = [];
        inData = false;
        answer('250 taken');
      }
    });
    answer('220 mail.test');
  });
  return listening(server, received);
}

async function listening<T>(server: Server, received: T[]): Promise<Receiver<T>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, received, close: () => server.close() };
}

function mailOf(to: string[], message: string): Mail {
  const at = message.indexOf('\r\n\r\n');
  const head = message.slice(0, at).replaceAll(/\r\n[ \t]/g, ' ');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
  const body = message.slice(at + 4);
  const coding = field('Content-Transfer-Encoding').toLowerCase();
  const text =
    coding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : coding === 'quoted-printable'
        ? bytesOf(body.replaceAll('=\r\n', ''), '=')
        : body;
  return { to, subject: words(field('Subject')), text: text.replaceAll('\r\n', '\n') };
}

/** Encoded words of a header (RFC 2047). */
function words(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_all, kind: string, coded: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(coded, 'base64').toString('utf8')
        : bytesOf(coded.replaceAll('_', ' '), '='),
    );
}

/** `=C3=BC` as UTF-8. */
function bytesOf(text: string, mark: string): string {
  const parts = new RegExp(`(?:${mark}[0-9A-F]{2})+`, 'gi');
  return text.replaceAll(parts, (run) => Buffer.from(run.replaceAll(mark, ''), 'hex').toString('utf8'));
}
