/** Where finished downloads lie between starts: made once for the same input, whole or not at all. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The first folder that can be written, made where it is missing. @throws Error when there is none. */
export function openCacheFolder(candidates: readonly string[]): string {
  const reasons: string[] = [];
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`Nowhere to keep the files of the agent installer: ${reasons.join('; ')}`);
}

/** `write` fills a draft; only a whole one gets the name. Several servers may do so at the same time. */
export async function writeWhole(
  folder: string,
  name: string,
  write: (draft: string) => Promise<void>,
): Promise<string> {
  const path = join(folder, name);
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    await write(draft);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}
