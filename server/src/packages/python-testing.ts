/** Readers of other people for what is written here: those of Python's own library. */
import { execFileSync } from 'node:child_process';

/** What it prints. @throws Error where Python is missing, or the program fails */
export function runPython(program: string, args: readonly string[] = []): string {
  return execFileSync('python3', ['-c', program, ...args], { encoding: 'utf8', stdio: 'pipe' });
}

export const hasPython = (() => {
  try {
    runPython('import plistlib, zipfile');
    return true;
  } catch {
    return false;
  }
})();
