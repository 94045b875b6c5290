import { expect, test } from 'vitest';
import { after } from './typedAhead.ts';

const press = (key: string, ctrlKey = false) => ({
  key,
  ctrlKey,
  metaKey: false,
  altKey: false,
  isComposing: false,
});
const typed = (...keys: string[]) =>
  keys.reduce((sofar, key) => after(sofar, press(key)) ?? sofar, { text: '', entered: false });

test('[SE12] what is typed before the search box has the focus is its text', () => {
  expect(typed('P', 'C', '-', 'x', 'Backspace', '1')).toEqual({ text: 'PC-1', entered: false });
  expect(typed('打', 'Shift', '印').text).toBe('打印');
});

test('[SE12] Enter behind a text opens the best answer as soon as it is there; Enter alone does nothing', () => {
  expect(typed('a', 'Enter')).toEqual({ text: 'a', entered: true });
  expect(typed('Enter')).toEqual({ text: '', entered: false });
});

test('[SE12] keys with Ctrl, Alt or Cmd stay the browser’s', () => {
  expect(after({ text: 'a', entered: false }, press('t', true))).toBeNull();
});
