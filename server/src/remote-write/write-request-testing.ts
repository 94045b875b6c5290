/** Writes requests of remote write for tests, field by field as the format says, independent of what the server writes. */

export interface TestSeries {
  readonly labels: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  /** [ms, value] */
  readonly samples: readonly (readonly [number, number | 'stale'])[];
}

export interface TestMetadata {
  /** 1: counter, 2: gauge. */
  readonly type: number;
  readonly family: string;
}

export function writeRequest(series: readonly TestSeries[], metadata: readonly TestMetadata[] = []): Buffer {
  return Buffer.concat([
    ...series.map((one) => field(1, seriesBytes(one))),
    ...metadata.map(({ type, family }) =>
      field(3, Buffer.concat([varintField(1, BigInt(type)), field(2, Buffer.from(family))])),
    ),
  ]);
}

function seriesBytes({ labels, samples }: TestSeries): Buffer {
  const pairs = Array.isArray(labels) ? labels : Object.entries(labels);
  return Buffer.concat([
    ...pairs.map(([name, value]: readonly [string, string]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    ),
    ...samples.map(([atMs, value]) => field(2, sampleBytes(atMs, value))),
  ]);
}

/** As the writer of Prometheus does it: what is 0 is left out. */
function sampleBytes(atMs: number, value: number | 'stale'): Buffer {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  if (value === 'stale') double.writeBigUInt64LE(0x7ff0_0000_0000_0002n, 1);
  else double.writeDoubleLE(value, 1);
  return Buffer.concat([value === 0 ? Buffer.alloc(0) : double, varintField(2, BigInt(atMs))]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varintField(number: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt.asUintN(64, value))]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
