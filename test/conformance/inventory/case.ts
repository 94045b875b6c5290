/** The shapes that conformance suites share: recorded files, adapters, results. */

/** A recorded output. */
export interface RecordedFile {
  /** As the expectation names it, below the set's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Decoded: UTF-16 where a byte order mark says so, else UTF-8 (Latin-1 where that is no UTF-8). */
  readonly text: string;
}

/** The recorded files of one case, in the order in which the expectation lists them. */
export type CaseFiles = readonly RecordedFile[];

/** Runs our parsers and writes the result in the shape of the expectation. `name` is the case's. */
export type Adapter = (files: CaseFiles, name: string) => unknown;

/** Expectation file without `.json` → block → adapter. */
export type Adapters = Readonly<Record<string, Readonly<Record<string, Adapter>>>>;

export interface Failure {
  readonly case: string;
  readonly why: string;
}

export interface AreaResult {
  readonly pass: number;
  readonly total: number;
  readonly failures: readonly Failure[];
}

/** Area → result. A suite's area names start with the suite's name and a space. */
export type Report = Readonly<Record<string, AreaResult>>;

/** Runs one set below the test data folder; null where the set is not there. */
export type Suite = (testdata: string) => Promise<Report | null>;

/** The first recorded file whose path matches; null where the case has none. */
export function fileLike(files: CaseFiles, pattern: RegExp): RecordedFile | null {
  return files.find(({ path }) => pattern.test(path)) ?? null;
}

/** The text of the first file of a case; empty where it has none. */
export function onlyText(files: CaseFiles): string {
  return files[0]?.text ?? '';
}
