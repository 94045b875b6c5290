/** The helper's protocol, with a program that behaves in every way a program can: a Node script of our own. */
import { afterEach, expect, test } from 'vitest';
import { FakeTime } from '../time-fake.ts';
import {
  ANSWER_CHARS_MAX,
  Helper,
  HelperError,
  type HelperEvents,
  type HelperProcess,
  type HelperProgram,
  RECYCLE_MS,
} from './helper.ts';
import { startHelper } from './start.ts';

/** Each line is 'mark what'; `what` is how it misbehaves. */
const SCRIPT = `
let asked = 0;
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [mark, what, ...rest] = line.split(' ');
  const say = (text) => process.stdout.write(text);
  if (what === 'hello') return say('a banner of hello\\n');
  asked++;
  const answer = (text) => say(mark + ' <\\n' + text + '\\n' + mark + ' >\\n');
  if (what === 'echo') answer(rest.join(' '));
  else if (what === 'count') answer(String(asked));
  else if (what === 'pid') answer(String(process.pid));
  else if (what === 'environment') answer(JSON.stringify(process.env));
  else if (what === 'garbage') { say('PS> ' + line + '\\n\\u0000#other <\\nno\\n#other >\\n'); answer('clean'); say('late rubbish\\n'); }
  else if (what === 'slowly') { const bytes = Buffer.from(mark + ' <\\ngr\\u00fc\\u00df \\u4e2d\\u6587\\n' + mark + ' >\\n'); let at = 0; const next = () => { if (at < bytes.length) process.stdout.write(bytes.subarray(at, ++at), next); }; next(); }
  else if (what === 'endonly') say(mark + ' >\\n');
  else if (what === 'huge') { say(mark + ' <\\n'); const more = () => { if (!process.stdout.destroyed) process.stdout.write('x'.repeat(1 << 20), more); }; more(); }
  else if (what === 'big') answer('y'.repeat(3 << 20));
  else if (what === 'die') { process.stderr.write('out of luck'); process.exit(3); }
});
`;

const PROGRAM: HelperProgram = {
  file: process.execPath,
  args: ['-e', SCRIPT],
  env: { ONLY: 'this' },
  preamble: '- hello\n',
  line: (mark, question) => `${mark} ${question}`,
};

const open: Helper[] = [];
afterEach(() => {
  for (const helper of open.splice(0)) helper.close();
});

function helperOf(program: HelperProgram = PROGRAM): { helper: Helper; time: FakeTime } {
  const time = new FakeTime();
  const helper = new Helper({ program, start: startHelper, timers: time.timers, elapsedMs: time.elapsedMs });
  open.push(helper);
  return { helper, time };
}

const PATIENCE_MS = 30_000;

test('[CO49] answers stand between marks, in the order of the questions, whatever else is printed', async () => {
  const { helper, time } = helperOf();
  const answers = await Promise.all(
    ['echo one two', 'garbage', 'slowly', 'echo', 'count'].map((what) => helper.ask(what, PATIENCE_MS)),
  );
  expect(answers.map((answer) => answer.trimEnd())).toEqual(['one two', 'clean', 'grüß 中文', '', '5']);
  expect(time.pending).toBe(0);
});

test('[CO49] an answer of megabytes comes whole; one without its beginning is refused, and the next one is right', async () => {
  const { helper } = helperOf();
  expect((await helper.ask('big', PATIENCE_MS)).trimEnd()).toHaveLength(3 << 20);
  await expect(helper.ask('endonly', PATIENCE_MS)).rejects.toThrow('without its beginning');
  expect((await helper.ask('echo still here', PATIENCE_MS)).trimEnd()).toBe('still here');
});

test('[CO49] it gets its own environment and nothing of the agent’s', async () => {
  const { helper } = helperOf();
  const { ONLY, ...rest } = JSON.parse(await helper.ask('environment', PATIENCE_MS));
  expect(ONLY).toBe('this');
  expect(Object.keys(rest)).not.toContain('PATH');
});

test('[CO49] one that dies refuses what was asked with its last words, and is started again after 5 s, then 10 s', async () => {
  const { helper, time } = helperOf();
  const both = [helper.ask('die', PATIENCE_MS), helper.ask('echo never', PATIENCE_MS)];
  for (const asked of await Promise.allSettled(both))
    expect(asked).toMatchObject({ reason: new HelperError('ended with code 3: out of luck') });
  await expect(helper.ask('echo too early', PATIENCE_MS)).rejects.toThrow('started again later');
  time.advance(5_000);
  await expect(helper.ask('die', PATIENCE_MS)).rejects.toThrow('ended with code 3');
  time.advance(9_999);
  await expect(helper.ask('echo too early', PATIENCE_MS)).rejects.toThrow('started again later');
  time.advance(1);
  expect((await helper.ask('echo back', PATIENCE_MS)).trimEnd()).toBe('back');
  await expect(helper.ask('die', PATIENCE_MS)).rejects.toThrow('ended with code 3');
  time.advance(5_000);
  expect((await helper.ask('count', PATIENCE_MS)).trimEnd()).toBe('1');
});

test('[CO49] one that hangs is ended when its time is up', async () => {
  const { helper, time } = helperOf();
  const pid = Number(await helper.ask('pid', PATIENCE_MS));
  const hung = helper.ask('say nothing', PATIENCE_MS);
  time.advance(PATIENCE_MS);
  await expect(hung).rejects.toThrow('no answer within 30000 ms');
  time.advance(5_000);
  expect(Number(await helper.ask('pid', PATIENCE_MS))).not.toBe(pid);
});

test('[CO49] one that says too much is ended', async () => {
  const { helper } = helperOf();
  await expect(helper.ask('huge', PATIENCE_MS)).rejects.toThrow(`more than ${ANSWER_CHARS_MAX} characters`);
});

test('[CO49] a program that is missing is an answer like any other failure', async () => {
  const { helper } = helperOf({ ...PROGRAM, file: '/nowhere/powershell.exe' });
  await expect(helper.ask('echo', PATIENCE_MS)).rejects.toThrow('ENOENT');
});

test('[CO49] after 6 h it is replaced, between two questions', async () => {
  const { helper, time } = helperOf();
  const first = await helper.ask('pid', PATIENCE_MS);
  time.advance(RECYCLE_MS - 1);
  expect(await helper.ask('pid', PATIENCE_MS)).toBe(first);
  time.advance(1);
  expect(await helper.ask('pid', PATIENCE_MS)).not.toBe(first);
});

test('[CO49] closed, it refuses what waits and what comes', async () => {
  const { helper, time } = helperOf();
  const waiting = Promise.allSettled([helper.ask('hang', PATIENCE_MS), helper.ask('echo', PATIENCE_MS)]);
  helper.close();
  await expect(waiting).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await expect(helper.ask('echo', PATIENCE_MS)).rejects.toThrow('closed');
  expect(time.pending).toBe(0);
});

/** A program whose output the test writes itself, in any pieces. */
function scripted(): {
  events: HelperEvents[];
  marks: string[];
  helper: Helper;
  time: FakeTime;
  killed: () => number;
} {
  const events: HelperEvents[] = [];
  const marks: string[] = [];
  const time = new FakeTime();
  let killed = 0;
  const start = (_program: HelperProgram, told: HelperEvents): HelperProcess => {
    events.push(told);
    return {
      write: (text) => {
        const mark = /#\w+-\d+/.exec(text)?.[0];
        if (mark !== undefined) marks.push(mark);
      },
      kill: () => {
        killed += 1;
      },
    };
  };
  const program = { ...PROGRAM, preamble: '' };
  const helper = new Helper({ program, start, timers: time.timers, elapsedMs: time.elapsedMs });
  return { events, marks, helper, time, killed: () => killed };
}

test('[CO49] marks may arrive in any pieces; the back-off ends at 10 min; a program that is gone is not heard', async () => {
  const { events, marks, helper, time } = scripted();
  const first = helper.ask('x', PATIENCE_MS);
  for (const letter of `noise ${marks[0]} <\r\nan\nswer\r\n${marks[0]} >\r\n`) events[0]?.output(letter);
  expect(await first).toBe('an\nswer\r\n');
  let waitMs = 5_000;
  for (let failure = 0; failure < 10; failure++) {
    const asked = helper.ask('x', PATIENCE_MS);
    const gone = events.at(-1);
    gone?.ended('gone');
    await expect(asked).rejects.toThrow('gone');
    gone?.output(`${marks.at(-1)} <\nlate\n${marks.at(-1)} >\n`);
    gone?.ended('again');
    time.advance(waitMs - 1);
    await expect(helper.ask('x', PATIENCE_MS)).rejects.toThrow('later');
    time.advance(1);
    waitMs = Math.min(600_000, waitMs * 2);
  }
});

test('[CO49] a late end of the old program does not end the new one', async () => {
  const { events, marks, helper, time, killed } = scripted();
  const first = helper.ask('x', PATIENCE_MS);
  events[0]?.output(`${marks[0]} <\n1\n${marks[0]} >\n`);
  await first;
  time.advance(RECYCLE_MS);
  const second = helper.ask('x', PATIENCE_MS);
  expect(killed()).toBe(1);
  events[0]?.ended('killed');
  events[1]?.output(`${marks[1]} <\n2\n${marks[1]} >\n`);
  expect(await second).toBe('2\n');
});
