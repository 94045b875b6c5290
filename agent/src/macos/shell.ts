/**
 * /bin/sh as the helper of macOS: reads a mark and a word a line, runs the one program that the word stands for,
 * and prints what it printed between the marks. The programs are its children and not the agent's, but they cost
 * the machine as much: some 50 ms of CPU for one round of counters (not measured), so there is one each 10 s.
 */
import type { HelperProgram } from '../helper/helper.ts';
import { UNIX_ENVIRONMENT } from '../host-node.ts';

/** Word → command line. Paths are whole, and nothing in them comes from outside. */
export const COMMANDS = {
  memory: '/usr/bin/vm_stat',
  swap: '/usr/sbin/sysctl vm.swapusage',
  /** All block drivers with the medium right beneath each, which has the name that people know. */
  disks: '/usr/sbin/ioreg -r -c IOBlockStorageDriver -d 2 -w 0',
  /** Drops as well, addresses as numbers. */
  interfaces: '/usr/sbin/netstat -i -b -d -n',
  links: '/sbin/ifconfig -a',
  mounts: '/sbin/mount',
  /** Never the arguments: `comm` is the program alone. */
  processes: '/bin/ps -A -o pid= -o state= -o rss= -o time= -o lstart= -o user= -o comm=',
} as const;

const SCRIPT = [
  'while read -r mark word; do',
  `  printf '%s <\\n' "$mark"`,
  '  case "$word" in',
  ...Object.entries(COMMANDS).map(([word, command]) => `    ${word}) ${command} 2>/dev/null ;;`),
  '  esac',
  `  printf '\\n%s >\\n' "$mark"`,
  'done',
].join('\n');

export const SHELL: HelperProgram = {
  file: '/bin/sh',
  args: ['-c', SCRIPT],
  env: UNIX_ENVIRONMENT,
  preamble: '',
  line: (mark, question) => `${mark} ${question}`,
};
