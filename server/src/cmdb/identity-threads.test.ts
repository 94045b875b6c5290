/** What other tools got wrong, each case named after the thread that tells it. */
import { describe, expect, test } from 'vitest';
import {
  ACTOR,
  agent,
  createWorld,
  hardware,
  network,
  os,
  other,
  software,
  type World,
} from './identity-testing.ts';

const UUID = '4c4c4544-0031-4210-8034-b7c04f4c5931';
const OTHER_UUID = '4c4c4544-0058-4b10-8032-b7c04f515a32';
const MID = 'a'.repeat(31) + '1';
const MID2 = 'b'.repeat(31) + '2';
const MAC = ['d0:94:66:01:02:03', 'd0:94:66:01:02:04', 'd0:94:66:0a:0b:0c'] as const;

const machines = async ({ store }: World) =>
  (await store.machines()).filter(({ mergedInto }) => mergedInto === null);

describe('one machine stays one', () => {
  test('[ID1] glpi-agent 1042: a renamed host is no second entry, with our agent and with others', async () => {
    for (const reporter of [agent('a'), other('x')]) {
      const world = await createWorld();
      await world.report(reporter, { hardware: hardware(), os: os('old-name', MID) });
      await world.report(
        reporter,
        { hardware: hardware(), os: os('new-name', MID) },
        { evidence: reporter.source === 'agent' },
      );
      expect(await machines(world)).toMatchObject([{ name: 'new-name' }]);
    }
  });

  test.each([
    ['a VPN adapter comes', [MAC[0], { mac: '00:ff:12:34:56:78', virtual: true, name: 'tap0' }]],
    ['the dock is another', [MAC[0], { mac: '00:e0:4c:99:00:01', removable: true, name: 'dock' }]],
    ['the wireless card goes', [MAC[0]]],
  ] as const)('[ID7] ocs WindowsAgent 75 and 87: the ports change because %s', async (_what, ports) => {
    const world = await createWorld();
    const bare = { hardware: hardware({ serial: null, uuid: null }), os: os('pc', MID) };
    await world.report(other('x'), { ...bare, network: network(MAC[0], MAC[1]) }, { evidence: false });
    await world.report(other('y'), { ...bare, network: network(...ports) }, { evidence: false });
    expect(await machines(world)).toHaveLength(1);
  });

  test('[ID2] glpi-agent 839: the hypervisor and the guest tell the UUID in different byte orders', async () => {
    const world = await createWorld();
    const vm = { maker: 'VMware, Inc.', model: 'VMware7,1', virtualisation: 'vmware', serial: null };
    const [esx, guest] = ['564d4cbc-c6a9-1969-8a39-5d8b0e3e5a11', 'bc4c4d56-a9c6-6919-8a39-5d8b0e3e5a11'];
    await world.report(other('esx'), { hardware: hardware({ ...vm, uuid: esx }) }, { evidence: false });
    await world.report(agent('a'), { hardware: hardware({ ...vm, uuid: guest }), os: os('vm', MID) });
    expect(await machines(world)).toMatchObject([{ name: 'vm', agentId: 'a' }]);
  });

  test('[ID3] glpi-agent 325: a computer made by hand without a UUID is the machine that reports', async () => {
    const world = await createWorld();
    const made = await world.cmdb.create(
      {
        class: 'Workstation',
        name: 'PC of Anna',
        edit: {
          lifecycle: 'planned',
          assetNumber: 'A-100',
          owner: 'Anna',
          set: { serial: '7xk2q93', manufacturer: 'Dell', warrantyEnd: '2029-01-31' },
        },
      },
      ACTOR,
      1,
    );
    const { ciId, decision } = await world.report(agent('a'), { hardware: hardware(), os: os('pc', MID) });
    expect([ciId, decision.rule]).toEqual([made.id, 'serial']);
    expect(await world.store.machine(made.id)).toMatchObject({
      name: 'PC of Anna',
      assetNumber: 'A-100',
      owner: 'Anna',
      agentId: 'a',
      attributes: { warrantyEnd: { value: '2029-01-31' }, uuid: { value: UUID, source: 'agent' } },
    });
  });

  test('[ID3] an import is matched after its record was edited, and the machine tells better what the import said', async () => {
    const world = await createWorld();
    const made = await world.cmdb.create(
      { class: 'Workstation', name: 'PC 7', edit: { set: { serial: '7XK2Q93' } } },
      ACTOR,
      1,
    );
    await world.cmdb.edit(made.id, { owner: 'Bo' }, ACTOR, 2);
    expect((await world.report(agent('a'), { hardware: hardware() })).ciId).toBe(made.id);
  });

  describe('glpi: a board without a serial number of its system is known by that of the mainboard', () => {
    const junk = { serial: 'To be filled by O.E.M.', uuid: null, board: 'BTUA1234567' };
    const first = { hardware: hardware(junk), os: os('pc', MID), network: network(MAC[0]) };
    const secondOf = async (sections: Parameters<World['report']>[1]) => {
      const world = await createWorld();
      const { ciId } = await world.report(other('x'), first, { evidence: false });
      const answer = await world.report(other('y'), sections, { evidence: false });
      return { isSame: answer.ciId === ciId, ...answer.decision };
    };

    test.each([
      ['installed anew under another name', os('other-name', MID2), network(MAC[0])],
      ['with another network card', os('pc', MID), network(MAC[2])],
    ])('[ID19] %s', async (_what, system, ports) => {
      const next = { hardware: hardware({ ...junk, serial: null }), os: system, network: ports };
      expect(await secondOf(next)).toMatchObject({ isSame: true, rule: 'board-serial' });
    });

    test('[ID19] other ports and another installation: boards of one batch may share a number, a person decides', async () => {
      const next = { hardware: hardware(junk), os: os('pc2', MID2), network: network(MAC[2]) };
      expect(await secondOf(next)).toMatchObject({
        isSame: false,
        decision: 'ambiguous',
        rule: 'board-serial',
      });
    });

    test.each([
      ['its number is junk', { ...junk, board: 'Default string' }],
      ['one side knows a serial number of the system', { ...junk, serial: 'ZZZ9999' }],
      ['the maker is another', { ...junk, maker: 'LENOVO', model: 'T14' }],
      ['the model is another', { ...junk, model: 'Latitude 7420' }],
      ['it is a virtual machine', { ...junk, virtualisation: 'kvm' }],
    ])('[ID19] but not where %s', async (_what, words) => {
      const next = { hardware: hardware(words), os: os('pc2', MID2) };
      expect(await secondOf(next)).toMatchObject({ isSame: false, decision: 'created' });
    });
  });

  test('[ID11] a record is known by its asset number where the firmware holds it and no serial number is entered', async () => {
    const world = await createWorld();
    const made = await world.cmdb.create(
      { class: 'Workstation', name: 'PC 8', edit: { assetNumber: 'ACME-0815' } },
      ACTOR,
      1,
    );
    const { ciId, decision } = await world.report(agent('a'), {
      hardware: hardware({ assetTag: 'acme-0815' }),
    });
    expect([ciId, decision.rule]).toEqual([made.id, 'asset-number']);
    const second = hardware({ serial: 'ZZZ9999', uuid: OTHER_UUID, assetTag: 'ACME-0815' });
    expect((await world.report(agent('b'), { hardware: second })).ciId).not.toBe(made.id);
  });

  test('[ID4] glpi 17986 and glpi-inventory-plugin 315: a new mainboard keeps serial and model, the UUID changes', async () => {
    const world = await createWorld();
    await world.report(other('x'), { hardware: hardware(), network: network(MAC[0]) }, { evidence: false });
    const { decision } = await world.report(
      other('y'),
      { hardware: hardware({ uuid: OTHER_UUID }), network: network(MAC[0], MAC[2]) },
      { evidence: false },
    );
    expect(decision).toMatchObject({ decision: 'matched', rule: 'mainboard-swap' });
    expect(await machines(world)).toHaveLength(1);
  });

  test('[ID2] the operating system is installed anew: another id, another name, another agent, the same machine', async () => {
    const world = await createWorld();
    const first = await world.report(agent('a'), { hardware: hardware(), os: os('old', MID) });
    const second = await world.report(agent('b'), { hardware: hardware(), os: os('fresh', MID2) });
    expect(second.ciId).toBe(first.ciId);
  });

  test('[ID12] ocsreports 1273: three agents on one machine are one CI, however they take turns', async () => {
    const world = await createWorld();
    const all = { hardware: hardware(), os: os('pc', MID), network: network(MAC[0]) };
    for (let i = 0; i < 3; i++)
      for (const reporter of [other('fusion'), agent('a'), other('ocs')])
        await world.report(reporter, all, { evidence: reporter.source === 'agent' });
    const [ci, ...more] = await machines(world);
    expect(more).toEqual([]);
    expect((await world.history(ci?.id ?? '')).map(({ kind }) => kind)).toEqual(['created']);
    expect(world.cmdb.identity.reportersOf(ci?.id ?? '')).toHaveLength(3);
  });
});

describe('two machines stay two', () => {
  test('[ID5] fusioninventory-for-glpi 878: two Dells with one UUID do not overwrite each other', async () => {
    const world = await createWorld();
    for (const serial of ['AAA1111', 'BBB2222', 'AAA1111', 'BBB2222'])
      await world.report(
        other(serial),
        { hardware: hardware({ serial }), os: os(serial) },
        { evidence: false },
      );
    const serials = (await machines(world)).map(({ attributes }) => String(attributes.serial?.value));
    expect(serials.toSorted()).toEqual(['AAA1111', 'BBB2222']);
  });

  test.each([
    '............',
    'Default string',
    'To Be Filled By O.E.M.',
    '0123456789',
    '11111111',
    'None',
    'n/a',
  ])(
    '[ID9] netbox-sync 202, ocsreports 1440: the serial number "%s" makes no two machines one',
    async (serial) => {
      const world = await createWorld();
      for (const [id, uuid] of [
        ['a', UUID],
        ['b', OTHER_UUID],
      ] as const)
        await world.report(agent(id), { hardware: hardware({ serial, uuid }), os: os(`pc-${id}`) });
      expect(await machines(world)).toHaveLength(2);
    },
  );

  test('[ID7] ocsreports 1440: one Bluetooth address in a thousand machines is no identity', async () => {
    const world = await createWorld();
    const bare = hardware({ serial: 'To be filled by O.E.M.', uuid: null });
    const adapter = { mac: '00:1a:7d:da:71:0a', name: 'pan0', macPermanent: true };
    for (const [name, mid] of [
      ['a', MID],
      ['b', MID2],
    ] as const)
      await world.report(agent(name), { hardware: bare, os: os(name, mid), network: network(adapter) });
    expect(await machines(world)).toHaveLength(2);
  });

  test('[ID7] fusioninventory-agent 814: one dock at two laptops in turn', async () => {
    const world = await createWorld();
    const dock = { mac: '00:e0:4c:68:11:22', removable: true, name: 'enx00e04c681122' };
    for (const [name, serial, uuid, mac] of [
      ['l1', 'AAA1111', UUID, MAC[0]],
      ['l2', 'BBB2222', OTHER_UUID, MAC[1]],
    ] as const)
      await world.report(
        other(name),
        { hardware: hardware({ serial, uuid }), os: os(name), network: network(mac, dock) },
        { evidence: false },
      );
    expect(await machines(world)).toHaveLength(2);
  });

  test('[ID1] netbox-sync 532: a cloned virtual machine does not overwrite the one it was cloned from', async () => {
    const world = await createWorld();
    const vm = { maker: 'QEMU', model: 'Standard PC', virtualisation: 'kvm', serial: null };
    const real = await world.report(agent('a'), {
      hardware: hardware({ ...vm, uuid: UUID }),
      os: os('db', MID),
      network: network('52:54:00:9f:3e:21'),
    });
    const clone = await world.report(agent('a'), {
      hardware: hardware({ ...vm, uuid: OTHER_UUID }),
      os: os('db', MID),
      network: network('52:54:00:aa:bb:cc'),
    });
    expect(clone.decision.decision).toBe('contradicted');
    expect(clone.ciId).not.toBe(real.ciId);
    expect((await world.store.machine(real.ciId))?.attributes.uuid?.value).toBe(UUID);
    expect(await world.findings()).toContainEqual({
      kind: 'cloned-identity',
      ciId: clone.ciId,
      state: 'open',
    });
  });

  test('[ID6] netbox-sync 532: a clone that kept the UUID is a question, and both go on meanwhile', async () => {
    const world = await createWorld();
    const vm = { maker: 'QEMU', model: 'Standard PC', virtualisation: 'kvm', serial: null };
    const real = await world.report(agent('a'), {
      hardware: hardware(vm),
      os: os('db', MID),
      network: network('52:54:00:9f:3e:21'),
    });
    const copy = {
      hardware: hardware(vm),
      os: os('db-copy', MID),
      network: network('52:54:00:aa:bb:cc'),
    };
    const clone = await world.report(agent('b'), copy);
    expect([clone.decision.decision, clone.ciId === real.ciId]).toEqual(['ambiguous', false]);
    expect((await world.report(agent('b'), copy)).ciId).toBe(clone.ciId);
    expect(await world.store.reviews({ state: 'open', limit: 9 })).toMatchObject([
      { ciId: clone.ciId, candidates: [{ ciId: real.ciId }] },
    ]);
  });

  test('[ID6] virtual machines of one UUID in two zones are two', async () => {
    const world = await createWorld();
    const vm = { maker: 'QEMU', model: 'Standard PC', virtualisation: 'kvm', serial: null };
    for (const site of ['Suzhou', 'Hangzhou'])
      await world.report(other(site), { hardware: hardware(vm) }, { evidence: false, scope: { site } });
    await world.report(
      other('again'),
      { hardware: hardware(vm) },
      { evidence: false, scope: { site: 'Suzhou' } },
    );
    expect((await machines(world)).map(({ site }) => String(site)).toSorted()).toEqual([
      'Hangzhou',
      'Suzhou',
    ]);
  });

  test('[ID9] glpi-inventory-plugin 414: the same serial number of another maker is a question', async () => {
    const world = await createWorld();
    await world.report(other('x'), { hardware: hardware({ uuid: null }) }, { evidence: false });
    const { decision } = await world.report(
      other('y'),
      { hardware: hardware({ uuid: null, maker: 'LENOVO', model: 'T14' }) },
      { evidence: false },
    );
    expect(decision).toMatchObject({ decision: 'ambiguous', rule: 'serial' });
  });

  test('[ID13] fusioninventory-for-glpi 689: a value that the administrator calls junk counts no more from the next report on', async () => {
    const world = await createWorld();
    const same = { serial: 'ACME-SERIAL-1', uuid: null };
    await world.report(other('x'), { hardware: hardware(same), os: os('one', MID) }, { evidence: false });
    await world.care.addJunk('serial', 'acme-serial*', null, ACTOR, world.now());
    await world.report(other('y'), { hardware: hardware(same), os: os('two', MID2) }, { evidence: false });
    expect(await machines(world)).toHaveLength(2);
    await world.report(other('x'), { hardware: hardware(same), os: os('one', MID) });
    expect(await world.store.machinesByKeys([{ kind: 'serial', value: 'ACME-SERIAL-1' }])).toEqual([]);
  });
});

describe('sources', () => {
  test('[CI31] a weaker source does not replace what a fresh stronger one tells; it may after a week of silence', async () => {
    const world = await createWorld();
    const ours = { hardware: hardware(), software: software({ openssl: '3.0.17', bash: '5' }) };
    const { ciId } = await world.report(agent('a'), ours);
    const theirs = { hardware: hardware(), software: software({ 'OpenSSL (x64)': '3' }) };
    await world.report(other('x'), theirs, { evidence: false });
    const names = async () => (await world.store.installations(ciId)).map(({ name }) => name);
    expect(await names()).toEqual(['bash', 'openssl']);
    await world.report(other('x'), theirs, { waitMs: 8 * 86_400_000 });
    expect(await names()).toEqual(['OpenSSL (x64)']);
    await world.report(agent('a'), ours);
    expect(await names()).toEqual(['bash', 'openssl']);
    expect((await world.history(ciId)).map(({ kind }) => kind)).toEqual(['created']);
  });

  test('[CI32] each source keeps its value, the strongest stands, and a lock shows what was observed', async () => {
    const world = await createWorld();
    const { ciId } = await world.report(agent('a'), { hardware: hardware({ model: 'Latitude 5420' }) });
    await world.report(
      other('x'),
      { hardware: hardware({ model: 'Latitude 5420 P137G' }) },
      { evidence: false },
    );
    const model = async () => (await world.store.machine(ciId))?.attributes.model;
    expect(await model()).toMatchObject({
      value: 'Latitude 5420',
      others: [{ source: 'third-party', value: 'Latitude 5420 P137G' }],
    });
    await world.cmdb.edit(ciId, { lock: { model: 'Loan' } }, ACTOR, world.now());
    expect(await model()).toMatchObject({ value: 'Loan', observedValue: 'Latitude 5420' });
    await world.cmdb.edit(ciId, { lock: { model: null } }, ACTOR, world.now());
    expect(await model()).toMatchObject({ value: 'Latitude 5420', source: 'agent', lockedBy: null });
  });

  test('[ID14] a machine that should be silent reports: a finding, and its state stays', async () => {
    const world = await createWorld();
    const { ciId } = await world.report(agent('a'), { hardware: hardware() });
    await world.cmdb.edit(ciId, { lifecycle: 'retired', reason: 'sold' }, ACTOR, world.now());
    for (let i = 0; i < 2; i++) await world.report(agent('a'), { hardware: hardware() });
    expect((await world.store.machine(ciId))?.lifecycle).toBe('retired');
    expect(await world.findings()).toEqual([{ kind: 'ghost-device', ciId, state: 'open' }]);
    expect(world.failures).toEqual([]);
  });
});
