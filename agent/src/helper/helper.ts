/**
 * One long-lived program beside the agent that answers questions about the machine, where the system keeps no
 * files to read: PowerShell on Windows, sh on macOS. One question at a time, each a line to its input; the answer
 * stands between two marks in its output. It is started with the first question and again after it has failed.
 */
import { randomBytes } from 'node:crypto';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Timer, Timers } from '../timers.ts';

/** What is started, and how it is asked. */
export interface HelperProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** All of its environment: the agent's own may hold a token. */
  readonly env: Readonly<Record<string, string>>;
  /** Written first: what the questions call. */
  readonly preamble: string;
  /** The line that makes it print `mark <`, the answer, and `mark >`, each on lines of its own. */
  line(mark: string, question: string): string;
}

/** A started program; its streams as calls, so that most tests need none. It ends by itself when its input does. */
export interface HelperProcess {
  write(text: string): void;
  kill(): void;
}

/** Told later, never while the program is being started. */
export interface HelperEvents {
  output(text: string): void;
  /** Once, whatever the reason; nothing comes after it. */
  ended(why: string): void;
}

export type StartHelper = (program: HelperProgram, events: HelperEvents) => HelperProcess;

/** No answer: the program is missing, died, hung, said too much, or is not started again yet. */
export class HelperError extends Error {}

/** Largest answer, in characters: the devices of a large machine are about 2 million. */
export const ANSWER_CHARS_MAX = 16 << 20;
/** Questions that may wait; more means that nobody answers. */
const WAITING_MAX = 64;
const RESTART_MS_MIN = 5 * SECOND_MS;
const RESTART_MS_MAX = 10 * MINUTE_MS;
/** Age at which it is replaced while nothing is asked: PowerShell keeps what it once held. */
export const RECYCLE_MS = 6 * HOUR_MS;

interface Asked {
  readonly question: string;
  readonly timeoutMs: Millis;
  resolve(answer: string): void;
  reject(error: HelperError): void;
}

interface Running {
  readonly process: HelperProcess;
  readonly startedAtMs: Millis;
  /** What was written since the question began, as it came: joined once, when the answer is whole. */
  output: string[];
  chars: number;
  /** Its end, as long as a mark, which may come in pieces. */
  tail: string;
}

export class Helper {
  readonly #program: HelperProgram;
  readonly #start: StartHelper;
  readonly #timers: Timers;
  readonly #elapsedMs: () => Millis;
  /** So that no output of a system tool is taken for a mark. */
  readonly #nonce = randomBytes(6).toString('hex');
  readonly #waiting: Asked[] = [];
  #asked: (Asked & { readonly mark: string; readonly timer: Timer }) | null = null;
  #running: Running | null = null;
  #count = 0;
  #failures = 0;
  #startAgainAtMs = 0;
  #closed = false;

  constructor(options: {
    readonly program: HelperProgram;
    readonly start: StartHelper;
    readonly timers: Timers;
    readonly elapsedMs: () => Millis;
  }) {
    this.#program = options.program;
    this.#start = options.start;
    this.#timers = options.timers;
    this.#elapsedMs = options.elapsedMs;
  }

  /** The text between the marks. `timeoutMs` counts from when the question is its turn. @throws HelperError */
  ask(question: string, timeoutMs: Millis): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new HelperError('the helper is closed'));
      if (this.#waiting.length >= WAITING_MAX) return reject(new HelperError('too many questions wait'));
      this.#waiting.push({ question, timeoutMs, resolve, reject });
      this.#next();
    });
  }

  /** Ends the program; what was asked is refused. */
  close(): void {
    this.#closed = true;
    this.#running?.process.kill();
    this.#running = null;
    this.#refuseAll('the helper is closed');
  }

  #next(): void {
    if (this.#asked) return;
    const next = this.#waiting.shift();
    if (!next) return;
    const running = this.#ready();
    if (running === null) {
      next.reject(new HelperError('the helper failed and is started again later'));
      return this.#next();
    }
    const mark = `#${this.#nonce}-${++this.#count}`;
    const timer = this.#timers.after(next.timeoutMs, () => {
      this.#ended(running, `no answer within ${next.timeoutMs} ms`);
    });
    this.#asked = { ...next, mark, timer };
    forget(running);
    running.process.write(`${this.#program.line(mark, next.question)}\n`);
  }

  /** A program that can be asked; null while it must not be started again. */
  #ready(): Running | null {
    const nowMs = this.#elapsedMs();
    const old = this.#running;
    if (old && nowMs - old.startedAtMs < RECYCLE_MS) return old;
    old?.process.kill();
    this.#running = null;
    if (nowMs < this.#startAgainAtMs) return null;
    const process = this.#start(this.#program, {
      output: (text) => this.#output(running, text),
      ended: (why) => this.#ended(running, why),
    });
    const running: Running = { process, startedAtMs: nowMs, output: [], chars: 0, tail: '' };
    this.#running = running;
    process.write(this.#program.preamble);
    return running;
  }

  #output(running: Running, text: string): void {
    const asked = this.#asked;
    if (running !== this.#running || !asked) return;
    const endMark = `${asked.mark} >`;
    const found = (running.tail + text).includes(endMark);
    running.output.push(text);
    running.chars += text.length;
    running.tail = (running.tail + text).slice(-endMark.length);
    if (found) return this.#answered(asked, running, endMark);
    if (running.chars <= ANSWER_CHARS_MAX) return;
    this.#ended(running, `an answer of more than ${ANSWER_CHARS_MAX} characters`);
  }

  #answered(
    asked: Asked & { readonly mark: string; readonly timer: Timer },
    running: Running,
    endMark: string,
  ): void {
    const output = running.output.join('');
    const end = output.indexOf(endMark);
    // Whatever a profile, a banner or an echo of the question printed stands before the beginning.
    const begin = output.lastIndexOf(`${asked.mark} <`, end);
    forget(running);
    asked.timer.cancel();
    this.#asked = null;
    if (begin < 0) asked.reject(new HelperError('an answer without its beginning'));
    else {
      this.#failures = 0;
      const answerAt = output.indexOf('\n', begin);
      asked.resolve(answerAt < 0 || answerAt > end ? '' : output.slice(answerAt + 1, end));
    }
    this.#next();
  }

  #ended(running: Running, why: string): void {
    if (running !== this.#running) return;
    running.process.kill();
    this.#running = null;
    this.#startAgainAtMs = this.#elapsedMs() + Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** this.#failures);
    this.#failures += 1;
    this.#refuseAll(why);
  }

  /** Those that wait too: they would only hear that it is not started again yet. */
  #refuseAll(why: string): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.timer.cancel();
    const all = [...(asked ? [asked] : []), ...this.#waiting.splice(0)];
    for (const one of all) one.reject(new HelperError(why));
  }
}

function forget(running: Running): void {
  running.output = [];
  running.chars = 0;
  running.tail = '';
}
