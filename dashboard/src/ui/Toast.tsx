/**
 * Short notices at the lower edge, spoken politely: what was done, with a way back, or how far a long work is.
 * What draws them is read after the first page stands; what is said before then waits.
 */
import { lazy } from 'react';
import { patiently } from '../util/patiently.ts';

const SAID_MS = 6_000;
/** A way back is offered for longer than a sentence is read. */
const OFFERED_MS = 10_000;

export interface ToastAction {
  readonly label: string;
  readonly onPress: () => void;
}

export interface Notice {
  /** The notice of an id that is shown already takes its place. */
  readonly id: string;
  readonly sentence: string;
  /** 0: stays until it is replaced or closed. */
  readonly timeoutMs: number;
  readonly action: ToastAction | undefined;
}

let waiting: Notice[] = [];
let show = (notice: Notice): void => void waiting.push(notice);
let ids = 0;

/** Says one sentence for a few seconds; with an action such as Undo for ten. */
export function say(sentence: string, action?: ToastAction): void {
  ids += 1;
  show(ended(`notice-${ids}`, sentence, action));
}

/** A notice that stays while a work goes on, on whatever page; `done` says how it ended. */
export function sayProgress(sentence: string): {
  update(sentence: string): void;
  done(sentence: string, action?: ToastAction): void;
} {
  ids += 1;
  const id = `notice-${ids}`;
  const update = (next: string) => show({ id, sentence: next, timeoutMs: 0, action: undefined });
  update(sentence);
  return { update, done: (last, action) => show(ended(id, last, action)) };
}

function ended(id: string, sentence: string, action: ToastAction | undefined): Notice {
  return { id, sentence, timeoutMs: action === undefined ? SAID_MS : OFFERED_MS, action };
}

/** For what draws the notices: gets those that waited and all that come. */
export function drawNotices(draw: (notice: Notice) => void): void {
  show = draw;
  for (const notice of waiting) draw(notice);
  waiting = [];
}

export const Toasts = lazy(patiently(async () => ({ default: (await import('./ToastList.tsx')).ToastList })));
