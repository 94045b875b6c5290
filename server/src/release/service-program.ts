/** The Windows service (agent/src/service/windows), compiled by Debian's mingw. The same sources and compiler give the same bytes. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCES = join(import.meta.dirname, '../../../agent/src/service/windows');
const COMPILER = 'x86_64-w64-mingw32-gcc';
const RESOURCE_COMPILER = 'x86_64-w64-mingw32-windres';
const FILES = ['service.c', 'prepare.c', 'files.c'];
/** Windows 10 and Server 2016, as Node asks for. No libraries beside it, no symbols, no time of its making. */
const FLAGS = [
  '-std=c11',
  '-Os',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-municode',
  '-static',
  '-s',
  '-D_WIN32_WINNT=0x0A00',
  '-DUNICODE',
  '-DWIN32_LEAN_AND_MEAN',
  '-Wl,--no-insert-timestamp',
];

/** @throws Error that says what to install where there is no compiler */
export async function compileServiceProgram(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-service-'));
  const program = join(folder, 'service.exe');
  const resource = join(folder, 'service.res');
  const at = { cwd: SOURCES };
  try {
    await run(RESOURCE_COMPILER, ['service.rc', '-O', 'coff', '-o', resource], at);
    await run(COMPILER, [...FLAGS, '-o', program, ...FILES, resource], at);
    return await readFile(program);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      `the Windows service needs ${COMPILER}: apt-get install gcc-mingw-w64-x86-64, or name the other platforms with --platform`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
