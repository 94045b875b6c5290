import { expect, test } from 'vitest';
import { METRIC_NAMES } from '../metrics/catalogue.ts';
import { CATEGORY_RULES, categoryFor, INCIDENT_CATEGORIES } from './categories.ts';

test.each([
  ['silent', 'Server', 'hardware.machine'],
  ['silent', 'NetworkDevice', 'network.device'],
  ['silent', 'Service', 'software.application'],
  ['filesystem.utilisation', 'Server', 'capacity.storage'],
  ['filesystem.errors', 'Server', 'hardware.disk'],
  ['memory.utilisation', 'Workstation', 'capacity.memory'],
  ['pressure.memory.some', 'Server', 'capacity.memory'],
  ['pressure.io.some', 'Server', 'hardware.disk'],
  ['network.utilisation', 'NetworkDevice', 'network.load'],
  ['network.link.up', 'NetworkDevice', 'network.link'],
  ['service.running', 'Server', 'software.service'],
  [null, 'NetworkDevice', 'network.device'],
  [null, 'Server', null],
  [null, null, null],
])('[IC26] %s on %s is %s', (metric, ciClass, category) => {
  expect(categoryFor(metric, ciClass)).toBe(category);
});

test('[IC26] the machine files under categories that there are, whatever the metric', () => {
  const ids = INCIDENT_CATEGORIES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { category } of CATEGORY_RULES) expect(ids).toContain(category);
  for (const metric of METRIC_NAMES) expect([null, ...ids]).toContain(categoryFor(metric, 'Server'));
});
