/** Transactions one after another; those that wait together become durable together, with one write to the disk. */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import type { Millis } from '@muster/shared/time.ts';

/** Transactions that one commit carries, and how long it may collect them: the rest of the server waits meanwhile. */
export const GROUP_TRANSACTIONS_MAX = 128;
export const GROUP_MS_MAX: Millis = 20;

interface Turn {
  /** Runs it; what it gives is told by `settle` once the commit is through. */
  readonly work: () => Promise<() => void>;
  readonly fail: (error: unknown) => void;
}

export class Turns {
  readonly #writer: Database.Database;
  readonly #monotonicMs: () => Millis;
  #waiting: Turn[] = [];
  #running: Promise<void> | null = null;

  constructor(writer: Database.Database, monotonicMs: () => Millis) {
    this.#writer = writer;
    this.#monotonicMs = monotonicMs;
  }

  /** Resolves when what `fn` wrote is durable; a throw undoes what it wrote and nothing else. */
  run<T>(fn: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const work = async () => {
        const value = await fn();
        return () => resolve(value);
      };
      this.#waiting.push({ work, fail: reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All that many callers have to say in this turn of the loop goes together.
      await othersTurn();
      await this.#group();
    }
    this.#running = null;
  }

  async #group(): Promise<void> {
    const byMs = this.#monotonicMs() + GROUP_MS_MAX;
    const done: { settle: () => void; fail: (error: unknown) => void }[] = [];
    const undone: (() => void)[] = [];
    try {
      this.#writer.exec('BEGIN IMMEDIATE');
    } catch (error) {
      this.#waiting.shift()?.fail(error);
      return;
    }
    for (let count = 0; count < GROUP_TRANSACTIONS_MAX; count++) {
      const turn = this.#waiting.shift();
      if (!turn) break;
      const savepoint = done.length > 0;
      if (savepoint) this.#writer.exec('SAVEPOINT turn');
      try {
        const settle = await turn.work();
        if (savepoint) this.#writer.exec('RELEASE turn');
        done.push({ settle, fail: turn.fail });
      } catch (error) {
        undone.push(() => turn.fail(error));
        // SQLite has rolled back all of it by itself after some failures (full disk).
        if (!this.#writer.inTransaction) return this.#lost(done, undone, error);
        if (!savepoint) {
          this.#writer.exec('ROLLBACK');
          return this.#lost(done, undone, error);
        }
        this.#writer.exec('ROLLBACK TO turn; RELEASE turn');
      }
      if (this.#monotonicMs() >= byMs) break;
    }
    try {
      this.#writer.exec('COMMIT');
    } catch (error) {
      if (this.#writer.inTransaction) this.#writer.exec('ROLLBACK');
      return this.#lost(done, undone, error);
    }
    for (const { settle } of done) settle();
    for (const tell of undone) tell();
  }

  /** Nothing of the group was written. */
  #lost(
    done: readonly { fail: (error: unknown) => void }[],
    undone: readonly (() => void)[],
    error: unknown,
  ): void {
    for (const { fail } of done) fail(error);
    for (const tell of undone) tell();
  }
}
