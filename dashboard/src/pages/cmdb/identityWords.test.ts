import { expect, test } from 'vitest';
import type { Translate } from '../../i18n/catalogue.ts';
import { partKeyText, rejectedText, ruleKey } from './identityWords.ts';

const t: Translate = (key, values) => `${key}${values ? ` ${JSON.stringify(values)}` : ''}`;

test.each([
  ['matched', 'serial+uuid', 'serial number and UUID are equal', 'cmdb.identity.why.serialUuid'],
  ['created', 'new', 'the agent sent samples before any inventory', 'cmdb.identity.why.placeholder'],
  ['created', 'new', 'no configuration item shares a key', 'cmdb.identity.why.created'],
  ['ambiguous', 'serial', '2 configuration items match by serial', 'cmdb.identity.why.several'],
  ['ambiguous', 'mainboard-swap', 'same serial and model', 'cmdb.identity.why.swapDoubt'],
  ['matched', 'a rule of a later version', 'because', null],
] as const)('[DB186] %s by %s is said in words', (decision, rule, reason, key) => {
  expect(ruleKey({ decision, rule, reason })).toBe(key);
});

test('[DB186] why another item was turned down names the keys as people know them', () => {
  expect(rejectedText('differs in serial, uuid', t, 'en')).toBe(
    'cmdb.identity.not.differs {"names":"Serial numberui.listSeparatorUUID"}',
  );
  expect(rejectedText('a reason of a later version', t, 'en')).toBe('a reason of a later version');
});

test.each([
  ['disk serial S4EV', 'cmdb.identity.part.serial {"value":"S4EV"}'],
  ['mac aa:bb eth0', 'cmdb.identity.part.mac {"value":"aa:bb eth0"}'],
  ['operating system', 'cmdb.identity.part.system'],
  ['something new', 'something new'],
])('[DB186] a part’s key %j is said in words', (key, words) => {
  expect(partKeyText(key, t)).toBe(words);
});
