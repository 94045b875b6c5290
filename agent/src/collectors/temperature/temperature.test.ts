import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { temperature } from './temperature.ts';

const CPU = '/sys/class/hwmon/hwmon0';
const DISK = '/sys/class/hwmon/hwmon1';
const files = {
  [`${CPU}/name`]: 'k10temp\n',
  [`${CPU}/temp1_input`]: '40000\n',
  [`${DISK}/name`]: 'drivetemp\n',
  [`${DISK}/temp1_input`]: '30000\n',
};

test('[CO22] between readings the last one is repeated: 10 s for chips, 5 min for disks', () => {
  const host = createFakeHost({ files });
  const values: (number | undefined)[][] = [];
  let state = null as ReturnType<typeof temperature.collect>['state'] | null;
  const tick = (elapsedMs: number): void => {
    host.advance(elapsedMs);
    const result = temperature.collect(host, state);
    state = result.state;
    values.push(result.samples.map((sample) => sample.value));
  };
  tick(0);
  host.setFile(`${CPU}/temp1_input`, '50000\n');
  host.setFile(`${DISK}/temp1_input`, '35000\n');
  tick(1_000);
  tick(9_000);
  tick(280_000);
  tick(10_000);
  expect(values).toEqual([
    [40, 30],
    [40, 30],
    [50, 30],
    [50, 30],
    [50, 35],
  ]);
});

test('[CO22] a new search after 5 min finds new sensors and does not wake a sleeping disk early', () => {
  const host = createFakeHost({ files });
  const first = temperature.collect(host, null);
  host.advance(299_999);
  const second = temperature.collect(host, first.state);
  host.setFile('/sys/class/hwmon/hwmon2/name', 'nvme\n');
  host.setFile('/sys/class/hwmon/hwmon2/temp1_input', '60000\n');
  expect(temperature.collect(host, second.state).samples).toHaveLength(2);
  host.advance(1);
  expect(temperature.collect(host, second.state).samples).toHaveLength(3);
});

test.each(['', 'n/a\n', '-274000\n', '4294967\u0000\n', '999999\n'])(
  '[CO21] a sensor that says %j has no temperature',
  (text) => {
    const host = createFakeHost({ files: { [`${CPU}/name`]: 'x\n', [`${CPU}/temp1_input`]: text } });
    expect(temperature.collect(host, null).samples).toEqual([]);
  },
);
