import { expect, test } from 'vitest';
import { failed, ok } from './doctor/judgement.ts';
import { type Beside, fullDiskText, statusText } from './status-text.ts';

const base = {
  agentId: '0'.repeat(32),
  agentVersion: '0.1.0',
  pid: 42,
  server: 'wss://muster.example/ws/agent',
  atMs: 1_000,
  startedAtMs: 1_000,
  link: { state: 'online', sinceMs: 2_000, pendingApproval: false },
  lastProblem: null,
  clockSkewMs: 12,
  lastTickAtMs: 9_000,
  spool: { depth: 0, usedBytes: 0, dropped: 0, fault: null },
};
const RUNS: Beside = {
  isRunning: () => true,
  selfRestart: null,
  serial: 0,
  configuration: ok(''),
  processes: [],
};
const GONE: Beside = { ...RUNS, isRunning: () => false };
const problem = {
  code: 'token-expired',
  detail: 'the token has expired',
  hint: 'Make a new one.',
  atMs: 3_000,
};

test('[AT101] on a full disk it says so, of when it is itself, and what to do', () => {
  expect(fullDiskText(base, ok('900 MiB free for /data'))).toBe('');
  expect(fullDiskText(base, failed('0 MiB free for /data', 'Free some space.'))).toBe(
    '\ndisk        0 MiB free for /data; the above is of 1970-01-01T00:00:01.000Z\nwhat to do  Free some space.',
  );
});

test('[LK101] connected', () => {
  const { text, outcome } = statusText(base, 10_000, RUNS);
  expect(outcome).toBe('connected');
  expect(text).toContain('connected since 1970-01-01T00:00:02.000Z');
});

test.each([
  [29.4, "29 ms behind the server's"],
  [-29.4, "29 ms ahead of the server's"],
  [-0.4, 'that of the server'],
])('[AT11] a server that is %f ms ahead: the clock here is %s', (clockSkewMs, words) => {
  const { text } = statusText({ ...base, clockSkewMs }, 10_000, RUNS);
  expect(text).toContain(`clock       ${words}`);
});

test('[LK101] not connected: why, what to do, when it tries again', () => {
  const { text, outcome } = statusText(
    { ...base, link: { state: 'waiting', untilMs: 40_000 }, lastProblem: problem },
    10_000,
    RUNS,
  );
  expect(outcome).toBe('not-connected');
  expect(text).toContain('the token has expired [token-expired]');
  expect(text).toContain('Make a new one.');
  expect(text).toContain('next attempt in 30 s');
});

test('[LK101] waiting for approval is not healthy', () => {
  const { text, outcome } = statusText(
    { ...base, link: { ...base.link, pendingApproval: true } },
    10_000,
    RUNS,
  );
  expect([outcome, text.includes('approval')]).toEqual(['waits-for-approval', true]);
});

test('[LK101] a process that is gone is said to be gone, whatever the file says', () => {
  const { text, outcome } = statusText(base, 10_000, GONE);
  expect([outcome, text.includes('does not run')]).toEqual(['not-running', true]);
});

test('[AT134] a process that runs and could not write its state is told as that, with nothing of the errors before it', () => {
  const stopped = { ...base, link: { state: 'stopped' }, lastProblem: problem };
  const processes = [{ pid: 4711, abandoned: false }];
  for (const file of [stopped, { ...base, lastProblem: problem }]) {
    const { text, outcome, startedAtMs } = statusText(file, 10_000, { ...RUNS, processes });
    expect([outcome, startedAtMs]).toEqual(['not-connected', null]);
    expect(text).toContain('process     runs as 4711, and has not written its state: the rest is of the one');
    expect(text).toContain('\nconnection  not known\n');
    expect(text).not.toMatch(/last error|what to do/);
  }
});

test('[AT134] of the process that wrote the file nothing changes', () => {
  const processes = [{ pid: base.pid, abandoned: false }];
  const of = (file: object) => statusText(file, 10_000, { ...RUNS, processes }).outcome;
  expect(of(base)).toBe('connected');
  expect(of({ ...base, link: { state: 'stopped' } })).toBe('not-running');
});

test('[AT131] of an agent that does not run the advice is to start it, whatever its last error was', () => {
  const waiting = { ...base, link: { state: 'waiting', untilMs: 40_000 }, lastProblem: problem };
  const { text } = statusText(waiting, 10_000, GONE);
  expect(text).toContain('the token has expired [token-expired]');
  expect(text.match(/^what to do .*$/gm)).toEqual([
    'what to do  muster-agent start; if it ends again, muster-agent log says why',
  ]);
});

test('[AT132] a configuration that the agent would refuse is told with what to do, and no start is advised before', () => {
  const configuration = failed('"wz://x" is no address of a server', 'Mend it.');
  const told = 'settings    refused: "wz://x" is no address of a server\nwhat to do  Mend it.\n';
  expect(statusText(base, 10_000, { ...RUNS, configuration }).text).toContain(told);
  const { text } = statusText({ ...base, lastProblem: problem }, 10_000, { ...GONE, configuration });
  expect(text).toContain(told);
  expect(text).not.toContain('muster-agent start');
});

test.each([
  ['is connected in its last word', { link: { state: 'online', sinceMs: 4_000 } }],
  ['was heard by the server afterwards', { link: { state: 'stopped' }, ackedAtMs: 4_000 }],
])('[AT131] an error of an agent that %s is not told any more', (_, later) => {
  const { text } = statusText({ ...base, lastProblem: problem, ...later }, 10_000, GONE);
  expect(text).not.toContain('token');
  expect(text).toContain('what to do  muster-agent start;');
});

test('[AT12] [AT130] by which configuration it works, whose groups, what is off, and since when others are refused', () => {
  const configuration = {
    version: 12,
    takenAtMs: 5_000,
    groups: ['web', 'db'],
    off: { collectors: ['load', 'cpu'], sections: ['users'], fields: [] },
    refused: { sinceMs: 7_000, why: 'version 11 is older than 12, which this agent has taken' },
  };
  const textOf = (changed: object) =>
    statusText({ ...base, configuration: { ...configuration, ...changed } }, 10_000, RUNS).text;
  expect(textOf({})).toContain(
    [
      'config      version 12, taken 1970-01-01T00:00:05.000Z; groups web, db',
      'off         collectors load, cpu; sections users',
      'refused     since 1970-01-01T00:00:07.000Z: version 11 is older than 12, which this agent has taken',
    ].join('\n'),
  );
  expect(textOf({ refused: null })).not.toContain('refused');
  expect(textOf({ groups: [], takenAtMs: null })).toContain('config      version 12; of no group\n');
  expect(textOf({ groups: null })).toContain('config      version 12, taken 1970-01-01T00:00:05.000Z\n');
  expect(textOf({ version: null, takenAtMs: null, groups: null })).toContain(
    'config      none that is signed\n',
  );
  expect(textOf({ off: { collectors: [], sections: [], fields: [] } })).toContain(
    'off         nothing is switched off\n',
  );
  expect(statusText(base, 10_000, RUNS).text).not.toContain('config');
});

test('[AT11] the way, the rhythm, what is saved, and why it last began anew', () => {
  const file = {
    ...base,
    proxy: 'http://proxy.example:3128 (with user and password), from the configuration',
    intervalMs: 10_000,
    economy: { holdMs: 20_000, why: 'on battery' },
  };
  const { text } = statusText(file, 10_000, {
    ...RUNS,
    selfRestart: { atMs: 5_000, why: '300 MiB of memory' },
  });
  expect(text).toContain('proxy       http://proxy.example:3128 (with user and password), from the');
  expect(text).toContain(', one every 10 s, sent together for up to 20 s; saves: on battery');
  expect(text).toContain('watchdog    began anew at 1970-01-01T00:00:05.000Z: 300 MiB of memory');
});

test('[CK31] [AT130] status says what checks may reach, how many there are and why one is not as expected', () => {
  const of = (checks: unknown) => statusText({ ...base, checks }, 10_000, RUNS).text;
  expect(of({ reach: 'off', count: 0, failing: [] })).toContain('forbidden on this machine');
  const text = of({ reach: 'network', count: 2, failing: [{ name: 'db', why: 'connect ECONNREFUSED' }] });
  expect(text).toContain(
    'checks      2 configured: 1 as expected, 1 not as expected; they may reach other machines, not this one\n',
  );
  expect(of({ reach: 'network', count: 0, failing: [] })).toContain('checks      none configured\n');
  expect(of({ reach: 'loopback', count: 2, failing: [] })).toContain(
    'checks      2 configured: 2 as expected; they may reach other machines and this one\n',
  );
  expect(text).toContain('db: connect ECONNREFUSED');
  expect(of(null)).not.toContain('checks');
});

test('[AT121] the number of the installed release stands beside the version, where there is one', () => {
  const of = (serial: number) => statusText(base, 10_000, { ...RUNS, serial }).text;
  expect(of(13)).toContain('(version 0.1.0, release 13)\n');
  expect(of(0)).toContain('(version 0.1.0)\n');
});

test('[AT123] of what another configuration mends it says that the agent reads it only when it starts', () => {
  const of = (code: string, isRunning = true) =>
    statusText(
      { ...base, link: { state: 'waiting', untilMs: 40_000 }, lastProblem: { ...problem, code } },
      10_000,
      isRunning ? RUNS : GONE,
    ).text;
  expect(of('server-key-mismatch')).toMatch(
    /^what to do {2}Make a new one\.\n {12}The agent reads its configuration only when it starts; .*: muster-agent restart\.$/m,
  );
  expect(of('unreachable')).not.toContain('muster-agent restart');
  expect(of('server-key-mismatch', false)).not.toContain('muster-agent restart');
});

test('[AT124] checks that this machine does not allow are counted and told with why, and so are those not tried yet', () => {
  const refused = [{ name: 'own', why: '127.0.0.1 is this machine itself' }];
  const { text } = statusText(
    { ...base, checks: { reach: 'network', count: 3, failing: [], refused, untried: 2 } },
    10_000,
    RUNS,
  );
  expect(text).toContain(
    'checks      3 configured: 1 not run, 2 not tried yet; they may reach other machines, not this one\n            own: not run: 127.0.0.1 is this machine itself',
  );
});
