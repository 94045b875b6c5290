import { expect, test } from 'vitest';
import { csvText, fileName } from './csv.ts';

test('[DB100] a cell with comma, quote or line break is quoted, a formula is defused, a number stays one', () => {
  expect(
    csvText([
      ['a', 'b,c', 'say "x"'],
      [1.5, -2, null],
      ['=1+1', '-cmd', '-3.5'],
      ['two\nlines', '@x', '+1'],
      ['-2+cmd()', '-.5', '-1.2.3'],
    ]),
  ).toBe(
    `a,"b,c","say ""x"""\r\n1.5,-2,\r\n'=1+1,'-cmd,-3.5\r\n"two\nlines",'@x,'+1\r\n'-2+cmd(),-.5,'-1.2.3`,
  );
});

test('[DB100] a file name has no sign that a file system refuses', () => {
  expect(fileName('SRV/01', 'CPU: "in use"')).toBe('SRV-01-CPU-in-use');
});
