/** An intake on memory stores and the real CMDB, for tests. */
import { deflateSync } from 'node:zlib';
import { createCmdb } from '../cmdb/cmdb.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createMemoryIntakeStore } from '../store/memory/intake.ts';
import { createCmdbPort } from './cmdb-port.ts';
import { unpack } from './encoding.ts';
import { createIntake, type IntakeRequest } from './intake.ts';

export const START_MS = Date.UTC(2026, 0, 5, 8);

export async function createIntakeWorld() {
  const machines = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store: machines, newId, recordAudit: async () => undefined });
  const store = createMemoryIntakeStore();
  const lines: string[] = [];
  let secrets = 0;
  const intake = await createIntake({
    store,
    inventory: createCmdbPort(cmdb, machines, newId),
    newId,
    randomBytes: (count) => new Uint8Array(count).fill(++secrets),
    log: (level, what, detail) => void lines.push(`${level} ${what} ${JSON.stringify(detail)}`),
    breathe: async () => undefined,
  });
  const scope = { site: 'Beijing', class: null, tags: ['office'] };
  const { site, token } = await intake.issue({ name: 'Beijing', expiresInDays: null, scope }, START_MS);
  let nowMs = START_MS;

  async function post(body: Uint8Array | string, change: Partial<IntakeRequest> = {}) {
    nowMs += 60_000;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const answer = await intake.accept({
      path: `/intake/${token}`,
      contentType: 'application/xml',
      agentId: '',
      userAgent: 'FusionInventory-Agent_v2.6-3',
      address: '10.0.0.7',
      body: chunks(bytes),
      nowMs,
      ...change,
    });
    if (answer === null) return null;
    const type = answer.headers['content-type'] ?? '';
    const packed = /compress-gzip/.test(type) ? 'gzip' : /compress/.test(type) ? 'zlib' : 'plain';
    const text = Buffer.from(await unpack(answer.body, packed)).toString('utf8');
    return { status: answer.status, headers: answer.headers, packed, text };
  }
  const deliveries = async () => (await store.deliveries({ limit: 500, cursor: undefined })).items;
  return { intake, store, machines, cmdb, site, token, post, deliveries, lines, nowMs: () => nowMs };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 16 << 10;
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

export function zlib(text: string): Uint8Array {
  return deflateSync(Buffer.from(text, 'utf8'));
}

export function inventoryXml(content: string, deviceId = 'pc-7-2026-01-02-03-04-05'): string {
  return `<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST><CONTENT>${content}</CONTENT><DEVICEID>${deviceId}</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>`;
}
