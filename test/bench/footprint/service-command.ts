/** What the service starts Node with, read from the file that is installed: agent/src/service/linux/run.sh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../e2e/harness.ts';

const FILE = 'agent/src/service/linux/run.sh';

/** @throws Error when the file is written otherwise */
export function installedFlags(): string[] {
  const flags = /^flags='([^']+)'$/m.exec(text())?.[1];
  if (flags === undefined) throw new Error(`${FILE} has no line "flags=…"`);
  return flags.split(' ');
}

/** All but the folder of its libraries. @throws Error when the file is written otherwise */
export function installedEnvironment(): Record<string, string> {
  const [, line] = /^exec env -i \\\n((?:.*\\\n)+) {2}"\$OPT\/node"/m.exec(text()) ?? [];
  const pairs = line
    ?.matchAll(/\b([A-Z_]+)=([^\s"]+)(?=\s)/g)
    .map(([, name = '', value = '']) => [name, value]);
  if (pairs === undefined) throw new Error(`${FILE} does not start Node with "exec env -i …"`);
  return Object.fromEntries(pairs);
}

function text(): string {
  return readFileSync(join(ROOT, FILE), 'utf8');
}
