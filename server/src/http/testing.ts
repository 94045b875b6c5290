/** A web side with users of every role, for tests of routes. */
import { TOKEN_ROLES, type TokenRole } from '@muster/shared/api/rights.ts';
import type { Millis } from '@muster/shared/time.ts';
import { createRecordAudit } from '../access/audit-log.ts';
import { createAccess, issueApiToken } from '../access/access.ts';
import { createMemoryAccessStore } from '../store/memory/access.ts';
import { OwnMetrics } from './own-metrics.ts';
import { createWeb, type WebDeps } from './web.ts';

export const TEST_START_MS: Millis = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * Answers are checked against their schema. `call` sends a request as the API token of a role (null: nobody) and
 * gives status, headers and parsed body.
 */
export async function createTestWeb(overrides: Partial<WebDeps> = {}) {
  let nowMs = TEST_START_MS;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const store = createMemoryAccessStore();
  const record = createRecordAudit(store, clock);
  const access = createAccess({ store, record });
  const logged: string[] = [];
  const metrics = new OwnMetrics();
  const web = createWeb({
    access,
    record,
    clock,
    metrics,
    log: (level, what, detail) => void logged.push(`${level} ${what} ${JSON.stringify(detail)}`),
    version: '0.0.0',
    dashboardFolder: '/nonexistent',
    proxies: 0,
    publicHost: null,
    strictTransport: false,
    validateResponses: true,
    notReady: () => null,
    ...overrides,
  });
  const tokens = new Map<TokenRole, string>();
  for (const role of TOKEN_ROLES) {
    const { token } = await issueApiToken(store, { name: role, role, expiresAtMs: null }, nowMs);
    tokens.set(role, token);
  }
  const call = async (
    role: TokenRole | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const token = role === null ? undefined : tokens.get(role);
    const response = await web.fetch(
      new Request(`http://muster.test/api/v1${path}`, {
        method,
        headers: {
          host: 'muster.test',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const json = isJson && text !== '' ? (JSON.parse(text) as unknown) : text;
    return { status: response.status, headers: response.headers, body: json };
  };
  return {
    web,
    access,
    store: access.store,
    record,
    metrics,
    clock,
    logged,
    tokens,
    call,
    advance: (ms: number) => void (nowMs += ms),
  };
}
