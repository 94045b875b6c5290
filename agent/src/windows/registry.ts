/**
 * Registry keys by reg.exe, which is on every Windows: values one by one, whole keys as the .reg files that the
 * parsers are proven on. No PowerShell, so that software and identity are known where that is forbidden.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { decodeText } from '../inventory/parsers/text-encoding.ts';

/** `reg query KEY /v NAME` answers within milliseconds. */
const QUERY_MS_MAX = 5_000;
const EXPORT_MS_MAX = 60_000;

/** Data of the value that `reg query KEY /v NAME` printed; null where there is none. */
export function queriedValue(output: string, name: string): string | null {
  for (const line of output.split(/\r?\n/)) {
    const [, found, data] = /^ {4}(.+?) {4}REG_[A-Z_]+ {4}(.*)$/.exec(line) ?? [];
    if (found?.toLowerCase() === name.toLowerCase()) return data?.trim() || null;
  }
  return null;
}

/** Keys right below the one that was asked, by their whole paths. */
export function queriedKeys(output: string): string[] {
  return output.split(/\r?\n/).filter((line) => /^HKEY_[A-Z_]+(?:\\|$)/.test(line));
}

export interface RegistryTool {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Waits for reg.exe: only while the agent starts. null where there is no such value. */
export function readValueNow({ file, env }: RegistryTool, key: string, name: string): string | null {
  try {
    const output = execFileSync(file, ['query', key, '/v', name], {
      env: { ...env },
      timeout: QUERY_MS_MAX,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    return queriedValue(output, name);
  } catch (error) {
    // No such value or key, or no reg.exe: both are errors of the program, not of ours.
    if (error instanceof Error && ('status' in error || 'code' in error)) return null;
    throw error;
  }
}

const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const MACHINE = 'HKEY_LOCAL_MACHINE';
/** What the sections of the inventory are made of (`inventory/windows/`). */
const EXPORTS = [
  `${MACHINE}\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor`,
  `${MACHINE}\\SYSTEM\\CurrentControlSet\\Enum\\USB`,
  `${MACHINE}\\SYSTEM\\CurrentControlSet\\Enum\\USBPRINT`,
  `${MACHINE}\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}`,
  `${MACHINE}\\${UNINSTALL}`,
  `${MACHINE}\\SOFTWARE\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall`,
] as const;
const ACCOUNTS = 'HKEY_USERS';

/** All keys one after the other, as .reg text. A key that is not there stands in it empty; one that failed is left out. */
export async function exportRegistry(tool: RegistryTool, run: Host['run']): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-registry-'));
  try {
    const texts: string[] = [];
    for (const key of EXPORTS) texts.push(await exported(tool, run, key, folder));
    const accounts = await run(tool.file, ['query', ACCOUNTS], QUERY_MS_MAX);
    if (accounts.ok) {
      texts.push(emptyKey(ACCOUNTS));
      for (const account of queriedKeys(accounts.stdout).filter((key) =>
        /\\S-1-(?:5-21|12-1)-[\d-]+$/.test(key),
      ))
        texts.push(await exported(tool, run, `${account}\\${UNINSTALL}`, folder));
    }
    return texts.join('\r\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function exported(tool: RegistryTool, run: Host['run'], key: string, folder: string): Promise<string> {
  const file = join(folder, 'key.reg');
  const { ok } = await run(tool.file, ['export', key, file, '/y'], EXPORT_MS_MAX);
  if (ok) return decodeText(readFileSync(file));
  const parent = key.slice(0, key.lastIndexOf('\\'));
  const above = await run(tool.file, ['query', parent], QUERY_MS_MAX);
  const isThere = queriedKeys(above.stdout).some((one) => one.toLowerCase() === key.toLowerCase());
  return above.ok && !isThere ? emptyKey(key) : '';
}

function emptyKey(key: string): string {
  return `[${key}]\r\n`;
}
