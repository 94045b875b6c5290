/** What a Windows machine downloads that is of our own writing. */
import { windowsScript } from '../packages/windows/scripts.ts';

/** By the name that they are served under. */
export function windowsTexts(version: string): ReadonlyMap<string, string> {
  return new Map([
    ['windows.ps1', windowsScript('install.ps1', version)],
    ['uninstall.ps1', windowsScript('uninstall.ps1', version)],
    ['muster-agent.cmd', windowsScript('muster-agent.cmd', version)],
  ]);
}
