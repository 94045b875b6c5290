/** The scripts of the Windows agent as they lie on a machine: with the version in them, and with the line ends that cmd.exe wants. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallerStamp, stamped } from '../../install/installer-text.ts';

const FOLDER = join(import.meta.dirname, '../../../../agent/src/service/windows');

export type WindowsScript =
  | 'install.ps1'
  | 'install.cmd'
  | 'uninstall.ps1'
  | 'muster-agent.cmd'
  | 'settings.example.txt';

export function windowsScript(name: WindowsScript, stamp: InstallerStamp): string {
  return stamped(readFileSync(join(FOLDER, name), 'utf8'), stamp).replaceAll('\n', '\r\n');
}
