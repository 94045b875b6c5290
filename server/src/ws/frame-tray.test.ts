import { expect, test } from 'vitest';
import { FrameTray, InOrder, TRAY_BYTES_MAX, TRAY_FRAMES_MAX, TRAY_MS } from './frame-tray.ts';

/** A tray with a timer that the test lets pass, and what its connections heard. */
function trayOf() {
  const heard: string[] = [];
  const timers: { readonly run: () => void; readonly delayMs: number }[] = [];
  const tray = new FrameTray((run, delayMs) => timers.push({ run, delayMs }));
  const connection = (name: string) =>
    new InOrder(
      {
        binary: ([byte]) => heard.push(`${name} ${byte}`),
        text: (text) => heard.push(`${name} ${text}`),
        pong: () => heard.push(`${name} pong`),
        closed: (code) => heard.push(`${name} closed ${code}`),
      },
      tray,
    );
  return { tray, timers, heard, connection };
}

test('[LK143] data waits a moment for more, and is handed over in its order', () => {
  const { timers, heard, connection } = trayOf();
  const a = connection('a');
  const b = connection('b');
  a.binary(Uint8Array.of(1));
  b.binary(Uint8Array.of(2));
  a.binary(Uint8Array.of(3));
  expect(heard).toEqual([]);
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([TRAY_MS]);
  timers.pop()?.run();
  expect(heard).toEqual(['a 1', 'b 2', 'a 3']);
  b.binary(Uint8Array.of(4));
  timers.pop()?.run();
  expect(heard).toEqual(['a 1', 'b 2', 'a 3', 'b 4']);
});

test('[LK143] a text and the end of a connection come after the data before them', () => {
  const { heard, connection } = trayOf();
  const a = connection('a');
  a.binary(Uint8Array.of(1));
  a.text('goodbye');
  a.binary(Uint8Array.of(2));
  a.closed(1000, '');
  expect(heard).toEqual(['a 1', 'a goodbye', 'a 2', 'a closed 1000']);
});

test('[LK143] much data does not wait', () => {
  const { heard, timers, connection } = trayOf();
  const a = connection('a');
  for (let i = 0; i < 2 * TRAY_FRAMES_MAX + 1; i++) a.binary(Uint8Array.of(i));
  expect(heard).toHaveLength(2 * TRAY_FRAMES_MAX);
  expect(timers).toHaveLength(1);
  timers.pop()?.run();
  expect(heard).toHaveLength(2 * TRAY_FRAMES_MAX + 1);
});

test('[LK143] large data does not wait either', () => {
  const { heard, connection } = trayOf();
  const a = connection('a');
  a.binary(new Uint8Array(TRAY_BYTES_MAX / 2));
  expect(heard).toHaveLength(0);
  a.binary(new Uint8Array(TRAY_BYTES_MAX / 2));
  expect(heard).toHaveLength(2);
  a.binary(Uint8Array.of(1));
  expect(heard).toHaveLength(2);
});

test('[LK143] a connection that ends while its data is handed over hears of its end last', () => {
  const heard: string[] = [];
  const tray = new FrameTray(() => undefined);
  const owner = {
    binary: ([byte]: Uint8Array) => {
      heard.push(`${byte}`);
      if (byte === 1) ordered.closed(1006, '');
    },
    text: () => undefined,
    pong: () => undefined,
    closed: () => heard.push('closed'),
  };
  const ordered = new InOrder(owner, tray);
  ordered.binary(Uint8Array.of(1));
  ordered.binary(Uint8Array.of(2));
  tray.clear();
  expect(heard).toEqual(['1', '2', 'closed']);
});
