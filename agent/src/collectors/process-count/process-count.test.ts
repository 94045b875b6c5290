import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { processCount } from './process-count.ts';

const FIRST = 'pid:[4026531836]';

/** Folders that are no processes, and their links: the kernel counts some that cannot be listed too. */
const OTHERS = 11;

function machine(namespace: string) {
  const host = createFakeHost({ links: { '/proc/self/ns/pid': namespace } });
  const pids = new Set<number>();
  let lists = 0;
  const start = (pid: number) => {
    pids.add(pid);
    host.setFile(`/proc/${pid}/stat`, '');
  };
  return {
    ...host,
    start,
    lists: () => lists,
    linkCount: () => OTHERS + pids.size,
    list: (path: string) => {
      lists++;
      return host.list(path);
    },
  };
}

function counted(host: ReturnType<typeof machine>, times: number): (number | undefined)[] {
  let state: Parameters<typeof processCount.collect>[1] = null;
  return Array.from({ length: times }, (_, i) => {
    host.start(1 + i);
    host.advance(10_000);
    const result = processCount.collect(host, state);
    state = result.state;
    return result.samples[0]?.value;
  });
}

test('[CO61] processes are counted by the links of /proc, and counted out again every ten minutes', () => {
  const host = machine(FIRST);
  expect(counted(host, 59)).toEqual(Array.from({ length: 59 }, (_, i) => i + 1));
  expect(host.lists()).toBe(1);
  expect(counted(host, 61)).toEqual([...Array.from({ length: 59 }, () => 59), 60, 61]);
  expect(host.lists()).toBe(3);
});

test('[CO61] in a namespace of its own each is counted out, because the kernel counts those outside of it too', () => {
  const host = machine('pid:[4026532198]');
  expect(counted(host, 3)).toEqual([1, 2, 3]);
  expect(host.lists()).toBe(3);
});

test('[CO61] a process that comes while they are counted out is no reason to count wrongly for ten minutes', () => {
  const host = machine(FIRST);
  let looks = 0;
  const uneasy = { ...host, linkCount: () => OTHERS + looks++ };
  host.start(1);
  expect(processCount.collect(uneasy, null)).toMatchObject({ samples: [{ value: 1 }], state: null });
});

test('[CO61] where those of others are hidden, what can be seen is counted each time', () => {
  const host = machine(FIRST);
  host.start(4321);
  const hidden = { ...host, linkCount: () => OTHERS + 200 };
  expect(processCount.collect(hidden, null)).toMatchObject({ samples: [{ value: 1 }], state: null });
});
