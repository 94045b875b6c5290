/** Chooses the host of the platform; what each needs is loaded for that platform alone. */
import type { Host } from './host.ts';

/** A Host that may have a helper beside it. */
export interface OpenHost {
  readonly host: Host;
  /** Resolves when what a helper has to say first is said, or will not be. */
  settled(): Promise<void>;
  /** Ends the helper. */
  close(): void;
}

/** `log` gets a line when the helper's answers fail, and why. */
export async function openHost(log: (line: string) => void): Promise<OpenHost> {
  if (process.platform === 'win32') return (await import('./host-windows.ts')).createWindowsHost(log);
  if (process.platform === 'darwin') return (await import('./host-macos.ts')).createMacosHost(log);
  const host = (await import('./host-linux.ts')).createLinuxHost();
  return { host, settled: async () => undefined, close: () => host.close() };
}
