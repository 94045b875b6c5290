import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from './bytes.ts';
import { DeclaredKeys } from './declared-keys.ts';

const key = fc.record({
  metric: fc.constantFrom('cpu.utilisation', 'disk.used', 'a'),
  instance: fc.oneof(fc.constantFrom('', 'sda', 'sdb'), fc.string({ maxLength: 8 })),
});

test('[LK3] a series is declared once for each connection, in whichever message', () => {
  fc.assert(
    fc.property(fc.array(fc.array(key, { maxLength: 6 }), { maxLength: 6 }), (messages) => {
      const keys = new DeclaredKeys();
      const names = new Set<string>();
      for (const message of messages) {
        const told = message.map(({ metric, instance }) => JSON.stringify([metric, instance]));
        const isNew = new Set(told).size === told.length && told.every((name) => !names.has(name));
        if (!isNew) {
          expect(() => keys.add(message)).toThrow(WireError);
          return;
        }
        keys.add(message);
        for (const name of told) names.add(name);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('[LK3] ten thousand names that are much alike are told apart', () => {
  const keys = new DeclaredKeys();
  for (let i = 0; i < 100; i++)
    keys.add(Array.from({ length: 100 }, (_, j) => ({ metric: 'net.rx', instance: `veth${i}.${j}` })));
  for (const instance of ['veth0.0', 'veth57.3', 'veth99.99'])
    expect(() => keys.add([{ metric: 'net.rx', instance }])).toThrow('declared twice');
  keys.add([{ metric: 'net.tx', instance: 'veth57.3' }]);
});

test('[LK3] names that are declared one at a time, or a few among many, are all remembered', () => {
  const keys = new DeclaredKeys();
  const names: string[] = [];
  for (let i = 0; names.length < 1_000; i++) {
    const fresh = Array.from({ length: i % 3 === 0 ? 1 : i % 7 }, (_, j) => `${i}.${j}`);
    keys.add(fresh.map((instance) => ({ metric: 'net.rx', instance })));
    names.push(...fresh);
  }
  for (const instance of names)
    expect(() => keys.add([{ metric: 'net.rx', instance }])).toThrow('declared twice');
});
