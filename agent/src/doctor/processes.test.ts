import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { agentProcesses } from './processes.ts';

const FOLDER = '/opt/muster-agent';
const NODE = [`${FOLDER}/node`, '--lite-mode', `${FOLDER}/agent.mjs`];
const AGENT = [...NODE, 'run', '--config', '/etc/muster-agent/config.json'];
const WATCH = ['/bin/sh', `${FOLDER}/watch`, '20'];
const SUPERVISE = ['/bin/sh', `${FOLDER}/supervise`];

/** A folder as proc(5) has it: number to command line, parent, and the numbers in namespaces below. */
function proc(processes: Readonly<Record<number, readonly [readonly string[], number, string?]>>): string {
  const root = mkdtempSync(join(tmpdir(), 'muster-proc-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'sys'));
  for (const [pid, [words, parent, below = '']] of Object.entries(processes)) {
    mkdirSync(join(root, pid));
    writeFileSync(join(root, pid, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    writeFileSync(
      join(root, pid, 'status'),
      `Name:\tx\nPPid:\t${parent}\nNSpid:\t${pid}${below}\nThreads:\t1\n`,
    );
  }
  return root;
}

const found = (processes: Parameters<typeof proc>[0]) => agentProcesses(FOLDER, proc(processes));

test('[AT135] an agent whose supervisor lives is kept, and one whose supervisor was killed is not', () => {
  expect(found({ 1: [['init'], 0], 10: [SUPERVISE, 1], 20: [AGENT, 10], 21: [WATCH, 10] })).toEqual([
    { pid: 20, abandoned: false },
  ]);
  expect(found({ 1: [['init'], 0], 20: [AGENT, 1], 21: [WATCH, 1] })).toEqual([{ pid: 20, abandoned: true }]);
});

test('[AT135] one that somebody runs in the foreground, or whose parent may not be seen, is not said to be left alone', () => {
  expect(found({ 9: [['bash'], 1], 20: [AGENT, 9] })).toEqual([{ pid: 20, abandoned: false }]);
  expect(found({ 20: [AGENT, 1], 21: [WATCH, 1] })).toEqual([{ pid: 20, abandoned: false }]);
});

test('[AT134] neither a command of the agent, nor an agent in a container, nor one from another folder is taken for it', () => {
  expect(
    found({
      20: [[...NODE, 'status'], 1],
      21: [['vi', `${FOLDER}/agent.mjs`], 1],
      22: [AGENT, 1, '\t7'],
      23: [AGENT.map((word) => word.replace('/opt', '/srv')), 1],
    }),
  ).toEqual([]);
  expect(agentProcesses(FOLDER, '/nowhere')).toEqual([]);
});
