import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { durationMs, playScenario, Scenario, valuesOf } from './scenario.ts';

const folder = join(import.meta.dirname, 'scenarios');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const scenarios = files.map((name) => Scenario.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));

test('[RU18] there are stories enough to read what the rules do', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(15);
  expect(scenarios.every(({ title }) => /^\[RU\d+\] /.test(title))).toBe(true);
});

test.each(scenarios)('$title', async (scenario) => {
  expect(await playScenario(scenario)).toEqual(scenario.expect);
});

test('[RU18] the language of scenarios', () => {
  expect(valuesOf('95x3 _x2 10..30x3 7')).toEqual([95, 95, 95, null, null, 10, 20, 30, 7]);
  expect(durationMs('1h2m30s')).toBe(3_750_000);
  expect(() => valuesOf('95xx')).toThrow('is a run of values');
  expect(() => durationMs('10')).toThrow('is a duration');
});
