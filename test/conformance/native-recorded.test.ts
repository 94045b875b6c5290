/**
 * Live collectors of Windows and macOS, fed with outputs recorded on real machines: a class as PowerShell would
 * print it, with only the properties that are asked for, must give the sections that the whole recording gives.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CimRecord, parseCimJson, parseWmiDump } from '@muster/agent/inventory/parsers/cim.ts';
import { decodeText } from '@muster/agent/inventory/parsers/text-encoding.ts';
import { windowsSections } from '@muster/agent/inventory/windows/sections.ts';
import { interfaceCounters, volumesOf as macVolumes } from '@muster/agent/macos/readings.ts';
import { FakeTime } from '@muster/agent/time-fake.ts';
import { powershell } from '@muster/agent/windows/powershell.ts';
import { adaptersOf, volumesOf } from '@muster/agent/windows/readings.ts';
import { WindowsSystem } from '@muster/agent/windows/system.ts';
import { fakeWindows } from '@muster/agent/windows/windows-fixture.ts';
import { describe, expect, test } from 'vitest';
import { testdataFolder } from './testdata.ts';

const RECORDED = join(testdataFolder(), 'glpi-agent/resources');
const WMI = join(RECORDED, 'win32/wmi');
const REGISTRY = join(RECORDED, 'win32/registry');

const read = (path: string): string => decodeText(readFileSync(path));

/** Name of the recorded machine → class → its instances as they were dumped. */
function recordedClasses(): Map<string, Map<string, string>> {
  const machines = new Map<string, Map<string, string>>();
  for (const file of readdirSync(WMI)) {
    const [, machine, className] = /^(.*)-((?:Win32|CIM|MSFT|MSVM)_\w+)\.wmi$/.exec(file) ?? [];
    if (machine === undefined || className === undefined) continue;
    const classes = machines.get(machine) ?? new Map<string, string>();
    machines.set(machine, classes.set(className, read(join(WMI, file))));
  }
  return machines;
}

/** Exports of a machine, by the key that stands first in each. */
function recordedKeys(machine: string): Map<string, string> {
  const files = readdirSync(REGISTRY).filter((file) => file.startsWith(`${machine}-`));
  return new Map(
    files.map((file) => {
      const text = read(join(REGISTRY, file));
      return [/^\[([^\]]+)\]/m.exec(text)?.[1] ?? '', text];
    }),
  );
}

/** As `Get-CimInstance` gives them: JSON that our parser reads back. */
const rows = (dump: string): CimRecord[] => parseCimJson(JSON.stringify(parseWmiDump(dump)));

async function live(classes: ReadonlyMap<string, string>, keys: ReadonlyMap<string, string>) {
  const time = new FakeTime();
  const system = new WindowsSystem({
    program: powershell('C:\\Windows'),
    start: fakeWindows(Object.fromEntries([...classes].map(([name, dump]) => [name, rows(dump)]))).start,
    timers: time.timers,
    elapsedMs: time.elapsedMs,
    run: async (_file, [verb, key = '', target = '']) => {
      const text = keys.get(key);
      // Whole exports are UTF-16 with a mark, as reg.exe writes them.
      if (verb === 'export' && text !== undefined)
        writeFileSync(target, Buffer.from(`\ufeff${text}`, 'utf16le'));
      return { ok: verb === 'export' && text !== undefined, stdout: '', stderr: '' };
    },
    registry: { file: 'reg.exe', env: {} },
    identity: { machineGuid: null, hardwareConfig: null, bootCount: null, bootedAtMinute: 0 },
    log: () => undefined,
  });
  const sections = await system.inventory();
  system.close();
  return sections;
}

/** The whole recording without its classes that the live agent does not ask, because a newer one tells more. */
const NOT_ASKED = ['CIM_LogicalDevice', 'Win32_CDROMDrive', 'MSVM_ComputerSystem'];

describe.skipIf(!existsSync(WMI))('over recorded machines', () => {
  test('[IN84] what is asked for is all that the sections are made of', async () => {
    let compared = 0;
    for (const [machine, all] of recordedClasses()) {
      const classes = new Map([...all].filter(([name]) => !NOT_ASKED.includes(name)));
      const keys = recordedKeys(machine);
      // A printer key is read as whole recordings are: by what its file holds.
      const whole = windowsSections({
        cim: Object.fromEntries(classes),
        registry: [...keys.values()].join('\n'),
      });
      const given = await live(classes, keys);
      for (const [name, section] of Object.entries(whole)) {
        const ours = given[name as keyof typeof given];
        const plain = name === 'os' ? { ...ours?.data, bootId: null, timeZone: null } : ours?.data;
        expect([machine, name, plain]).toEqual([machine, name, section.data]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  test('[CO52] links of recorded adapters: on the air, without a cable, and of software', () => {
    const adapters = adaptersOf(rows(read(join(WMI, 'vpn-up-MSFT_NetAdapter.wmi'))));
    const of = (name: string) => adapters.find((adapter) => adapter.name === name);
    expect(of('Wi-Fi')).toMatchObject({ up: true, bytesPerSecond: 18_050_000 });
    expect(of('Ethernet 4')).toMatchObject({ up: false, bytesPerSecond: null });
    expect(of('Ethernet 3')).toMatchObject({ up: null, bytesPerSecond: null });
  });

  test('[CO55] recorded volumes: a letter, a folder, none without a place and no disc', () => {
    const recorded = rows(read(join(WMI, 'win7-sp1-x64-Win32_Volume.wmi'))).filter(
      ({ DriveType }) => Number(DriveType) === 3,
    );
    expect(volumesOf(recorded)).toEqual([
      { name: 'C:\\MountedPoint\\Here', path: 'C:\\MountedPoint\\Here\\' },
      { name: 'C:', path: 'C:\\' },
    ]);
  });

  test('[CO55] recorded mounts of an old Mac, which told no types', () => {
    expect(macVolumes(read(join(RECORDED, 'generic/mount/darwin'))).map(({ path }) => path)).toEqual([
      '/',
      '/Volumes/data',
    ]);
  });

  test('[CO56] recorded links of a Mac: the port in use is up, ports without a cable are down', () => {
    const links = read(join(RECORDED, 'macos/ifconfig/macbook-pro-16-apple-silicon-2021-macosx-14.4'));
    const netstat = ['Name Mtu Network Address Ipkts Ierrs Ibytes Opkts Oerrs Obytes Coll Drop']
      .concat(['en0', 'en4', 'lo0'].map((name) => `${name} 1500 <Link#1> 0 0 0 0 0 0 0 0`))
      .join('\n');
    expect(interfaceCounters(netstat, links).map(({ name, up }) => [name, up])).toEqual([
      ['en0', true],
      ['en4', false],
      ['lo0', null],
    ]);
  });
});
