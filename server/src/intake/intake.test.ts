import { deflateSync, gzipSync } from 'node:zlib';
import { DAY_MS } from '@muster/shared/time.ts';
import { describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX, REQUESTS_PER_ADDRESS_MAX } from './limits.ts';
import { createIntakeWorld, inventoryXml, START_MS, zlib } from './testing.ts';

const PROLOG =
  '<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST><DEVICEID>vm-2026-11-21-01-29-34</DEVICEID><QUERY>PROLOG</QUERY><TOKEN>12345678</TOKEN></REQUEST>';
const AGENT_ID = '3d5ad8e3-0f3b-4b6c-9f0e-4c9a3b6f1e11';

const PC = `
  <BIOS><SSN>PF3ABCDE</SSN><SMANUFACTURER>LENOVO</SMANUFACTURER><SMODEL>20XW</SMODEL></BIOS>
  <HARDWARE><NAME>pc-7</NAME><UUID>4C4C4544-0034-3010-8048-B6C04F503732</UUID><MEMORY>16005</MEMORY><LASTLOGGEDUSER>wtmp</LASTLOGGEDUSER><VMSYSTEM>Physical</VMSYSTEM></HARDWARE>
  <CPUS><ARCH>i386</ARCH><NAME>Intel(R) Core(TM) i7</NAME><MANUFACTURER>Intel</MANUFACTURER><CORE>4</CORE><THREAD>8</THREAD><SPEED>2800</SPEED></CPUS>
  <OPERATINGSYSTEM><NAME>Debian GNU/Linux</NAME><VERSION>12.11</VERSION><ARCH>x86_64</ARCH><KERNEL_NAME>linux</KERNEL_NAME><KERNEL_VERSION>6.1.0-35-amd64</KERNEL_VERSION><FQDN>pc-7.corp.example</FQDN><BOOT_TIME>2026-01-05 07:58:08</BOOT_TIME><INSTALL_DATE>1970-01-01 00:00:00</INSTALL_DATE><TIMEZONE><NAME>CET</NAME><OFFSET>+0100</OFFSET></TIMEZONE></OPERATINGSYSTEM>
  <NETWORKS><DESCRIPTION>eth0</DESCRIPTION><MACADDR>48:2A:E3:11:22:33</MACADDR><IPADDRESS>10.1.2.3</IPADDRESS><IPMASK>255.255.255.0</IPMASK><IPGATEWAY>10.1.2.1</IPGATEWAY><TYPE>ethernet</TYPE><STATUS>Up</STATUS><SPEED>1000</SPEED><VIRTUALDEV>0</VIRTUALDEV></NETWORKS>
  <SOFTWARES><NAME>openssl</NAME><VERSION>3.0.16-1</VERSION><ARCH>amd64</ARCH><FROM>deb</FROM></SOFTWARES>
  <SOFTWARES><NAME>bash</NAME><VERSION>5.2.15-2</VERSION><ARCH>amd64</ARCH><FROM>deb</FROM></SOFTWARES>
  <ENVS><KEY>AWS_SECRET</KEY><VAL>do-not-keep-me</VAL></ENVS>
  <PROCESSES><CMD>mysqld --password=do-not-keep-me</CMD><PID>1</PID><USER>root</USER></PROCESSES>
  <VERSIONCLIENT>FusionInventory-Agent_v2.6-3</VERSIONCLIENT>`;

describe('the exchange', () => {
  test('[TP10] a prolog is answered in the packing it came in', async () => {
    const { post } = await createIntakeWorld();
    const packed = await post(zlib(PROLOG), { contentType: 'application/x-compress-zlib' });
    expect(packed).toMatchObject({
      status: 200,
      packed: 'zlib',
      text: expect.stringContaining('<PROLOG_FREQ>24</PROLOG_FREQ><RESPONSE>SEND</RESPONSE>'),
    });
    expect(await post(PROLOG)).toMatchObject({ packed: 'plain', text: packed?.text });
    expect(await post(gzipSync(PROLOG), { contentType: 'application/x-compress-gzip' })).toMatchObject({
      packed: 'gzip',
      text: packed?.text,
    });
  });

  test('[TP11] a GLPI agent gets JSON with an expiration even for an XML prolog, and its contact tells what is unwanted', async () => {
    const { post } = await createIntakeWorld();
    const prolog = await post(zlib(PROLOG), { agentId: AGENT_ID });
    expect(JSON.parse(prolog?.text ?? '')).toEqual({ status: 'ok', expiration: 24 });
    const contact = await post(JSON.stringify({ action: 'contact', deviceid: 'x' }), { agentId: AGENT_ID });
    expect(JSON.parse(contact?.text ?? '')).toMatchObject({
      status: 'ok',
      expiration: 24,
      tasks: { inventory: { 'no-category': 'environment,process' } },
    });
  });

  test('[TP1] an unknown, a revoked and an expired token are all answered as an unknown path is', async () => {
    const { post, intake, site } = await createIntakeWorld();
    const scope = { site: null, class: null, tags: [] };
    const { token } = await intake.issue({ name: 'short', expiresInDays: 1, scope }, START_MS);
    const tail = { path: `/intake/${token}/front/inventory.php` };
    expect(await post(PROLOG, tail)).toMatchObject({ status: 200 });
    expect(await post(PROLOG, { ...tail, nowMs: START_MS + DAY_MS })).toBeNull();
    expect(await post(PROLOG, { path: `/intake/${'A'.repeat(32)}` })).toBeNull();
    expect(await post(PROLOG, { path: '/intake/' })).toBeNull();
    expect(await intake.revoke(site.id, START_MS)).toBe(true);
    expect(await post(PROLOG)).toBeNull();
  });

  test('[TP5] an address that asks too often has to wait, others not', async () => {
    const { post } = await createIntakeWorld();
    const at = { nowMs: START_MS + 5 };
    for (let i = 0; i < REQUESTS_PER_ADDRESS_MAX; i++) await post(PROLOG, { ...at, path: '/intake/x' });
    expect(await post(PROLOG, at)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect(await post(PROLOG, { ...at, address: '10.0.0.8' })).toMatchObject({ status: 200 });
  });
});

describe('refusals', () => {
  test.each([
    ['body-empty', '', 400],
    ['body-too-large', new Uint8Array(BODY_BYTES_MAX + 1), 413],
    ['encoding-broken', zlib(PROLOG).slice(0, 30), 400],
    ['inflated-too-large', deflateSync(Buffer.alloc(17 << 20, 0x20)), 413],
    ['xml-broken', '<REQUEST><QUERY>PROLOG</REQUEST>', 400],
    ['xml-broken', '<REQUEST><QUERY>&secret;</QUERY></REQUEST>', 400],
    [
      'xml-doctype',
      '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><REQUEST><QUERY>&b;</QUERY></REQUEST>',
      400,
    ],
    ['xml-too-large', `${'<A>'.repeat(30)}${'</A>'.repeat(30)}`, 413],
    ['xml-too-large', inventoryXml(`<BIOS><SSN>${'x'.repeat(300_000)}</SSN></BIOS>`), 413],
    ['xml-too-large', inventoryXml('<A/>'.repeat(300_001)), 413],
    ['json-broken', '{"action":', 400],
    ['json-too-deep', `{"content":${'['.repeat(30)}${']'.repeat(30)}}`, 413],
    ['message-unknown', 'hello', 400],
    ['message-unknown', '<html><body>no</body></html>', 400],
    ['message-unknown', '{"action":"collect"}', 400],
    ['section-too-long', JSON.stringify({ content: { softwares: Array(25_001).fill({}) } }), 413],
    ['nothing-known', JSON.stringify({ deviceid: 'x', content: { versionclient: 'x' } }), 422],
    [
      'partial-unknown',
      JSON.stringify({ deviceid: 'x', partial: true, content: { bios: { ssn: 'PF3ABCDE' } } }),
      409,
    ],
  ] as const)('[TP6] %s', async (code, body, status) => {
    const { post, store, site, deliveries, lines } = await createIntakeWorld();
    const answer = await post(body);
    expect(answer).toMatchObject({ status, text: expect.stringContaining(code) });
    expect(await store.site(site.id)).toMatchObject({ refused: 1, deliveries: 0, lastErrorCode: code });
    expect(await deliveries()).toMatchObject([{ result: 'refused', code, ciId: null }]);
    expect(lines).toEqual([]);
  });

  test('[TP7] nothing of a body stands in a log or an answer', async () => {
    const { post, lines, deliveries } = await createIntakeWorld();
    const secret = 'hunter2-in-the-body';
    const bodies = [
      `{"action":"inventory","content":{"bios":{"ssn":${secret}}}}`,
      `<REQUEST><QUERY>${secret}</QUERY></REQUEST>`.replace('</QUERY>', `</QUERY><${'X'}>&${'nope'};</X>`),
      inventoryXml(`<BIOS><SSN>${secret}&bad;</SSN></BIOS>`),
    ];
    for (const body of bodies) expect((await post(body))?.text).not.toContain(secret);
    expect(JSON.stringify([lines, await deliveries()])).not.toContain(secret);
  });
});

describe('a report', () => {
  test('[TP20] makes the machine that our own agent would have made of it', async () => {
    const { post, deliveries, machines } = await createIntakeWorld();
    expect(await post(zlib(inventoryXml(PC)))).toMatchObject({ status: 200, packed: 'zlib' });
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({
      result: 'created',
      clientName: 'FusionInventory-Agent',
      clientVersion: '2.6-3',
      deviceName: 'pc-7',
    });
    const machine = await machines.machine(delivery?.ciId ?? '');
    expect(machine).toMatchObject({ name: 'pc-7', site: 'Beijing', tags: ['office'], placeholder: false });
    const values = Object.fromEntries(
      Object.entries(machine?.attributes ?? {}).map(([name, { value }]) => [name, value]),
    );
    expect(values).toMatchObject({
      serial: 'PF3ABCDE',
      uuid: '4c4c4544-0034-3010-8048-b6c04f503732',
      manufacturer: 'Lenovo',
      cpuModel: 'Intel(R) Core(TM) i7',
      cpuCores: 4,
      architecture: 'x86_64',
      osName: 'Debian GNU/Linux',
      osVersion: '12.11',
      domain: 'corp.example',
      memoryBytes: 16_005 * 2 ** 20,
      bootedAt: Date.UTC(2026, 0, 5, 6, 58, 8),
    });
    expect(Object.values(machine?.attributes ?? {}).every(({ source }) => source === 'third-party')).toBe(
      true,
    );
    expect(values.lastUser ?? null).toBeNull();
  });

  test('[TP8] environment and processes are thrown away at the door', async () => {
    const { post, deliveries, machines, store, lines } = await createIntakeWorld();
    await post(inventoryXml(PC));
    const ciId = (await deliveries())[0]?.ciId ?? '';
    const kept = JSON.stringify([
      await machines.machine(ciId),
      await machines.sections(ciId),
      await machines.parts(ciId, true),
      await store.allSites(),
      await deliveries(),
      lines,
    ]);
    expect(kept).not.toContain('do-not-keep-me');
  });

  test('[TP21] the same report again changes nothing, whatever the name that the agent gives itself', async () => {
    const { post, machines, deliveries } = await createIntakeWorld();
    await post(inventoryXml(PC));
    const ciId = (await deliveries())[0]?.ciId ?? '';
    const rows = async () => (await machines.history({ machineId: ciId, limit: 500 })).items.length;
    const before = await rows();
    for (let i = 0; i < 5; i++) await post(inventoryXml(PC, `pc-7-2026-02-0${i + 1}-00-00-00`));
    expect(await rows()).toBe(before);
    expect((await deliveries()).map((one) => one.ciId)).toEqual(Array(6).fill(ciId));
    expect(await machines.machines()).toHaveLength(1);
  });

  test('[TP22] two machines with one DEVICEID stay two', async () => {
    const { post, machines } = await createIntakeWorld();
    await post(inventoryXml(PC));
    const other = PC.replace('PF3ABCDE', 'PF9ZZZZZ')
      .replace('0034-3010', '0077-3010')
      .replaceAll('48:2A:E3:11:22:33', '48:2A:E3:99:88:77');
    await post(inventoryXml(other));
    expect(await machines.machines()).toHaveLength(2);
  });

  test('[TP23] a partial report changes what it carries and removes nothing', async () => {
    const { post, machines, deliveries } = await createIntakeWorld();
    await post(inventoryXml(PC));
    const ciId = (await deliveries())[0]?.ciId ?? '';
    const before = await machines.sections(ciId);
    const partial = {
      action: 'inventory',
      deviceid: 'pc-7-2026-01-02-03-04-05',
      partial: true,
      content: {
        versionclient: 'GLPI-Agent_v1.12',
        bios: { ssn: 'PF3ABCDE' },
        hardware: { name: 'pc-7', uuid: '4C4C4544-0034-3010-8048-B6C04F503732' },
        softwares: [{ name: 'openssl', version: '3.0.17-1', arch: 'amd64', from: 'deb' }],
      },
    };
    for (let i = 0; i < 3; i++)
      expect(await post(JSON.stringify(partial), { agentId: AGENT_ID })).toMatchObject({ status: 200 });
    const after = await machines.sections(ciId);
    for (const section of ['network', 'storage', 'devices'] as const)
      expect(after[section]?.data).toEqual(before[section]?.data);
    expect(after.hardware?.data).toEqual(before.hardware?.data);
    const installed = (await machines.installations(ciId)).map(({ name, version }) => `${name} ${version}`);
    expect(installed.toSorted()).toEqual(['bash 5.2.15-2', 'openssl 3.0.17-1']);
  });

  test('[TP24] a GLPI-Agent-ID is evidence: the machine keeps its CI when all its keys have gone', async () => {
    const { post, machines, deliveries } = await createIntakeWorld();
    await post(inventoryXml(PC), { agentId: AGENT_ID });
    const bare =
      '<HARDWARE><NAME>pc-8</NAME></HARDWARE><OPERATINGSYSTEM><KERNEL_NAME>linux</KERNEL_NAME><FQDN>pc-8</FQDN></OPERATINGSYSTEM>';
    await post(inventoryXml(bare), { agentId: AGENT_ID });
    expect(await machines.machines()).toHaveLength(1);
    await post(inventoryXml(bare));
    expect(await machines.machines()).toHaveLength(2);
    const [, glpi] = await deliveries();
    expect(glpi?.result).toBe('known');
  });

  test('[TP4] who reports a machine is kept with program, version and dates', async () => {
    const { post, store, deliveries, site } = await createIntakeWorld();
    await post(inventoryXml(PC));
    await post(inventoryXml(PC.replace('v2.6-3', 'v2.7')));
    const ciId = (await deliveries())[0]?.ciId ?? '';
    expect(await store.reportersOf(ciId)).toMatchObject([
      { clientName: 'FusionInventory-Agent', clientVersion: '2.7', siteId: site.id, deliveries: 2 },
    ]);
  });
});

describe('devices without an agent', () => {
  const device = (info: string, ports = '') =>
    `<REQUEST><CONTENT><DEVICE><INFO>${info}</INFO><PORTS>${ports}</PORTS></DEVICE></CONTENT><DEVICEID>foo</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
  const SWITCH =
    '<TYPE>NETWORKING</TYPE><NAME>sw-3</NAME><MANUFACTURER>Cisco</MANUFACTURER><MODEL>WS-C2960</MODEL><SERIAL>FOC1234X0AB</SERIAL><MAC>00:1B:54:AA:BB:CC</MAC><IPS><IP>127.0.0.1</IP><IP>10.9.0.3</IP></IPS>';
  const PORT = '<PORT><IFNUMBER>1</IFNUMBER><IFDESCR>Fa0/1</IFDESCR></PORT>';

  test('[TP25] a switch becomes a record, is found again by its serial number, and only changes are history', async () => {
    const { post, machines, deliveries } = await createIntakeWorld();
    await post(device(`${SWITCH}<FIRMWARE>12.2</FIRMWARE>`, PORT + PORT));
    await post(device(`${SWITCH}<FIRMWARE>12.2</FIRMWARE>`, PORT + PORT));
    await post(device(`${SWITCH}<FIRMWARE>15.0</FIRMWARE>`, PORT + PORT));
    const all = await machines.records('NetworkDevice');
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ name: 'sw-3', class: 'NetworkDevice', site: 'Beijing' });
    const values = Object.fromEntries(
      Object.entries(all[0]?.attributes ?? {}).map(([name, { value }]) => [name, value]),
    );
    expect(values).toEqual({
      manufacturer: 'Cisco',
      model: 'WS-C2960',
      serial: 'FOC1234X0AB',
      firmware: '15.0',
      managementAddress: '10.9.0.3',
      macAddress: '00:1b:54:aa:bb:cc',
      ports: 2,
    });
    const rows = (await machines.history({ machineId: all[0]?.id ?? '', limit: 9 })).items;
    expect(rows.map(({ kind, attribute, after }) => [kind, attribute, after])).toEqual([
      ['changed', 'firmware', '15.0'],
      ['created', null, 'sw-3'],
    ]);
    expect((await deliveries()).map(({ result }) => result)).toEqual(['known', 'known', 'created']);
  });

  test('[TP25] printers and phones are records of their own class; another serial number is another device', async () => {
    const { post, machines } = await createIntakeWorld();
    await post(device('<TYPE>PRINTER</TYPE><NAME>prn</NAME><SERIAL>VNB3X00001</SERIAL>'));
    await post(device('<TYPE>PRINTER</TYPE><NAME>prn</NAME><SERIAL>VNB3X00002</SERIAL>'));
    await post(
      JSON.stringify({
        itemtype: 'Phone',
        deviceid: 'x',
        content: {
          versionclient: 'x',
          bios: { ssn: 'RF8M33ABCDE', smodel: 'SM-G998' },
          hardware: { name: 'phone' },
        },
      }),
    );
    expect(await machines.records('Printer')).toHaveLength(2);
    expect(await machines.records('Peripheral')).toMatchObject([
      { name: 'phone', attributes: { kind: { value: 'phone' }, serial: { value: 'RF8M33ABCDE' } } },
    ]);
    expect(await machines.machines()).toEqual([]);
  });

  test('[TP25] one that has neither serial number nor address could not be found again, and is refused', async () => {
    const { post, machines } = await createIntakeWorld();
    const answer = await post(device('<TYPE>NETWORKING</TYPE><NAME>sw</NAME>'));
    expect(answer).toMatchObject({ status: 422, text: expect.stringContaining('nothing-known') });
    expect(await machines.records('NetworkDevice')).toEqual([]);
    for (let i = 0; i < 2; i++)
      await post(device('<TYPE>NETWORKING</TYPE><NAME>sw</NAME><IPS><IP>10.9.0.3</IP></IPS>'));
    expect(await machines.records('NetworkDevice')).toHaveLength(1);
  });
});
