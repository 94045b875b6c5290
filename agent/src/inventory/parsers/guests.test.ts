import { expect, test } from 'vitest';
import { parseDomainXml, parseVirshList } from './libvirt.ts';
import { DOMAIN_XML, VBOX, XEN } from './platform-fixture.ts';
import { hyperVGuests, parseLxc, parseVBoxManage, parseXenList } from './virtual-machines.ts';

test('[IP60] virsh list: names with spaces, states of two words, no domain 0', () => {
  const text =
    ' Id    Name       State\n----\n 3     web one    running\n -     old        shut off\n 0     Domain-0   running\n 4     odd        whatever\n';
  expect(parseVirshList(text)).toEqual([
    { id: 3, name: 'web one', state: 'running' },
    { id: null, name: 'old', state: 'off' },
    { id: 4, name: 'odd', state: 'unknown' },
  ]);
});

test('[IP60] virsh dumpxml: memory in its unit, MACs in lower case', () => {
  expect(parseDomainXml(DOMAIN_XML)).toEqual({
    name: 'web & mail',
    id: '0d1e2f30-0000-4000-8000-000000000001',
    kind: 'kvm',
    state: 'unknown',
    cpus: 2,
    memoryBytes: 2_147_483_648,
    macs: ['52:54:00:aa:00:01'],
    image: null,
  });
  expect(parseDomainXml('<network/>')).toBeNull();
});

test('[IP60] VBoxManage: filters and shared folders are no machines', () => {
  expect(parseVBoxManage(VBOX)).toEqual([
    {
      name: 'build',
      id: '0d1e2f30-0000-4000-8000-000000000002',
      kind: 'virtualbox',
      state: 'running',
      cpus: 2,
      memoryBytes: 536_870_912,
      macs: ['08:00:27:aa:bb:cc'],
      image: null,
    },
  ]);
});

test('[IP60] Xen: guests without domain 0, off where nothing is flagged', () => {
  expect(
    parseXenList(XEN).map(({ name, state, cpus, memoryBytes }) => [name, state, cpus, memoryBytes]),
  ).toEqual([
    ['web one', 'blocked', 1, 536_870_912],
    ['asleep', 'off', 1, 268_435_456],
  ]);
});

test('[IP60] LXC: processors counted in their set, keys of both generations', () => {
  expect(
    parseLxc(
      'State:   RUNNING\nlxc.cgroup2.memory.max = 512M\nlxc.cgroup2.cpuset.cpus = 0,2-3\nlxc.net.0.hwaddr = 02:AA:00:00:00:01\nlxc.uts.name = one\n',
    ),
  ).toEqual({
    hostname: 'one',
    state: 'running',
    cpus: 3,
    memoryBytes: 536_870_912,
    macs: ['02:aa:00:00:00:01'],
    generation: 3,
  });
  expect(parseLxc('lxc.utsname = two\nlxc.network.hwaddr = 02:aa:00:00:00:02\n')).toMatchObject({
    hostname: 'two',
    state: 'off',
    generation: 2,
  });
});

test('[IP60] Hyper-V: the host itself is no guest', () => {
  const id = '0D1E2F30-0000-4000-8000-000000000004';
  expect(
    hyperVGuests(
      [
        { ElementName: 'HOST', Name: 'HOST', EnabledState: 2 },
        { ElementName: 'vm', Name: id, EnabledState: '3' },
      ],
      [{ InstanceID: `Microsoft:${id}\\mem`, VirtualQuantity: 1024 }],
      [{ InstanceID: `Microsoft:${id}\\cpu`, VirtualQuantity: 2 }],
      [{ SystemName: id, BIOSGUID: '{ABCDEF00-0000-4000-8000-000000000005}' }],
    ),
  ).toEqual([
    {
      name: 'vm',
      id: 'abcdef00-0000-4000-8000-000000000005',
      kind: 'hyperv',
      state: 'off',
      cpus: 2,
      memoryBytes: 1_073_741_824,
      macs: [],
      image: null,
    },
  ]);
});
