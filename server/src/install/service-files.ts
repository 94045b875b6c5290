/** The agent's service on a platform: scripts and definitions from its sources, with their parts in place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallerStamp, installerText } from './installer-text.ts';

const SERVICE_FOLDER = join(import.meta.dirname, '../../../agent/src/service');

export type ServicePlatform = 'linux' | 'macos';

export function serviceFile(platform: ServicePlatform, name: string, stamp: InstallerStamp): string {
  const parts = new Map(
    ['unix', platform].flatMap((folder) =>
      readdirSync(join(SERVICE_FOLDER, folder)).map(
        (file) => [file, readFileSync(join(SERVICE_FOLDER, folder, file), 'utf8')] as const,
      ),
    ),
  );
  return installerText({ installer: parts.get(name) ?? '', parts, stamp });
}
