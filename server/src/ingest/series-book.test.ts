import { expect, test } from 'vitest';
import { SERIES_PER_MACHINE_MAX, SeriesBook } from './series-book.ts';
import { type NamedSeries, SeriesNames } from './series-names.ts';

const disk = (instance: string) => ({ metric: 'disk.read', instance, kind: 'counter', decimals: 0 }) as const;

test('[IG14] of a machine with too many series the new ones are left out, the others keep their values', () => {
  const known = ['sda', 'sdc'];
  const left: NamedSeries[] = [];
  const book = new SeriesBook(
    ({ instance }, perMachineMax) => {
      expect(perMachineMax).toBe(SERIES_PER_MACHINE_MAX);
      const id = known.indexOf(instance);
      return id < 0 ? null : id;
    },
    new SeriesNames(),
    (series) => left.push(series),
  );
  expect(book.declare([disk('sda'), disk('sdb'), disk('sdc')])).toEqual([]);
  expect(book.stored([0, 1, 2], 'ci_a')).toEqual({ ids: [0, 1], places: [0, 2], spoolPlace: -1 });
  expect(left).toEqual([{ metric: 'disk.read', instance: 'sdb' }].map((one) => expect.objectContaining(one)));
});

test('[IG13] what a connection declared is forgotten with it', () => {
  const names = new SeriesNames();
  const [one, other] = [1, 2].map(
    () =>
      new SeriesBook(
        () => 0,
        names,
        () => {},
      ),
  );
  one?.declare([disk('sda'), disk('sdb')]);
  one?.declare([disk('sdc'), { ...disk('x'), metric: 'not.known' }]);
  other?.declare([disk('sda')]);
  expect(names.size).toBe(3);
  expect(one?.name(2)).toMatchObject({ metric: 'disk.read', instance: 'sdc' });
  expect(one?.name(3)).toBeNull();
  one?.close();
  expect(names.size).toBe(1);
  other?.close();
  other?.close();
  expect(names.size).toBe(0);
});
