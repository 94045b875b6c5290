/** Every combination of keys of two machines, against the rules as they are written. */
import { expect, test } from 'vitest';
import type { MachineFacts } from '../inventory/facts.ts';
import { normalise } from '../inventory/normalise.ts';
import { type Candidate, identify } from './identify.ts';

type Key = 'none' | 'same' | 'other';
/** 'none' on the side of the report alone, or on both. */
type SerialKey = Key | 'neither';
const KEYS: readonly Key[] = ['none', 'same', 'other'];
const SERIALS: readonly SerialKey[] = [...KEYS, 'neither'];
const KNOWN: readonly Key[] = ['same', 'other'];
const PORTS = ['none', 'one', 'two', 'other'] as const;

interface Case {
  readonly isVirtual: boolean;
  readonly serial: SerialKey;
  readonly uuid: Key;
  readonly board: Key;
  readonly ports: (typeof PORTS)[number];
  readonly machineId: Key;
  readonly hostname: Key;
  readonly maker: Key;
}

function* everyCase(): Generator<Case> {
  for (const isVirtual of [false, true])
    for (const serial of SERIALS)
      for (const uuid of KEYS)
        for (const board of KEYS)
          for (const ports of PORTS)
            for (const machineId of KEYS)
              for (const hostname of KEYS)
                for (const maker of KNOWN)
                  yield { isVirtual, serial, uuid, board, ports, machineId, hostname, maker };
}

const valueOf = (key: SerialKey, held: string): string | null =>
  key === 'none' || key === 'neither' ? null : key === 'same' ? held : `${held}-X`;
const MACS = { none: [], one: ['m1', 'm8'], two: ['m1', 'm2'], other: ['m8', 'm9'] } as const;

const HELD: Candidate = {
  ciId: 'ci_a',
  ciName: 'a',
  serial: 'S1',
  uuid: 'U1',
  boardSerial: 'B1',
  machineId: 'I1',
  hostname: 'h1',
  domain: null,
  manufacturer: 'Dell',
  model: 'R650',
  macs: ['m1', 'm2'],
  placeholder: false,
};

const heldOf = ({ serial }: Case): Candidate => (serial === 'neither' ? { ...HELD, serial: null } : HELD);

function factsOf(one: Case): MachineFacts {
  return {
    ...normalise({}),
    isVirtual: one.isVirtual,
    serial: valueOf(one.serial, 'S1'),
    uuid: valueOf(one.uuid, 'U1'),
    boardSerial: valueOf(one.board, 'B1'),
    machineId: valueOf(one.machineId, 'I1'),
    hostname: valueOf(one.hostname, 'h1'),
    manufacturer: one.maker === 'same' ? 'Dell' : 'Lenovo',
    model: 'R650',
    permanentMacs: [...MACS[one.ports]],
  };
}

/** As docs/spec/cmdb.md says it, without the agent's own word; undefined: a CI of its own. */
function written(one: Case): { decision: 'matched' | 'ambiguous'; rule: string } | undefined {
  const { isVirtual, serial, uuid, board, ports, machineId, hostname, maker } = one;
  const isLikeAnother = ports === 'other' && (hostname === 'other' || machineId === 'other');
  const contradicts = serial === 'other' || uuid === 'other';
  const sure = (rule: string) => ({ decision: 'matched' as const, rule });
  const asked = (rule: string) => ({ decision: 'ambiguous' as const, rule });
  if (serial === 'same') {
    if (uuid === 'same' && !(isVirtual && isLikeAnother)) return sure('serial+uuid');
    if (uuid === 'same') return asked(maker === 'same' ? 'vm-uuid' : 'serial');
    if (uuid === 'other' && maker === 'same') {
      const agrees = board === 'same' || ports === 'one' || ports === 'two' || machineId === 'same';
      return !isVirtual && agrees ? sure('mainboard-swap') : asked('mainboard-swap');
    }
    if (uuid === 'none' && maker === 'same')
      return isVirtual && isLikeAnother ? asked('serial') : sure('serial');
  }
  if (uuid === 'same' && serial !== 'other' && serial !== 'same' && !isLikeAnother)
    return sure(isVirtual ? 'vm-uuid' : 'uuid');
  const isOneBoard = !isVirtual && serial === 'neither' && board === 'same' && maker === 'same';
  if (!contradicts) {
    const isNamed = machineId === 'same' && hostname === 'same';
    if (isOneBoard && !isLikeAnother) return sure('board-serial');
    if (ports === 'two' || (ports === 'one' && isNamed)) return sure('macs');
    if (isNamed && ports !== 'other') return sure('machine-id+hostname');
    if (serial === 'same' && maker === 'other') return asked('serial');
    if (uuid === 'same' && isLikeAnother) return asked(isVirtual ? 'vm-uuid' : 'uuid');
    if (isOneBoard) return asked('board-serial');
    if (isNamed) return asked('machine-id+hostname');
  }
  return undefined;
}

test('[ID2] [ID9] [ID19] every combination of keys of two machines is decided as the rules are written', () => {
  let count = 0;
  for (const one of everyCase()) {
    count++;
    const { decision, rule, ciId } = identify(factsOf(one), null, [heldOf(one)]);
    const expected = written(one);
    expect([one, decision, rule]).toEqual([one, expected?.decision ?? 'created', expected?.rule ?? 'new']);
    expect(ciId).toBe(expected?.decision === 'matched' ? 'ci_a' : null);
  }
  expect(count).toBe(2 * 4 * 3 ** 4 * 4 * 2);
});

test('[ID9] two machines that differ in the serial number, or in ports and name or installation, are never taken for one', () => {
  for (const one of everyCase()) {
    const isPlainly = one.serial === 'other' || (one.ports === 'other' && one.hostname === 'other');
    // What makes a physical machine the same whatever is plugged into it and however it is named.
    const isProven = !one.isVirtual && one.serial === 'same';
    if (!isPlainly || isProven) continue;
    const { decision } = identify(factsOf(one), null, [heldOf(one)]);
    expect([one, decision]).not.toEqual([one, 'matched']);
  }
});

test('[ID9] of two machines that are held and both fit, none is taken', () => {
  for (const one of everyCase()) {
    if (written(one)?.decision !== 'matched') continue;
    const { decision, ciId } = identify(factsOf(one), null, [
      heldOf(one),
      { ...heldOf(one), ciId: 'ci_b', ciName: 'b' },
    ]);
    expect([one, decision, ciId]).toEqual([one, 'ambiguous', null]);
  }
});
