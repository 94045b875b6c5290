import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import type { Translate } from '../i18n/catalogue.ts';
import { en, zh } from '../i18n/testing.ts';
import { headline } from './headline.ts';

const i18n = i18next.createInstance();
beforeAll(() =>
  i18n.init({
    fallbackLng: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, zh: { translation: zh } },
  }),
);
const speech = (language: string): Translate => {
  const t = i18n.getFixedT(language);
  return (key, values) => t(key, { ...values });
};

test.each([
  [0, 0, 0, 'Nothing needs you', '没有需要处理的事件'],
  [0, 0, 1, 'One machine waits to be let in', '1 台计算机等待批准'],
  [0, 0, 3, 'Three machines wait to be let in', '3 台计算机等待批准'],
  [1, 0, 0, 'One incident is in hand', '1 个事件处理中'],
  [3, 0, 2, 'Three incidents are in hand', '3 个事件处理中'],
  [1, 1, 0, 'One incident has nobody', '1 个事件无人认领'],
  [12, 12, 0, '12 incidents have nobody', '12 个事件无人认领'],
  [2, 1, 0, 'One incident has nobody, one is in hand', '1 个事件无人认领，1 个处理中'],
  [4, 1, 0, 'One incident has nobody, three are in hand', '1 个事件无人认领，3 个处理中'],
  [14, 2, 0, 'Two incidents have nobody, 12 are in hand', '2 个事件无人认领，12 个处理中'],
])(
  '[DB50] %i open, %i with nobody, %i waiting: one sentence',
  (open, unclaimed, waiting, english, chinese) => {
    const situation = { openIncidents: open, unclaimedIncidents: unclaimed, waitingAgents: waiting };
    expect(headline(situation, speech('en'))).toBe(english);
    expect(headline(situation, speech('zh'))).toBe(chinese);
  },
);

test('[RW52] while the server has troubles of its own it is not said that nothing needs anybody', () => {
  const calm = { openIncidents: 0, unclaimedIncidents: 0, waitingAgents: 0, serverInTrouble: true };
  expect(headline(calm, speech('en'))).toBe('The server itself needs you');
  expect(headline(calm, speech('zh'))).toBe('服务器本身需要处理');
  expect(headline({ ...calm, openIncidents: 1 }, speech('en'))).toBe('One incident is in hand');
});
