/** Requests over connections that are kept: what a load client and a dashboard do. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export class HttpClient {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param base scheme, host and port */
  constructor(base: string, connections: number, headers: Readonly<Record<string, string>> = {}) {
    this.#base = new URL(base);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#headers = headers;
  }

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>> = {},
    body?: Buffer,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#base;
      const options = {
        agent: this.#agent,
        hostname,
        port,
        path,
        method,
        headers: { ...this.#headers, ...headers },
      };
      const call = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      call.on('error', (error: NodeJS.ErrnoException) => {
        // VictoriaMetrics closes each connection after two minutes; a request that meets this was not taken.
        if (error.code === 'ECONNRESET' && call.reusedSocket)
          this.send(method, path, headers, body).then(resolve, reject);
        else reject(error);
      });
      call.end(body);
    });
  }

  /** @throws if the answer is not 2xx */
  async get(path: string): Promise<Buffer> {
    const { status, body } = await this.send('GET', path);
    if (status < 200 || status > 299)
      throw new Error(`GET ${path} answered ${status}: ${body.subarray(0, 300).toString()}`);
    return body;
  }

  close(): void {
    this.#agent.destroy();
  }
}
