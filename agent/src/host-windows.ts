/** Puts the Host of a Windows machine together: the one place that starts its helper and asks its registry. */
import { windowsFolder } from './config.ts';
import { startHelper } from './helper/start.ts';
import type { Host } from './host.ts';
import { runnerWith, wallMs } from './host-node.ts';
import { nativeHost } from './native/host.ts';
import type { OpenHost } from './open-host.ts';
import { WINDOWS_FIGURES } from './native/node-figures.ts';
import { systemTimers } from './timers.ts';
import { powershell } from './windows/powershell.ts';
import { readValueNow, type RegistryTool } from './windows/registry.ts';
import { type WindowsIdentity, WindowsSystem } from './windows/system.ts';

export function createWindowsHost(log: (line: string) => void): OpenHost {
  const program = powershell(windowsFolder());
  const registry: RegistryTool = { file: `${windowsFolder()}\\System32\\reg.exe`, env: program.env };
  const run: Host['run'] = runnerWith(program.env);
  const system = new WindowsSystem({
    program,
    start: startHelper,
    timers: systemTimers,
    elapsedMs: () => performance.now(),
    run,
    registry,
    identity: readIdentity(registry),
    log,
  });
  return {
    host: nativeHost('win32', system, run),
    settled: () => system.settled(),
    close: () => system.close(),
  };
}

function readIdentity(tool: RegistryTool): WindowsIdentity {
  const value = (key: string, name: string) => readValueNow(tool, `HKLM\\${key}`, name);
  return {
    machineGuid: value('SOFTWARE\\Microsoft\\Cryptography', 'MachineGuid'),
    hardwareConfig: value('SYSTEM\\HardwareConfig', 'LastConfig'),
    bootCount: value(
      'SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters',
      'BootId',
    ),
    bootedAtMinute: Math.round((wallMs() - WINDOWS_FIGURES.uptimeSeconds() * 1_000) / 60_000),
  };
}
