/** Bugs that other agents had, each under the thread that tells of it: this agent does not have them. */
import { expect, test } from 'vitest';
import { createFakeHost } from '../host-fake.ts';
import { SECTION_COLLECTORS } from './index.ts';
import { recordedHost } from './recorded-host.ts';

function wtmp(records: readonly { type: number; user: string; atSeconds: number }[]): Uint8Array {
  const bytes = new Uint8Array(384 * records.length);
  const view = new DataView(bytes.buffer);
  records.forEach(({ type, user, atSeconds }, index) => {
    view.setInt16(384 * index, type, true);
    bytes.set(Buffer.from(user), 384 * index + 44);
    view.setInt32(384 * index + 340, atSeconds, true);
  });
  return bytes;
}

const lastUserOf = async (log: Uint8Array) => {
  const host = createFakeHost({
    files: { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n', '/var/log/wtmp': log },
  });
  const { data } = await SECTION_COLLECTORS.users.collect(host);
  return { lastUser: data.lastUser, lastUserAtMs: data.lastUserAtMs };
};

test('[IN36] OCSInventory-NG/UnixAgent#509, wazuh/wazuh#39038: an empty login log names nobody called "wtmp"', async () => {
  expect(await lastUserOf(new Uint8Array())).toEqual({ lastUser: null, lastUserAtMs: null });
  expect(await lastUserOf(wtmp([{ type: 0, user: 'wtmp', atSeconds: 5 }]))).toEqual({
    lastUser: null,
    lastUserAtMs: null,
  });
});

test('[IN36] Normation/rudder-packages#919: a reboot is no last user', async () => {
  const ada = { type: 7, user: 'ada', atSeconds: 1_700_000_000 };
  const reboots = [2, 7].map((type) => ({ type, user: 'reboot', atSeconds: 1_700_000_500 }));
  expect(await lastUserOf(wtmp([ada, ...reboots]))).toEqual({
    lastUser: 'ada',
    lastUserAtMs: 1_700_000_000_000,
  });
});

test('[IN16] i386 on x86_64: the architecture is the kernel’s, and that of a package its own', async () => {
  const host = recordedHost(`== machine
{"architecture":"x86_64"}
== /proc/sys/kernel/hostname
web-01
== /var/lib/dpkg/status
Package: wine32
Status: install ok installed
Architecture: i386
Version: 8.0
`);
  expect((await SECTION_COLLECTORS.os.collect(host)).data.architecture).toBe('x86_64');
  expect((await SECTION_COLLECTORS.software.collect(host)).data.packages[0]?.architecture).toBe('i386');
});

test('[IN17] a file dated 1970 or 1980 says nothing of when something was installed', async () => {
  for (const atMs of [0, 1_000, 315_532_800_000]) {
    const host = recordedHost(`== time /etc/machine-id
${atMs}
== time /var/lib/dpkg/info/bash.list
${atMs}
== /var/lib/dpkg/status
Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2
`);
    expect((await SECTION_COLLECTORS.os.collect(host)).data.installedAtMs).toBeNull();
    expect((await SECTION_COLLECTORS.software.collect(host)).data.packages[0]?.installedAtMs).toBeNull();
  }
});
