/** The Windows agent as one archive with a silent installer, for group policies, Intune and machines without a network. */
import { createHash } from 'node:crypto';
import { RELEASE_MANIFEST, type ReleaseManifest, SERVICE_PROGRAM } from '@muster/shared/release/manifest.ts';
import { type WindowsScript, windowsScript } from './scripts.ts';
import { zip, type ZipEntry } from './zip.ts';

export interface WindowsProgram {
  readonly agentScript: Uint8Array;
  /** The vendor's node.exe. */
  readonly node: Uint8Array;
  /** The service (`compileServiceProgram`). */
  readonly service: Uint8Array;
  readonly manifest: ReleaseManifest;
}

const SCRIPTS: readonly WindowsScript[] = [
  'install.cmd',
  'install.ps1',
  'muster-agent.cmd',
  'settings.example.txt',
  'uninstall.ps1',
];

/** The same program gives the same bytes. */
export function windowsZip(platform: 'win-x64' | 'win-arm64', program: WindowsProgram): Uint8Array {
  const { agentScript, node, service, manifest } = program;
  const files: ZipEntry[] = [
    ...SCRIPTS.map((name) => ({
      name,
      content: Buffer.from(windowsScript(name, { version: manifest.version, releaseKey: manifest.key })),
    })),
    { name: 'agent.mjs', content: agentScript },
    { name: 'node.exe', content: node },
    { name: SERVICE_PROGRAM, content: service },
    { name: RELEASE_MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
  ];
  const sums = files.map(({ name, content }) =>
    // The installer knows Node by its platform, wherever it comes from.
    sumLine(name === 'node.exe' ? `node-${platform}` : name, content),
  );
  const list = { name: 'sha256sums', content: Buffer.from(sums.toSorted().join('')) };
  return zip([...files, list].toSorted((left, right) => (left.name < right.name ? -1 : 1)));
}

function sumLine(name: string, content: Uint8Array): string {
  return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
}
