/** What a conformance run says: failures against the quirks list, the table, the JSON. */
import type { AreaResult, Failure, Report } from './case.ts';

export type Quirks = Readonly<Record<string, string>>;

export interface Verdict {
  /** Failures that no quirk explains. */
  readonly unlisted: readonly { readonly area: string; readonly failure: Failure }[];
  readonly listed: readonly { readonly area: string; readonly failure: Failure; readonly reason: string }[];
  /** Quirks of areas that ran whose case did not fail: to be taken off the list. */
  readonly stale: readonly string[];
}

/** Splits the failures of a report by the quirks list. */
export function judge(report: Report, quirks: Quirks): Verdict {
  const failed = Object.entries(report).flatMap(([area, { failures }]) =>
    failures.map((failure) => ({ area, failure, reason: quirks[`${area}: ${failure.case}`] })),
  );
  const failing = new Set(failed.map(({ area, failure }) => `${area}: ${failure.case}`));
  return {
    unlisted: failed.filter(({ reason }) => reason === undefined),
    listed: failed.flatMap(({ area, failure, reason }) =>
      reason === undefined ? [] : [{ area, failure, reason }],
    ),
    stale: Object.keys(quirks).filter((key) => {
      const area = key.slice(0, key.indexOf(': '));
      return area in report && !failing.has(key);
    }),
  };
}

/** All areas as one. */
export function total(report: Report): { pass: number; total: number } {
  const results = Object.values(report);
  return {
    pass: results.reduce((sum, { pass }) => sum + pass, 0),
    total: results.reduce((sum, area) => sum + area.total, 0),
  };
}

/** One line per area and one for all of them. */
export function table(report: Report): string {
  const rows = [...Object.entries(report).map(row), row(['total', { ...total(report), failures: [] }])];
  const width = Math.max(...rows.map(([area]) => area.length));
  return rows.map(([area, ...cells]) => [area.padEnd(width), ...cells].join('  ')).join('\n');
}

function row([area, { pass, total }]: [string, AreaResult]): [string, string, string] {
  const percent = total === 0 ? '' : `${((100 * pass) / total).toFixed(1)} %`;
  return [area, `${pass}/${total}`.padStart(9), percent.padStart(7)];
}

/** The report with the reason of each failure that the quirks list explains. */
export function withReasons(report: Report, quirks: Quirks): Report {
  return Object.fromEntries(
    Object.entries(report).map(([area, result]) => [
      area,
      {
        ...result,
        failures: result.failures.map((failure) => {
          const reason = quirks[`${area}: ${failure.case}`];
          return reason === undefined ? failure : { ...failure, why: `${failure.why} (listed: ${reason})` };
        }),
      },
    ]),
  );
}
