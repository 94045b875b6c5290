/** Agent and Node as one program, by Node's own `--build-sea`. For machines where nothing is to be installed; no upgrade reaches it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from '@muster/shared/release/manifest.ts';
import type { NodeProgram } from './node-packages.ts';
import { withoutSignature } from './pe-signature.ts';

const run = promisify(execFile);

/** As the service runs it (agent/src/service/linux/run.sh), and nothing that whoever starts it could add. */
const NODE_FLAGS = [
  '--no-warnings',
  '--lite-mode',
  '--max-semi-space-size=1',
  '--max-old-space-size=96',
  '--use-openssl-ca',
  '--no-memory-pool',
  '--disable-sigusr1',
];

const SCRIPT = 'agent.mjs';
const SETTINGS = 'settings.json';
const OUTPUT = 'program';

export function executableName(platform: Platform): string {
  return `muster-agent-${platform}${platform.startsWith('win-') ? '.exe' : ''}`;
}

/** What is put together must be of one version: Node asks for that. */
export function canBuildExecutable({ version }: NodeProgram): boolean {
  return process.versions.node === version;
}

/**
 * The same script, Node and version of this process give the same bytes. The vendor's signature does not survive; programs for macOS
 * are signed anew on a Mac (`codesign --sign -`) before they run.
 * @throws Error
 */
export async function buildExecutable(agentScript: Uint8Array, node: NodeProgram): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-executable-'));
  try {
    let executable = node.path;
    if (node.platform.startsWith('win-')) {
      executable = 'node.exe';
      await writeFile(join(folder, executable), withoutSignature(await readFile(node.path)));
    }
    await writeFile(join(folder, SCRIPT), agentScript);
    await writeFile(
      join(folder, SETTINGS),
      JSON.stringify({
        // Without its folder: the path is kept in the program.
        main: SCRIPT,
        mainFormat: 'module',
        executable,
        output: OUTPUT,
        disableExperimentalSEAWarning: true,
        // Both would be of this machine's processor.
        useCodeCache: false,
        useSnapshot: false,
        execArgv: NODE_FLAGS,
        execArgvExtension: 'none',
      }),
    );
    await run(process.execPath, ['--build-sea', SETTINGS], { cwd: folder });
    return await readFile(join(folder, OUTPUT));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
