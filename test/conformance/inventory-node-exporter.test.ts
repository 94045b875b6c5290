/** Our inventory of the /proc, /sys and udev trees that Prometheus' node_exporter records, against the facts it expects of them. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLinuxHost, type LinuxHost } from '@muster/agent/host-linux.ts';
import { parseCpuinfo } from '@muster/agent/inventory/hardware/cpu.ts';
import { hardware } from '@muster/agent/inventory/hardware/hardware.ts';
import { network } from '@muster/agent/inventory/network/network.ts';
import { os } from '@muster/agent/inventory/os/os.ts';
import { diskOf } from '@muster/agent/inventory/storage/disk.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpackTtar } from './ttar.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const FIXTURES = join(
  resolve(REPOSITORY, process.env['MUSTER_TESTDATA'] ?? '../shared/testdata'),
  'node_exporter/collector/fixtures',
);

describe.skipIf(!existsSync(FIXTURES))('over the recorded tree', () => {
  let folder = '';
  let host: LinuxHost;
  let expected: readonly Info[] = [];
  const infos = (metric: string) => expected.filter((info) => info.metric === metric);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-inventory-'));
    unpackTtar(readFileSync(join(FIXTURES, 'sys.ttar'), 'latin1'), folder);
    unpackTtar(readFileSync(join(FIXTURES, 'udev.ttar'), 'latin1'), join(folder, 'run'));
    mkdirSync(join(folder, 'etc'));
    copyFileSync(join(FIXTURES, 'usr/lib/os-release'), join(folder, 'etc/os-release'));
    host = createLinuxHost({ procRoot: join(FIXTURES, 'proc'), sysRoot: join(folder, 'sys'), root: folder });
    expected = parseInfos(readFileSync(join(FIXTURES, 'e2e-output.txt'), 'utf8'));
  });
  afterAll(() => {
    host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('[IN10] the identity of the machine equals node_dmi_info', async () => {
    const { data } = await hardware.collect(host);
    const [dmi] = infos('node_dmi_info');
    const ours = {
      system_vendor: data.system.manufacturer,
      product_name: data.system.model,
      product_serial: data.system.serial,
      product_uuid: data.system.uuid,
      product_sku: data.system.sku,
      board_vendor: data.board.manufacturer,
      board_name: data.board.model,
      board_version: data.board.version,
      board_serial: data.board.serial,
      bios_vendor: data.bios.vendor,
      bios_version: data.bios.version,
      bios_date: data.bios.date,
      chassis_vendor: data.chassis.manufacturer,
      chassis_serial: data.chassis.serial,
      chassis_asset_tag: data.chassis.assetTag ?? '',
    };
    expect(dmi?.labels).toMatchObject(ours);
  });

  test('[IN14] the processors of cpuinfo equal node_cpu_info', () => {
    const ours = parseCpuinfo(readFileSync(join(FIXTURES, 'proc/cpuinfo'), 'utf8')).map((processor) => ({
      cpu: String(processor.processor),
      core: String(processor.coreId),
      package: String(processor.physicalId),
      model_name: processor.model,
      vendor: processor.vendor === 'Intel' ? 'GenuineIntel' : processor.vendor,
    }));
    const theirs = infos('node_cpu_info').map(({ labels }) => labels);
    expect(ours).toHaveLength(theirs.length);
    for (const processor of ours) {
      expect(theirs.find(({ cpu }) => cpu === processor.cpu)).toMatchObject(processor);
    }
  });

  test('[IN20] the distribution and the boot time equal node_os_info and node_boot_time_seconds', async () => {
    const { data } = await os.collect(host);
    const [info] = infos('node_os_info');
    expect(info?.labels).toMatchObject({ name: data.name, version_codename: data.codename });
    expect(info?.labels['version']).toMatch(new RegExp(`^${data.version} `));
    expect(data.bootedAtMs).toBe((infos('node_boot_time_seconds')[0]?.value ?? 0) * 1_000);
  });

  test('[IN23] address, state, MTU and speed of interfaces equal theirs', async () => {
    const { data } = await network.collect(host);
    const valueOf = (metric: string, device: string) =>
      infos(metric).find(({ labels }) => labels['device'] === device)?.value;
    const theirs = infos('node_network_info').map(({ labels }) => ({
      name: labels['device'],
      mac: labels['address'],
      state: labels['operstate'],
      mtu: valueOf('node_network_mtu_bytes', labels['device'] ?? ''),
    }));
    expect(theirs.length).toBeGreaterThan(1);
    for (const theirInterface of theirs) {
      expect(data.interfaces.find(({ name }) => name === theirInterface.name)).toMatchObject(theirInterface);
    }
    const bytesPerSecond = valueOf('node_network_speed_bytes', 'eth0') ?? 0;
    expect(data.interfaces.find(({ name }) => name === 'eth0')?.speedBitsPerSecond).toBe(bytesPerSecond * 8);
  });

  test('[IN28] model, serial number and firmware of disks equal node_disk_info', () => {
    const disks = infos('node_disk_info').filter(({ labels }) =>
      /^(sd[a-z]|nvme0n1)$/.test(labels['device'] ?? ''),
    );
    expect(disks).toHaveLength(4);
    for (const { labels } of disks) {
      const disk = diskOf({
        name: labels['device'] ?? '',
        path: '',
        sectors: null,
        rotational: labels['rotational'] === '1',
        removable: false,
        model: null,
        vendor: null,
        serial: null,
        firmware: null,
        wwn: null,
        vpdPage80: null,
        udev: readUdev(join(folder, `run/udev/data/b${labels['major']}:${labels['minor']}`)),
      });
      expect(disk.serial).toBe(labels['serial']);
      expect(disk.firmware).toBe(labels['revision']);
      expect(disk.model).toBe(labels['model']?.replaceAll('_', ' '));
    }
  });
});

function readUdev(path: string): Map<string, string> {
  const lines = readFileSync(path, 'utf8').matchAll(/^E:([A-Z0-9_]+)=(.*)$/gm);
  return new Map([...lines].map((line) => [line[1] ?? '', line[2] ?? '']));
}

interface Info {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Lines of the text exposition format, labels apart. */
function parseInfos(text: string): Info[] {
  return [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, metric = '', labels = '', value]) => ({
      metric,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, label]) => [name, label]),
      ),
      value: Number(value),
    }),
  );
}
