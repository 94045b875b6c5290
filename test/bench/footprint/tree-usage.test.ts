import { expect, test } from 'vitest';
import { startsIn, workOf } from './tree-usage.ts';
import { spawnSync } from 'node:child_process';

test('what strace wrote is counted by processes: no threads, and an interrupted call once', () => {
  const text = [
    '120 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM, exit_signal=0}, 88) = 121',
    '120   clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 122',
    '120 vfork( <unfinished ...>',
    '123 +++ exited with 0 +++',
    '120 <... vfork resumed>)    = 123',
  ].join('\n');
  expect(startsIn(text)).toBe(2);
  expect(startsIn('')).toBe(0);
});

test.runIf(process.platform === 'linux')('a child that has ended is seen by the pages it touched', () => {
  const before = workOf(process.pid);
  spawnSync('true');
  const after = workOf(process.pid);
  expect(after.childPageFaults).toBeGreaterThan(before.childPageFaults);
  expect(after.cpuMs).toBeGreaterThanOrEqual(before.cpuMs);
  expect(workOf(process.pid).childPageFaults).toBe(after.childPageFaults);
});
