/** The line that an administrator pastes on a machine to add it; pure. */
import { invariant } from '@muster/shared/invariant.ts';
import type { InstallChecksums } from './assets.ts';

export interface InstallLinesInput {
  /** Enrolment token. */
  readonly token: string;
  /** Address of this server as the machine reaches it: http or https, without a path. */
  readonly publicUrl: string;
  /** base64url. */
  readonly serverKey: string;
  /** SHA-256 of the certificate's public key, base64, where that and no authority is to be trusted. */
  readonly tlsPin: string | null;
  /** Where TLS ends, as only this side can know. */
  readonly tls: 'direct' | 'proxy' | 'none';
  readonly checksums: InstallChecksums;
}

/** null: this server does not serve that platform. */
export interface PlatformLines {
  readonly linux: string | null;
  readonly windows: string | null;
  readonly macos: string | null;
  /** For a machine that has a package of the agent, by whatever way it came there. */
  readonly configure: string;
}

/** root has no need of sudo, and a small system no sudo. */
const AS_ROOT = '$(command -v sudo)';

export function installLines(input: InstallLinesInput): PlatformLines {
  checkWords(input);
  const { checksums } = input;
  return {
    linux: shellLine(input, { script: 'linux.sh', sha256: checksums.installer, check: 'sha256sum' }),
    windows: windowsLine(input),
    macos:
      checksums.macosInstaller === null
        ? null
        : shellLine(input, { script: 'macos.sh', sha256: checksums.macosInstaller, check: 'shasum -a 256' }),
    configure: configureLine(input),
  };
}

interface Installer {
  readonly script: string;
  readonly sha256: string;
  /** What compares checksums on that platform. */
  readonly check: string;
}

function shellLine(input: InstallLinesInput, installer: Installer): string {
  const { publicUrl, tlsPin } = input;
  const curl = tlsPin === null ? 'curl -fsSL' : `curl -fsSLk --pinnedpubkey sha256//${tlsPin}`;
  const script = `${publicUrl}/install/${installer.script}`;
  // A word of the shell itself, in front of the script: as options of a program they would stand on the list of processes.
  const options = `echo 'MUSTER_TOKEN=${input.token}; set -- ${optionsOf(input).join(' ')}'`;
  if (!isOpenToChange(input)) return `{ ${options}; ${curl} ${script}; } | ${AS_ROOT} sh`;
  // Nothing protects the script on its way, so the line itself brings the checksum.
  return `f=$(mktemp) && ${curl} ${script} -o "$f" && echo "${installer.sha256}  $f" | ${installer.check} -c - && { ${options}; cat "$f"; } | ${AS_ROOT} sh; rm -f "$f"`;
}

/**
 * For a PowerShell that runs already, 5.1 or 7: in the arguments of a new one the token would stand in the log of started processes.
 * The line brings the script's checksum, and the script checks the rest by `sums`: the certificate that the files come under is of no
 * importance, and curl would refuse one of an authority whose revocation list is out of reach.
 */
function windowsLine(input: InstallLinesInput): string | null {
  const { token, publicUrl, serverKey, tlsPin, tls, checksums } = input;
  if (checksums.windowsInstaller === null) return null;
  const options = [
    `-Server '${publicUrl}' -ServerKey '${serverKey}' -Tls ${tls}`,
    ...(tlsPin === null ? [] : [`-TlsPin '${tlsPin}'`]),
    ...(isOpenToChange(input) ? ['-Insecure'] : []),
    `-Sums '${checksums.sums}' -Token '${token}'`,
  ];
  return [
    `$f = New-TemporaryFile`,
    `curl.exe -fsSk -o $f '${publicUrl}/install/windows.ps1'`,
    `$b = [IO.File]::ReadAllBytes($f)`,
    `Remove-Item $f`,
    `$h = (Get-FileHash -InputStream ([IO.MemoryStream]::new($b))).Hash`,
    `if ($h -ne '${checksums.windowsInstaller}') { throw 'muster: the installer was not loaded, or was changed on the way' }`,
    `& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($b))) ${options.join(' ')}`,
  ].join('; ');
}

/** The shell itself says the token, and no program has it among its arguments. */
function configureLine(input: InstallLinesInput): string {
  return `echo ${input.token} | ${AS_ROOT} muster-agent configure ${settingsOf(input).join(' ')}`;
}

function optionsOf(input: InstallLinesInput): string[] {
  return [...settingsOf(input), `--sums ${input.checksums.sums}`];
}

function settingsOf(input: InstallLinesInput): string[] {
  const { publicUrl, serverKey, tlsPin, tls } = input;
  return [
    `--server ${publicUrl}`,
    `--server-key ${serverKey}`,
    `--tls ${tls}`,
    ...(tlsPin === null ? [] : [`--tls-pin ${tlsPin}`]),
    ...(isOpenToChange(input) ? ['--insecure'] : []),
  ];
}

/** Plain text that leaves the machine. */
function isOpenToChange({ publicUrl, tls }: InstallLinesInput): boolean {
  return tls === 'none' && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(publicUrl).hostname);
}

/** Everything is made by this server of letters that no shell reads anything into; a slip must not become a command. */
function checkWords({ token, publicUrl, serverKey, tlsPin, tls, checksums }: InstallLinesInput): void {
  invariant(
    /^https?:\/\/[\]A-Za-z0-9.:[-]+$/.test(publicUrl),
    `the address ${publicUrl} has no path and no quotes`,
  );
  invariant(publicUrl.startsWith('https:') !== (tls === 'none'), 'https if and only if there is TLS');
  invariant(tlsPin === null || tls === 'direct', 'a pin is for our own TLS');
  invariant(
    /^[A-Za-z0-9_-]+$/.test(token) && /^[A-Za-z0-9_-]{43}$/.test(serverKey),
    'token and key are words',
  );
  invariant(tlsPin === null || /^[A-Za-z0-9+/]{43}=$/.test(tlsPin), 'the pin is base64 of 32 bytes');
  invariant(
    [
      checksums.sums,
      checksums.installer,
      checksums.macosInstaller ?? checksums.sums,
      checksums.windowsInstaller ?? checksums.sums,
    ].every((one) => /^[0-9a-f]{64}$/.test(one)),
    'checksums are hex',
  );
}
