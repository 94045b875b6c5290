import { expect, test } from 'vitest';
import { installLines, type InstallLinesInput } from './lines.ts';

const input: InstallLinesInput = {
  token: `enr_${'a'.repeat(20)}_${'0'.repeat(64)}`,
  publicUrl: 'http://127.0.0.1:8420',
  serverKey: 'k'.repeat(43),
  tlsPin: null,
  tls: 'none',
  checksums: {
    sums: 'a'.repeat(64),
    installer: 'b'.repeat(64),
    macosInstaller: null,
    windowsInstaller: null,
  },
};
const pin = `${'P'.repeat(43)}=`;

test('[IS1] on loopback the script goes straight into the shell', () => {
  expect(installLines(input)).toEqual({
    linux: `{ echo 'MUSTER_TOKEN=${input.token}; set -- --server http://127.0.0.1:8420 --server-key ${input.serverKey} --tls none --sums ${input.checksums.sums}'; curl -fsSL http://127.0.0.1:8420/install/linux.sh; } | $(command -v sudo) sh`,
    windows: null,
    macos: null,
    configure: `echo ${input.token} | $(command -v sudo) muster-agent configure --server http://127.0.0.1:8420 --server-key ${input.serverKey} --tls none`,
  });
});

test('[IS2] with a certificate of our own the download is pinned, and so is the agent', () => {
  const { linux } = installLines({
    ...input,
    publicUrl: 'https://10.0.0.5:8420',
    tls: 'direct',
    tlsPin: pin,
  });
  expect(linux).toContain(
    `curl -fsSLk --pinnedpubkey sha256//${pin} https://10.0.0.5:8420/install/linux.sh; } |`,
  );
  expect(linux).toContain(`--tls direct --tls-pin ${pin} `);
});

test('[IS2] a certificate that an authority signed is checked as usual', () => {
  const { linux } = installLines({ ...input, publicUrl: 'https://muster.example', tls: 'proxy' });
  expect(linux).toContain('; curl -fsSL https://muster.example/');
  expect(linux).toContain('--tls proxy --sums');
});

test('[IS3] in plain text over a network the line checks the script before it runs it', () => {
  const { linux } = installLines({ ...input, publicUrl: 'http://10.0.0.5:8420' });
  expect(linux).toContain(`echo "${input.checksums.installer}  $f" | sha256sum -c - && `);
  expect(linux).toContain(`{ echo 'MUSTER_TOKEN=${input.token}; set -- --server `);
  expect(linux).toContain(`; cat "$f"; } | $(command -v sudo) sh; rm -f "$f"`);
  expect(linux).toContain(' --insecure ');
});

test.each([
  ['a token', { token: 'x; reboot' }],
  ['an address', { publicUrl: 'http://127.0.0.1/$(reboot)' }],
  ['a server key', { serverKey: "k'" }],
  ['a pin', { tls: 'direct', publicUrl: 'https://a', tlsPin: '" "' }],
  ['a checksum', { checksums: { sums: '', installer: '', macosInstaller: null, windowsInstaller: null } }],
  ['https without TLS', { publicUrl: 'https://127.0.0.1' }],
  ['http with TLS', { tls: 'direct' }],
  ['a pin of a proxy', { publicUrl: 'https://a', tls: 'proxy', tlsPin: pin }],
] as const)('[IS4] %s that could not be one never gets into a line', (_what, change) => {
  expect(() => installLines({ ...input, ...change })).toThrow('invariant');
});

const windows = { ...input, checksums: { ...input.checksums, windowsInstaller: 'c'.repeat(64) } };

test('[WI11] the line for Windows holds the checksum of the script, and starts no process that is told the token', () => {
  const line = installLines(windows).windows ?? '';
  const statements = line.split('; ');
  expect(statements.find((one) => one.startsWith('if '))).toContain(`$h -ne '${'c'.repeat(64)}'`);
  // Programs are started by their names; all else is done by the PowerShell that the line is pasted into.
  expect(statements.filter((one) => /\.exe\b/.test(one))).toEqual([
    "curl.exe -fsSk -o $f 'http://127.0.0.1:8420/install/windows.ps1'",
  ]);
  expect(statements.at(-1)).toBe(
    `& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($b))) -Server 'http://127.0.0.1:8420' -ServerKey '${input.serverKey}' -Tls none -Sums '${input.checksums.sums}' -Token '${input.token}'`,
  );
});

test('[WI11] the line for Windows brings the pin, and says when it is plain text over a network', () => {
  const pinned = installLines({ ...windows, publicUrl: 'https://10.0.0.5:8420', tls: 'direct', tlsPin: pin });
  expect(pinned.windows).toContain(`-Tls direct -TlsPin '${pin}' -Sums`);
  expect(installLines({ ...windows, publicUrl: 'http://10.0.0.5:8420' }).windows).toContain(' -Insecure ');
});

const macs = { ...input, checksums: { ...input.checksums, macosInstaller: 'd'.repeat(64) } };

test('[PK12] the line for macOS is that of Linux with its own script, and compares checksums with what a Mac has', () => {
  expect(installLines(macs).macos).toContain('curl -fsSL http://127.0.0.1:8420/install/macos.sh; } | ');
  expect(installLines({ ...macs, publicUrl: 'http://10.0.0.5:8420' }).macos).toContain(
    `echo "${'d'.repeat(64)}  $f" | shasum -a 256 -c - && `,
  );
});
