/** The inventory of live machines of Windows and macOS: from what their tools say to sections, or to failures by name. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { StartHelper } from '../helper/helper.ts';
import { createFakeHost } from '../host-fake.ts';
import type { Host } from '../host.ts';
import { machineFingerprint } from '../identity.ts';
import { collectInventory, type SectionFailure } from '../inventory/index.ts';
import { fakeMac, macAt } from '../macos/macos-fixture.ts';
import { SHELL } from '../macos/shell.ts';
import { MacosSystem } from '../macos/system.ts';
import { FakeTime } from '../time-fake.ts';
import { fakeWindows, type Row } from '../windows/windows-fixture.ts';
import { INVENTORY_QUESTIONS, powershell } from '../windows/powershell.ts';
import { windowsBootId, WindowsSystem } from '../windows/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-native-'));
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const HKLM = 'HKEY_LOCAL_MACHINE';

/** reg.exe over a few keys; what is not here is not there. */
function fakeRegistry(keys: Readonly<Record<string, string>>): Host['run'] {
  return async (_file, [verb, key = '', target = '']) => {
    if (verb === 'export') {
      const text = keys[key];
      if (text === undefined) return { ok: false, stdout: '', stderr: 'ERROR' };
      writeFileSync(
        join(folder, 'export'),
        Buffer.from(`\ufeffWindows Registry Editor Version 5.00\r\n\r\n${text}`, 'utf16le'),
      );
      copyFileSync(join(folder, 'export'), target);
      return { ok: true, stdout: '', stderr: '' };
    }
    const below = Object.keys(keys).filter((one) => one.startsWith(`${key}\\`));
    const children = [
      ...new Set(below.map((one) => one.slice(0, key.length + 1) + one.slice(key.length + 1).split('\\')[0])),
    ];
    return {
      ok: key !== 'HKEY_LOCAL_MACHINE\\HARDWARE\\DESCRIPTION\\System',
      stdout: `\r\n${children.join('\r\n')}\r\n`,
      stderr: '',
    };
  };
}

const KEYS = {
  [`${HKLM}\\${UNINSTALL}`]: `[${HKLM}\\${UNINSTALL}]\r\n\r\n[${HKLM}\\${UNINSTALL}\\Grün]\r\n"DisplayName"="Grüne Suite 中"\r\n"DisplayVersion"="1.2"\r\n`,
  [`HKEY_USERS\\S-1-5-21-1-2-3-1001\\${UNINSTALL}`]: `[HKEY_USERS\\S-1-5-21-1-2-3-1001\\${UNINSTALL}\\Own]\r\n"DisplayName"="Own"\r\n`,
  [`HKEY_USERS\\S-1-5-18\\${UNINSTALL}`]: `[HKEY_USERS\\S-1-5-18\\${UNINSTALL}\\Sys]\r\n"DisplayName"="System's"\r\n`,
};

const CLASSES: Record<string, readonly Row[]> = {
  ...Object.fromEntries(INVENTORY_QUESTIONS.map(({ className }) => [className, []])),
  Win32_OperatingSystem: [
    {
      Caption: 'Microsoft Windows Server 2022 Standard',
      Version: '10.0.20348',
      BuildNumber: '20348',
      OSArchitecture: '64 bits',
      InstallDate: '/Date(1650000000000)/',
      LastBootUpTime: '/Date(1700000000000)/',
    },
  ],
  Win32_ComputerSystem: [
    {
      DNSHostName: 'srv-01',
      Domain: 'corp.example.org',
      PartOfDomain: true,
      Model: 'R740',
      Manufacturer: 'Dell Inc.',
    },
  ],
  Win32_ComputerSystemProduct: [{ UUID: '4C4C4544-0051-3010-8052-B4C04F4A3532' }],
  Win32_Processor: [{ DeviceID: 'CPU0', Name: 'A CPU', NumberOfCores: 8, NumberOfLogicalProcessors: 16 }],
  Win32_Service: [
    { Name: 'Spooler', DisplayName: 'Print Spooler', State: 'Running', StartMode: 'Auto', ExitCode: 0 },
    { Name: 'Broken', DisplayName: 'x', State: 'Stopped', StartMode: 'Auto', ExitCode: 1067 },
    { Name: 'Resting', DisplayName: 'x', State: 'Stopped', StartMode: 'Manual', ExitCode: 1077 },
    { Name: 'CDPUserSvc_4a3b2', DisplayName: 'x', State: 'Running', StartMode: 'Auto', ExitCode: 0 },
  ],
  Win32_QuickFixEngineering: [
    { HotFixID: 'KB5031364', Description: 'Update', InstalledOn: '/Date(1697068800000)/' },
  ],
  CurrentVersion: [{ DisplayVersion: '21H2', UBR: 2031 }],
  Cryptography: [{ MachineGuid: 'AAAAAAAA-1111-4222-8333-444444444444' }],
};

function windows(start: StartHelper, run: Host['run'] = fakeRegistry(KEYS)): WindowsSystem {
  const time = new FakeTime();
  const system = new WindowsSystem({
    program: powershell('C:\\Windows'),
    start,
    timers: time.timers,
    elapsedMs: time.elapsedMs,
    run,
    registry: { file: 'reg.exe', env: {} },
    identity: {
      machineGuid: 'AAAAAAAA-1',
      hardwareConfig: '{4C4C4544-0051}',
      bootCount: '7',
      bootedAtMinute: 9,
    },
    log: () => undefined,
  });
  open.push(system);
  return system;
}

async function inventoryOf(host: Host) {
  const failures: SectionFailure[] = [];
  const sections = await collectInventory(host, (failure) => failures.push(failure));
  return { sections, failures };
}

test('[IN84] [IN85] a Windows machine gives its sections, by the parsers of recordings', async () => {
  const host = createFakeHost({ platform: 'win32', system: windows(fakeWindows(CLASSES).start) });
  const { sections, failures } = await inventoryOf(host);
  expect(failures).toEqual([]);
  expect(sections.get('os')).toMatchObject({
    complete: true,
    data: {
      family: 'windows',
      name: 'Microsoft Windows Server 2022 Standard',
      version: '10.0.20348',
      codename: '21H2',
      build: '20348.2031',
      architecture: 'x86_64',
      hostname: 'srv-01',
      domain: 'corp.example.org',
      machineId: 'aaaaaaaa-1111-4222-8333-444444444444',
      bootedAtMs: 1_700_000_000_000,
      installedAtMs: 1_650_000_000_000,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  });
  expect(sections.get('hardware')).toMatchObject({
    complete: true,
    data: { cpus: [{ cores: 8, threads: 16 }] },
  });
  expect(sections.get('software')).toMatchObject({
    complete: true,
    data: { packages: [{ name: 'Grüne Suite 中', version: '1.2' }, { name: 'Own' }] },
  });
  expect(sections.get('services')?.data).toEqual({
    services: [
      { name: 'Spooler', description: 'Print Spooler', state: 'running', startType: 'automatic' },
      { name: 'Broken', description: 'x', state: 'failed', startType: 'automatic' },
      { name: 'Resting', description: 'x', state: 'stopped', startType: 'manual' },
    ],
  });
  expect(sections.get('patches')?.data).toMatchObject({
    patches: [{ id: 'KB5031364', installedAtMs: 1_697_068_800_000 }],
  });
  expect(sections.get('devices')).toMatchObject({ complete: true });
  expect(sections.get('users')).toMatchObject({ complete: false, notes: ['not yet collected on win32'] });
});

test('[IN84] a class that this Windows does not have is not given, and its section says so', async () => {
  const { Win32_BIOS: _, ...without } = CLASSES;
  const host = createFakeHost({ platform: 'win32', system: windows(fakeWindows(without).start) });
  const { sections, failures } = await inventoryOf(host);
  expect(failures).toEqual([]);
  expect(sections.get('hardware')).toMatchObject({ complete: false, notes: ['Win32_BIOS was not given'] });
});

test('[IN84] where nobody answers, the sections of the platform fail by name and none is sent empty', async () => {
  const dead: StartHelper = (_program, events) => {
    queueMicrotask(() => events.ended('ended with code 1'));
    return { write: () => undefined, kill: () => undefined };
  };
  const system = windows(dead);
  const { sections, failures } = await inventoryOf(createFakeHost({ platform: 'win32', system }));
  expect(failures.map(({ section }) => section).join(' ')).toBe(
    'hardware os network storage software services devices patches',
  );
  expect(failures[0]?.detail).toBe('ended with code 1');
  expect([...sections.keys()]).toEqual(['users', 'drivers', 'guests', 'security', 'sockets', 'fingerprints']);
});

test('[IN85] a machine in a workgroup has no domain', async () => {
  const workgroup = {
    ...CLASSES,
    Win32_ComputerSystem: [{ DNSHostName: 'PC-7', Domain: 'WORKGROUP', PartOfDomain: false }],
  };
  const { os } = await windows(fakeWindows(workgroup).start).inventory();
  expect(os?.data).toMatchObject({ hostname: 'PC-7', domain: null });
});

const PROFILE =
  'Hardware:\n\n    Hardware Overview:\n\n      Model Identifier: Mac14,9\n      Chip: Apple M2 Pro\n      Serial Number (system): C02XYZ1234\n\nSoftware:\n\n    System Software Overview:\n\n      System Version: macOS 14.4 (23E214)\n';
const MAC_TOOLS: Readonly<Record<string, string>> = {
  '/usr/sbin/system_profiler SPHardwareDataType SPSoftwareDataType SPMemoryDataType SPDisplaysDataType':
    PROFILE,
  '/usr/sbin/sysctl hw machdep.cpu kern': 'kern.hostname: ada.example.org\nhw.machine: arm64\n',
  '/sbin/ifconfig -a': macAt(1).links,
  '/sbin/mount': macAt(1).mounts,
};

test('[IN84] a Mac gives its sections; what a tool did not say makes them incomplete', async () => {
  const time = new FakeTime();
  const system = new MacosSystem({
    program: SHELL,
    start: fakeMac(macAt(1)).start,
    timers: time.timers,
    elapsedMs: time.elapsedMs,
    run: async (command, args) => {
      const stdout = MAC_TOOLS[[command, ...args].join(' ')];
      return { ok: stdout !== undefined, stdout: stdout ?? '', stderr: '' };
    },
    bootId: 'BOOT',
    platformUuid: '402127FE-F62F-5F2F-B899-BC9F25C44006',
    readText: () => null,
    log: () => undefined,
  });
  open.push(system);
  const { sections, failures } = await inventoryOf(createFakeHost({ platform: 'darwin', system }));
  expect(failures).toEqual(
    [
      { section: 'storage', detail: 'nothing of it was told' },
      { section: 'devices', detail: 'nothing of it was told' },
    ].filter(({ section }) => !sections.has(section as 'storage')),
  );
  expect(sections.get('os')?.data).toMatchObject({
    name: 'macOS',
    version: '14.4',
    hostname: 'ada',
    bootId: 'BOOT',
    machineId: '402127fe-f62f-5f2f-b899-bc9f25c44006',
  });
  expect(sections.get('hardware')?.notes).toContain('ioreg: IOPlatformExpertDevice was not given');
  expect(sections.get('network')?.data).toMatchObject({ interfaces: [{ name: 'lo0' }, { name: 'en0' }] });
});

test('[CO58] the boot id is of this machine and this boot, whatever the clock says, and tells neither', () => {
  const one = { machineGuid: 'guid', hardwareConfig: null, bootCount: '41', bootedAtMinute: 5 };
  const id = windowsBootId(one);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(windowsBootId({ ...one, bootedAtMinute: 6 })).toBe(id);
  expect(windowsBootId({ ...one, bootCount: '42' })).not.toBe(id);
  expect(windowsBootId({ ...one, machineGuid: 'other' })).not.toBe(id);
  expect(windowsBootId({ ...one, bootCount: null, bootedAtMinute: 6 })).not.toBe(
    windowsBootId({ ...one, bootCount: null, bootedAtMinute: 7 }),
  );
});

test('[IN84] a copy of a machine is told from it by the firmware, where the installation is the same', () => {
  const host = createFakeHost({ platform: 'win32', system: windows(fakeWindows({}).start) });
  expect(machineFingerprint(host)).toEqual({
    machineId: 'aaaaaaaa-1',
    systemUuid: '4c4c4544-0051',
    macs: [],
  });
});
