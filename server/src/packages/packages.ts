/** The packages of a release: one list, so that a format or platform more is one line. */
import type { Platform } from '@muster/shared/release/manifest.ts';
import type { AgentProgram } from './entries.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { linuxDeb, linuxRpm } from './linux.ts';
import { macosArchive } from './macos.ts';
import { windowsZip } from './windows/windows-zip.ts';

export interface PackageMaker {
  readonly platform: Platform;
  /** How its name ends. */
  readonly format: string;
  /** The same program gives the same bytes. */
  readonly make: (program: AgentProgram) => Promise<Uint8Array>;
}

export const PACKAGE_MAKERS: readonly PackageMaker[] = [
  ...(['linux-x64', 'linux-arm64'] as const).flatMap((platform) => [
    { platform, format: 'deb', make: (program: AgentProgram) => linuxDeb(platform, program) },
    { platform, format: 'rpm', make: (program: AgentProgram) => linuxRpm(platform, program) },
  ]),
  ...(['darwin-x64', 'darwin-arm64'] as const).map((platform) => ({
    platform,
    format: 'tar.gz',
    make: (program: AgentProgram) => macosArchive(platform, program),
  })),
  ...(['win-x64', 'win-arm64'] as const).map((platform) => ({
    platform,
    format: 'zip',
    make: async ({ agentScript, node, service, manifest }: AgentProgram) => {
      invariant(service !== null, 'a release for Windows has the service');
      return windowsZip(platform, { agentScript, node: node.content, service, manifest });
    },
  })),
];

/** The same in each release, so that an address of it stays. */
export function packageName({ platform, format }: Pick<PackageMaker, 'platform' | 'format'>): string {
  return `muster-agent-${platform}.${format}`;
}
