import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BODY_BYTES_MAX,
  DELIVERIES_IN_FLIGHT_MAX,
  DELIVERIES_PER_ADDRESS_MAX,
  INFLATED_BYTES_MAX,
} from './limits.ts';
import { createIntakeWorld, inventoryXml, zlib } from './testing.ts';

const XML = inventoryXml(
  '<BIOS><SSN>PF3ABCDE</SSN></BIOS><HARDWARE><NAME>pc-7</NAME><MEMORY>16005</MEMORY></HARDWARE>' +
    '<OPERATINGSYSTEM><KERNEL_NAME>linux</KERNEL_NAME><BOOT_TIME>2026-01-05 07:58:08</BOOT_TIME><TIMEZONE><NAME>UTC</NAME><OFFSET>+0000</OFFSET></TIMEZONE></OPERATINGSYSTEM>' +
    '<NETWORKS><DESCRIPTION>eth0</DESCRIPTION><MACADDR>48:2A:E3:11:22:33</MACADDR><IPADDRESS>10.1.2.3</IPADDRESS><IPMASK>255.255.255.0</IPMASK></NETWORKS>' +
    '<SOFTWARES><NAME>bash</NAME><VERSION>5</VERSION><FROM>deb</FROM></SOFTWARES><LOCAL_USERS><LOGIN>anna</LOGIN><ID>1000</ID></LOCAL_USERS>',
);
const JSON_BODY = JSON.stringify({
  action: 'inventory',
  deviceid: 'pc-7-2026-01-01-00-00-00',
  content: {
    versionclient: 'GLPI-Agent_v1.12',
    bios: { ssn: 'PF3ABCDE' },
    hardware: { name: 'pc-7', uuid: '4c4c4544-0034-3010-8048-b6c04f503732', memory: 7800 },
    operatingsystem: { kernel_name: 'linux', timezone: { name: 'Europe/Paris', offset: '+0100' } },
    networks: [{ description: 'eth0', mac: '48:2a:e3:11:22:33', ipaddress: '10.1.2.3' }],
    softwares: [{ name: 'bash', version: '5', from: 'deb', install_date: '2026-01-01' }],
    drives: [{ type: '/', total: 100, volumn: '/dev/sda1' }],
  },
});
const WHOLE = [Buffer.from(XML), Buffer.from(JSON_BODY), Buffer.from(zlib(XML)), gzipSync(JSON_BODY)];

/** One way of spoiling a body. */
const spoiling = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), to: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(), length: fc.nat(200) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    text: fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom(
        '<!DOCTYPE x>',
        '<![CDATA[',
        ']]>',
        '&amp;',
        '&#0;',
        '&lol;',
        '-->',
        '<?x?>',
        '{"a":',
        '[[[[[',
        '\u0000',
        '\ud800',
        '9'.repeat(400),
        '__proto__',
        '"constructor":{"prototype":1},',
        '<__proto__><polluted>1</polluted></__proto__>',
        'x'.repeat(5_000),
      ),
    ),
  }),
);
type Spoiling = typeof spoiling extends fc.Arbitrary<infer T> ? T : never;

function spoiled(body: Buffer, how: Spoiling): Buffer {
  const at = body.length === 0 ? 0 : how.at % body.length;
  if (how.kind === 'cut') return body.subarray(0, at);
  if (how.kind === 'insert')
    return Buffer.concat([body.subarray(0, at), Buffer.from(how.text), body.subarray(at)]);
  if (how.kind === 'double') return Buffer.concat([body.subarray(0, at + how.length), body.subarray(at)]);
  const copy = Buffer.from(body);
  if (copy.length > 0) copy[at] = how.to;
  return copy;
}

test('[TP9] 3,000 spoiled bodies: each gets an answer, and none is an error of ours', async () => {
  const { post, lines, deliveries } = await createIntakeWorld();
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...WHOLE),
      fc.array(spoiling, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.nat(200),
      async (body, ways, packed, host) => {
        const answer = await post(
          packed ? gzipSync(ways.reduce(spoiled, body)) : ways.reduce(spoiled, body),
          { address: `10.0.1.${host}` },
        );
        statuses.set(answer?.status ?? 0, (statuses.get(answer?.status ?? 0) ?? 0) + 1);
        expect([200, 400, 409, 413, 422]).toContain(answer?.status);
        expect(answer?.text.length).toBeLessThan(1_000);
      },
    ),
    { numRuns: 3_000, seed: 42 },
  );
  expect(lines).toEqual([]);
  expect((await deliveries()).length).toBeGreaterThan(0);
  // Both kinds occur, so the mutations are neither all harmless nor all fatal.
  expect(statuses.get(200)).toBeGreaterThan(50);
  expect(statuses.get(400)).toBeGreaterThan(100);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
}, 120_000);

test('[TP6] a bomb of zeros stops at the cap: little more than the cap is ever held', async () => {
  const { post } = await createIntakeWorld();
  const bomb = gzipSync(Buffer.alloc(400 << 20), { level: 9 });
  expect(bomb.length).toBeLessThan(BODY_BYTES_MAX);
  let peak = 0;
  const before = process.memoryUsage();
  const watch = setInterval(() => {
    const now = process.memoryUsage();
    peak = Math.max(peak, now.arrayBuffers + now.external - before.arrayBuffers - before.external);
  }, 1);
  const answer = await post(bomb);
  clearInterval(watch);
  expect(answer).toMatchObject({ status: 413, text: expect.stringContaining('inflated-too-large') });
  expect(peak).toBeLessThan(4 * INFLATED_BYTES_MAX);
}, 60_000);

test('[TP5] more deliveries at once than may be held are asked to come again', async () => {
  const { post } = await createIntakeWorld();
  const answers = await Promise.all(
    Array.from({ length: DELIVERIES_IN_FLIGHT_MAX + 4 }, (_, i) => post(XML, { address: `10.0.2.${i}` })),
  );
  const busy = answers.filter((answer) => answer?.status === 503);
  expect(busy).toHaveLength(4);
  expect(busy[0]?.headers['retry-after']).toBe('60');
  expect(await post(XML)).toMatchObject({ status: 200 });
});

test('[TP5] one address that sends slowly keeps nobody else out', async () => {
  const { post } = await createIntakeWorld();
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(XML);
    await held;
  }
  const answers = Array.from({ length: DELIVERIES_IN_FLIGHT_MAX }, () => post('', { body: slow() }));
  expect(await post(XML, { address: '10.0.0.8' })).toMatchObject({ status: 200 });
  release();
  const busy = (await Promise.all(answers)).filter((answer) => answer?.status === 503);
  expect(busy).toHaveLength(DELIVERIES_IN_FLIGHT_MAX - DELIVERIES_PER_ADDRESS_MAX);
});

const LONG = 'x'.repeat(6 << 20);
test.each([
  ['an attribute of 6 MiB', `<REQUEST a="${LONG}"></REQUEST>`, 413, 'xml-too-large'],
  ['many attributes', `<REQUEST ${'a="1" '.repeat(800_000)}></REQUEST>`, 413, 'xml-too-large'],
  ['a comment of 6 MiB', `<REQUEST><!--${LONG}--></REQUEST>`, 413, 'xml-too-large'],
  ['an instruction of 6 MiB', `<REQUEST><?x ${LONG}?></REQUEST>`, 413, 'xml-too-large'],
  ['a name of 6 MiB', `<REQUEST><${LONG}/></REQUEST>`, 413, 'xml-too-large'],
  ['a document type after the root', '<REQUEST></REQUEST><!DOCTYPE x [<!ENTITY a "b">]>', 400, 'xml-'],
  ['an entity of its own', '<REQUEST>&a;</REQUEST>', 400, 'xml-broken'],
  [
    'three million empty objects',
    `{"content":{"softwares":[${'{},'.repeat(3_000_000)}{}]}}`,
    413,
    'section-',
  ],
  ['a packed body in a packed body', zlib(gzipSync(XML).toString('latin1')), 400, 'message-unknown'],
  ['a type of device that objects have', deviceOf('constructor'), 200, 'SEND'],
  ['a section that objects have', inventoryXml('<CONSTRUCTOR><A>1</A></CONSTRUCTOR>'), 422, 'nothing-known'],
])(
  '[TP6] [TP9] %s is answered with its reason, and is no error of ours',
  async (_, body, status, code) => {
    const { post, lines } = await createIntakeWorld();
    const packed = typeof body === 'string' ? zlib(body) : body;
    expect(await post(packed)).toMatchObject({ status, text: expect.stringContaining(code) });
    expect(lines).toEqual([]);
  },
  20_000,
);

function deviceOf(type: string): string {
  return inventoryXml(`<DEVICE><INFO><TYPE>${type}</TYPE></INFO></DEVICE>`).replace('INVENTORY', 'SNMPQUERY');
}

/** GB 18030 of the two characters, which no encoder of the platform writes. */
const GB18030 = Buffer.concat([
  Buffer.from(
    '<?xml version="1.0" encoding="GB18030"?><REQUEST><CONTENT><BIOS><SSN>PF3ABCDE</SSN></BIOS><HARDWARE><NAME>',
  ),
  Buffer.from([0xb2, 0xc6, 0xce, 0xf1]),
  Buffer.from('-7</NAME></HARDWARE></CONTENT><QUERY>INVENTORY</QUERY></REQUEST>'),
]);
const CHINESE = XML.replace('<NAME>pc-7', '<NAME>财务-7');

test.each([
  ['UTF-8', Buffer.from(CHINESE)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${CHINESE}`)],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${CHINESE}`, 'utf16le')],
  ['UTF-16 without', Buffer.from(CHINESE, 'utf16le')],
  ['UTF-16, big-endian', Buffer.from(CHINESE, 'utf16le').swap16()],
  ['GB 18030', GB18030],
  ['an encoding that nobody knows', Buffer.from(CHINESE.replace('UTF-8', 'UTF-7'))],
])('[TP9] names are read in %s', async (_, body) => {
  const { post, deliveries } = await createIntakeWorld();
  expect(await post(body)).toMatchObject({ status: 200 });
  expect((await deliveries())[0]?.deviceName).toBe('财务-7');
});
