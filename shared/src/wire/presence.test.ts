import { expect, test } from 'vitest';
import { PresenceLists } from './presence.ts';

test('[IG13] connections that declare ever more series do not keep others from sharing their list', () => {
  for (let declared = 0; declared < 200; declared++) new PresenceLists(declared);
  const { all } = new PresenceLists(1_000);
  expect(all).toEqual([...Array(1_000).keys()]);
  expect(new PresenceLists(1_000).all).toBe(all);
});
