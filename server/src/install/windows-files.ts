/** What a Windows machine downloads that is of our own writing. */
import type { InstallerStamp } from './installer-text.ts';
import { windowsScript } from '../packages/windows/scripts.ts';

/** By the name that they are served under. */
export function windowsTexts(stamp: InstallerStamp): ReadonlyMap<string, string> {
  return new Map([
    ['windows.ps1', windowsScript('install.ps1', stamp)],
    ['uninstall.ps1', windowsScript('uninstall.ps1', stamp)],
    ['muster-agent.cmd', windowsScript('muster-agent.cmd', stamp)],
  ]);
}
