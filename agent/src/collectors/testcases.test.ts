/**
 * Runs every `<collector>/testcases/<case>/`: the tree in `1/`, then (where there is one) the tree in `2/`
 * `elapsedMs` later, against `expected.json`. `case.json` gives the interval and what is not in files.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { METRIC_NAMES, type Sample } from '@muster/shared/metrics/catalogue.ts';
import { COLLECTOR_PURPOSES, collectorOf } from '@muster/shared/privacy/collectors.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createFakeHost } from '../host-fake.ts';
import { COLLECTORS, type Collection, collectAll } from './index.ts';

const HERE = import.meta.dirname;
const Figures = z.object({
  totalBytes: z.number(),
  freeBytes: z.number(),
  availableBytes: z.number(),
  inodesTotal: z.number(),
  inodesFree: z.number(),
});
const Case = z.strictObject({
  elapsedMs: z.number().default(10_000),
  fileSystems: z.record(z.string(), Figures).default({}),
  links: z.record(z.string(), z.string()).default({}),
  self: z.object({ cpuSeconds: z.number(), residentBytes: z.number() }).optional(),
});
/** Step to `metric` or `metric|instance` to value. */
const Expected = z.record(z.enum(['1', '2']), z.record(z.string(), z.number()).optional());

const CASES = COLLECTORS.flatMap(({ name }) =>
  namesIn(`${HERE}/${name}/testcases`).map((one) => [name, one] as const),
);

/** Series the connection adds, because only it knows the spool. */
const NOT_COLLECTED = ['agent.spool.used', 'agent.spool.dropped'];

/** The server's own, about itself. */
const BY_SERVER = ['certificate.remaining'];

test.each(CASES)('[CO1] %s gives exactly the expected samples of %s', (collector, one) => {
  const folder = `${HERE}/${collector}/testcases/${one}`;
  const expected = Expected.parse(readJson(`${folder}/expected.json`));
  const steps = runCase(collector, folder);
  expect(steps.flatMap((step) => step.errors)).toEqual([]);
  expect(steps.map((step) => keyed(step.samples))).toEqual(
    [expected['1'] ?? {}, expected['2'] ?? {}].slice(0, steps.length),
  );
});

test('[CO2] every metric of the catalogue is collected, and nothing else', () => {
  const collected = CASES.flatMap(([collector, one]) =>
    runCase(collector, `${HERE}/${collector}/testcases/${one}`),
  ).flatMap((step) => step.samples.map((sample) => sample.metric));
  const probed = METRIC_NAMES.filter((name) => collectorOf(name) === 'checks');
  const known = [...collected, ...NOT_COLLECTED, ...BY_SERVER, ...probed];
  expect([...new Set<string>(known)].sort()).toEqual([...METRIC_NAMES].sort());
});

test('[CO1] every collector has at least one recorded case', () => {
  expect(
    COLLECTORS.map(({ name }) => name).filter((name) => !CASES.some(([collector]) => collector === name)),
  ).toEqual([]);
});

function runCase(collector: string, folder: string): Collection[] {
  const { elapsedMs, ...rest } = Case.parse(
    existsSync(`${folder}/case.json`) ? readJson(`${folder}/case.json`) : {},
  );
  const { self, ...given } = rest;
  const host = createFakeHost({ tree: `${folder}/1`, ...given, ...(self === undefined ? {} : { self }) });
  const only = COLLECTORS.filter(({ name }) => name === collector);
  const states = new Map<string, unknown>();
  const steps = [collectAll(host, states, [], 'all', only)];
  if (!existsSync(`${folder}/2`)) return steps;
  host.setTree(`${folder}/2`);
  host.advance(elapsedMs);
  steps.push(collectAll(host, states, [], 'all', only));
  return steps;
}

function keyed(samples: readonly Sample[]): Record<string, number> {
  return Object.fromEntries(
    samples.map((one) => [one.instance === '' ? one.metric : `${one.metric}|${one.instance}`, one.value]),
  );
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

test('[CF30] the list of what is collected has a switch for each collector, and each series is behind that of its own', () => {
  // Checks give their series from elsewhere (agent/src/checks).
  expect(Object.keys(COLLECTOR_PURPOSES).filter((name) => name !== 'checks')).toEqual(
    COLLECTORS.map(({ name }) => name),
  );
  for (const [collector, one] of CASES) {
    const steps = Expected.parse(
      JSON.parse(readFileSync(`${HERE}/${collector}/testcases/${one}/expected.json`, 'utf8')),
    );
    for (const series of Object.values(steps).flatMap((step) => Object.keys(step ?? {})))
      expect([series, collectorOf(series.split('|')[0] ?? '')]).toEqual([series, collector]);
  }
});
