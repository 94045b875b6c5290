/** The door for other people's agents: from a request to a delivery in the CMDB, or to a refusal that says why. */
import type { IntakeRefusalCode } from '@muster/shared/api/intake.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { type Log, messageOf } from '../log.ts';
import { AddressBudget } from './budget.ts';
import { type Encoding, encodingOf, pack, unpack } from './encoding.ts';
import { deviceRecord } from './device-record.ts';
import type { InventoryPort } from './inventory-port.ts';
import {
  BODY_BYTES_MAX,
  DELIVERIES_IN_FLIGHT_MAX,
  DELIVERIES_PER_ADDRESS_MAX,
  RETRY_SECONDS,
  SITES_MAX,
} from './limits.ts';
import { applyPatch, type Patch, patchOf } from './map.ts';
import { type DeviceReport, type Message, readMessage } from './message.ts';
import { IntakeRefusal, REFUSAL_STATUS } from './refusal.ts';
import { type Reply, replyText } from './reply.ts';
import type { DeliveryRecord, IntakeScope, IntakeSiteRecord, IntakeStore, ReporterRecord } from './store.ts';
import { TOKEN_BYTES, tokenHash, tokenOfPath, tokenText } from './token.ts';
import { text } from './values.ts';

export interface IntakeRequest {
  /** With the token, without a query. */
  readonly path: string;
  readonly contentType: string;
  /** Header GLPI-Agent-ID; '' where there is none. */
  readonly agentId: string;
  readonly userAgent: string;
  readonly address: string;
  readonly body: AsyncIterable<Uint8Array> | null;
  readonly nowMs: Millis;
}

export interface IntakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface NewIntakeSite {
  readonly name: string;
  readonly expiresInDays: number | null;
  readonly scope: IntakeScope;
}

export interface Intake {
  readonly store: IntakeStore;
  /** Who reports a CI, or one that turned out to be it; the latest first. */
  reportersOf(ciId: string): Promise<readonly ReporterRecord[]>;
  /** The token is in no other place than this answer. @throws AppError name-taken, intake-full */
  issue(site: NewIntakeSite, nowMs: Millis): Promise<{ site: IntakeSiteRecord; token: string }>;
  /** false: there is none, or it is revoked already. */
  revoke(id: string, nowMs: Millis): Promise<boolean>;
  /** null: nothing is to be found at this address. Never throws. */
  accept(request: IntakeRequest): Promise<IntakeAnswer | null>;
}

export interface IntakeDeps {
  readonly store: IntakeStore;
  readonly inventory: InventoryPort;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  /** Lets others be served between two pieces of work. */
  readonly breathe: () => Promise<void>;
}

/** What is known of a delivery so far, for the list of deliveries. */
interface Progress {
  bodyBytes: number;
  inflatedBytes: number;
  encoding: Encoding;
  form: 'xml' | 'json';
}

interface Client {
  readonly name: string;
  readonly version: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function createIntake(deps: IntakeDeps): Promise<Intake> {
  const { store, inventory, newId, log, breathe } = deps;
  /** Sites are few and are asked at each request: looked up by hash in memory, in the same time found or not. */
  const sites = new Map<string, IntakeSiteRecord>();
  for (const site of await store.allSites()) sites.set(site.tokenHash, site);
  const budget = new AddressBudget();
  /** Addresses whose deliveries are held, once for each. */
  const inFlight: string[] = [];
  // Two reports of one machine at once would each be laid over what was known before the other.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  function siteOf(path: string, nowMs: Millis): IntakeSiteRecord | null {
    const site = sites.get(tokenHash(tokenOfPath(path) ?? path));
    if (!site || site.revokedAtMs !== null) return null;
    return site.expiresAtMs !== null && nowMs >= site.expiresAtMs ? null : site;
  }

  async function accept(request: IntakeRequest): Promise<IntakeAnswer | null> {
    const { address, nowMs } = request;
    const againAtMs = budget.spend(address, nowMs);
    if (againAtMs !== null) return later(429, Math.ceil((againAtMs - nowMs) / 1_000));
    const site = siteOf(request.path, nowMs);
    if (site === null) return null;
    const fromThere = inFlight.filter((one) => one === address).length;
    if (inFlight.length >= DELIVERIES_IN_FLIGHT_MAX || fromThere >= DELIVERIES_PER_ADDRESS_MAX)
      return later(503, RETRY_SECONDS);
    inFlight.push(address);
    const progress: Progress = {
      bodyBytes: 0,
      inflatedBytes: 0,
      encoding: 'plain',
      form: UUID.test(request.agentId) || /json/i.test(request.contentType) ? 'json' : 'xml',
    };
    try {
      return await taken(request, site, progress);
    } catch (error) {
      return await refused(error, request, site, progress);
    } finally {
      inFlight.splice(inFlight.indexOf(address), 1);
    }
  }

  async function taken(
    request: IntakeRequest,
    site: IntakeSiteRecord,
    progress: Progress,
  ): Promise<IntakeAnswer> {
    const body = await bodyOf(request.body, progress);
    progress.encoding = encodingOf(body);
    const bytes = await unpack(body, progress.encoding);
    progress.inflatedBytes = bytes.length;
    const message: Message = await readMessage(bytes, breathe);
    // An agent that names itself by GLPI-Agent-ID understands JSON, and speaks it once it was answered so.
    progress.form = message.form === 'json' || UUID.test(request.agentId) ? 'json' : 'xml';
    if (message.kind !== 'inventory') return answer(200, { kind: message.kind }, progress);
    for (const report of message.reports) await take(report, request, site, progress);
    return answer(200, { kind: 'taken' }, progress);
  }

  async function take(
    report: DeviceReport,
    request: IntakeRequest,
    site: IntakeSiteRecord,
    progress: Progress,
  ): Promise<void> {
    const { nowMs } = request;
    const client = clientOf(report.versionClient ?? request.userAgent);
    const delivery = {
      ...deliveryOf(request, site, progress),
      clientName: client.name,
      clientVersion: client.version,
      deviceName: deviceNameOf(report),
      itemType: report.itemType.slice(0, 32),
      partial: report.partial,
    };
    try {
      if (report.itemType !== 'Computer') {
        await takeDevice(report, client, delivery, request, site);
        return;
      }
      const patch = patchOf(report.content, nowMs);
      const result = await inOrder(() => deliver(report, patch, client, request, site));
      await store.record(
        {
          ...delivery,
          result: result.created ? 'created' : 'known',
          ciId: result.ciId,
          sections: result.sections,
          detail: result.refused.length === 0 ? '' : `left out: ${result.refused.join(', ')}`,
        },
        {
          id: newId('itr', nowMs),
          key: result.key,
          clientName: client.name,
          clientVersion: client.version,
          ciId: result.ciId,
          lastSeenAtMs: nowMs,
        },
      );
    } catch (error) {
      if (error instanceof IntakeRefusal) throw new ReportRefusal(error, delivery);
      throw error;
    }
  }

  async function takeDevice(
    report: DeviceReport,
    client: Client,
    delivery: DeliveryRecord,
    { nowMs }: IntakeRequest,
    site: IntakeSiteRecord,
  ): Promise<void> {
    const record = deviceRecord(report);
    if (record === null) {
      const detail = `a ${delivery.itemType}`;
      await store.record({ ...delivery, result: 'noted', code: 'class-not-served', detail }, null);
      return;
    }
    if (record.serial === null && record.mac === null && record.values.managementAddress === undefined)
      throw new IntakeRefusal(
        'nothing-known',
        'it has neither serial number nor address, so it could not be found again',
      );
    const made = await inventory.deliverDevice({
      record,
      // The agent that asked the device, not one on it.
      reporter: `${client.name} (${site.name})`,
      scope: site.scope,
      mayCreate: !report.partial,
      nowMs,
    });
    if (made === null)
      throw new IntakeRefusal(
        'partial-unknown',
        'it tells only what has changed of a device that is not known here',
      );
    await store.record(
      {
        ...delivery,
        result: made.created ? 'created' : 'known',
        ciId: made.ciId,
        sections: Object.keys(record.values),
      },
      {
        id: newId('itr', nowMs),
        key: `${client.name} ${made.ciId}`,
        clientName: client.name,
        clientVersion: client.version,
        ciId: made.ciId,
        lastSeenAtMs: nowMs,
      },
    );
  }

  async function deliver(
    report: DeviceReport,
    patch: Patch,
    client: Client,
    request: IntakeRequest,
    site: IntakeSiteRecord,
  ) {
    const uuid = UUID.test(request.agentId) ? request.agentId.toLowerCase() : null;
    const ownKey = uuid === null ? null : `glpi ${uuid}`;
    const evidenceCiId = ownKey === null ? null : ((await store.reporter(site.id, ownKey))?.ciId ?? null);
    const first = applyPatch(patch, {});
    if (Object.keys(first.sections).length === 0)
      throw first.refused.length > 0
        ? new IntakeRefusal(
            'report-invalid',
            `its sections ${first.refused.join(', ')} do not have the expected form`,
          )
        : new IntakeRefusal('nothing-known', 'it tells nothing of the machine that is kept here');
    const by = {
      // Without an identity of its own a program goes by the name of its machine: a label in history, never a proof.
      reporter:
        uuid === null ? `${client.name} ${deviceNameOf(report)} (${site.name})` : `GLPI-Agent ${uuid}`,
      scope: withTag(site.scope, report.tag),
      evidenceCiId,
    };
    const knownCiId = await inventory.whose(first.sections, by);
    if (knownCiId === null && report.partial)
      throw new IntakeRefusal(
        'partial-unknown',
        'it tells only what has changed of a machine that is not known here',
      );
    const held = knownCiId === null ? null : await inventory.held(knownCiId, request.nowMs);
    const { sections, refused } = held === null ? first : applyPatch(patch, held.base, held.known);
    const { ciId, created } = await inventory.deliver({
      ...by,
      hostname: deviceNameOf(report),
      sections,
      complete: !report.partial,
      nowMs: request.nowMs,
    });
    return {
      ciId,
      created,
      refused,
      sections: Object.keys(sections),
      key: ownKey ?? `${client.name} ${ciId}`,
    };
  }

  async function refused(
    error: unknown,
    request: IntakeRequest,
    site: IntakeSiteRecord,
    progress: Progress,
  ): Promise<IntakeAnswer> {
    const cause = error instanceof ReportRefusal ? error.refusal : error;
    const code: IntakeRefusalCode = cause instanceof IntakeRefusal ? cause.code : 'server-error';
    // What another agent sent stands in no log; an error of ours does.
    if (!(cause instanceof IntakeRefusal))
      log('error', 'a delivery of another agent failed', { site: site.id, error: messageOf(cause) });
    const detail = cause instanceof IntakeRefusal ? cause.message : 'the server failed; see its log';
    const delivery = error instanceof ReportRefusal ? error.delivery : deliveryOf(request, site, progress);
    try {
      await store.record({ ...delivery, result: 'refused', code, detail }, null);
    } catch (failure) {
      log('error', 'a refused delivery could not be noted', { site: site.id, error: messageOf(failure) });
    }
    return answer(REFUSAL_STATUS[code], { kind: 'error', message: `${code}: ${detail}` }, progress);
  }

  function deliveryOf(request: IntakeRequest, site: IntakeSiteRecord, progress: Progress): DeliveryRecord {
    const client = clientOf(request.userAgent);
    return {
      id: newId('itd', request.nowMs),
      siteId: site.id,
      atMs: request.nowMs,
      address: request.address,
      clientName: client.name,
      clientVersion: client.version,
      deviceName: '',
      itemType: '',
      partial: false,
      result: 'refused',
      code: null,
      detail: '',
      ciId: null,
      sections: [],
      bodyBytes: progress.bodyBytes,
      inflatedBytes: progress.inflatedBytes,
    };
  }

  return {
    store,
    reportersOf: async (ciId) => {
      const all = await Promise.all([ciId, ...inventory.mergedIn(ciId)].map((id) => store.reportersOf(id)));
      return all.flat().toSorted((a, b) => b.lastSeenAtMs - a.lastSeenAtMs);
    },
    issue: async ({ name, expiresInDays, scope }, nowMs) => {
      const open = [...sites.values()].filter(({ revokedAtMs }) => revokedAtMs === null);
      if (open.some((site) => site.name === name))
        throw new AppError('name-taken', `There is an intake site ${name} already.`);
      if (open.length >= SITES_MAX)
        throw new AppError('intake-full', `There are ${SITES_MAX} intake sites already.`);
      const token = tokenText(deps.randomBytes(TOKEN_BYTES));
      const site: IntakeSiteRecord = {
        id: newId('its', nowMs),
        name,
        tokenHash: tokenHash(token),
        scope,
        createdAtMs: nowMs,
        expiresAtMs: expiresInDays === null ? null : nowMs + expiresInDays * DAY_MS,
        revokedAtMs: null,
        deliveries: 0,
        refused: 0,
        lastDeliveryAtMs: null,
        lastErrorAtMs: null,
        lastErrorCode: null,
        lastErrorDetail: '',
      };
      await store.addSite(site);
      sites.set(site.tokenHash, site);
      return { site, token };
    },
    revoke: async (id, nowMs) => {
      const done = await store.revokeSite(id, nowMs);
      for (const [hash, site] of sites) if (site.id === id) sites.delete(hash);
      return done;
    },
    accept,
  };
}

/** A refusal with what was known of the report by then. */
class ReportRefusal extends Error {
  readonly refusal: IntakeRefusal;
  readonly delivery: DeliveryRecord;

  constructor(refusal: IntakeRefusal, delivery: DeliveryRecord) {
    super(refusal.message);
    this.refusal = refusal;
    this.delivery = delivery;
  }
}

async function bodyOf(body: AsyncIterable<Uint8Array> | null, progress: Progress): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) {
    progress.bodyBytes += chunk.byteLength;
    if (progress.bodyBytes > BODY_BYTES_MAX)
      throw new IntakeRefusal('body-too-large', `it has more than ${BODY_BYTES_MAX >> 20} MiB`);
    chunks.push(chunk);
  }
  if (progress.bodyBytes === 0) throw new IntakeRefusal('body-empty', 'there is nothing in it');
  return Buffer.concat(chunks);
}

const CONTENT_TYPES = {
  zlib: 'application/x-compress-zlib',
  gzip: 'application/x-compress-gzip',
  plain: null,
} as const;

function answer(status: number, reply: Reply, { form, encoding }: Progress): IntakeAnswer {
  const plain = form === 'json' ? 'application/json' : 'application/xml; charset=utf-8';
  return {
    status,
    headers: { 'content-type': CONTENT_TYPES[encoding] ?? plain, 'cache-control': 'no-store' },
    body: pack(replyText(reply, form), encoding),
  };
}

function later(status: 429 | 503, seconds: number): IntakeAnswer {
  return {
    status,
    headers: { 'retry-after': String(Math.max(1, seconds)), 'cache-control': 'no-store' },
    body: new Uint8Array(),
  };
}

/** 'FusionInventory-Agent_v2.6-3' → name and version. */
function clientOf(told: string): Client {
  const clean = told.replace(/[^\x20-\x7e]/g, '').trim();
  const [, name, version] = /^(.+?)_v(\S+)/.exec(clean) ?? [];
  return {
    name: (name ?? clean.split(/[\s/(]/)[0] ?? '').slice(0, 64),
    version: (version ?? '').slice(0, 32),
  };
}

function deviceNameOf({ content }: DeviceReport): string {
  const [hardware, os, device] = [
    content.hardware?.[0],
    content.operatingsystem?.[0],
    content.network_device?.[0],
  ];
  return (text(hardware, 'name') ?? text(os, 'fqdn') ?? text(device, 'name') ?? '').slice(0, 255);
}

const TAG_CHARS_MAX = 64;
/** The tag that people gave an agent is one of the machine. */
function withTag(scope: IntakeScope, tag: string | null): IntakeScope {
  const clean = tag?.slice(0, TAG_CHARS_MAX) ?? '';
  return clean === '' || scope.tags.includes(clean) ? scope : { ...scope, tags: [...scope.tags, clean] };
}
