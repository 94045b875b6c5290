import { expect, test } from 'vitest';
import {
  ADDRESS_FAILURES_MAX,
  FAILURE_WINDOW_MS,
  GUARD_ENTRIES_MAX,
  LOCK_MS,
  NAME_FAILURES_MAX,
  SignInGuard,
} from './sign-in-guard.ts';

const fail = (
  guard: SignInGuard,
  times: number,
  name: (n: number) => string,
  address: (n: number) => string,
) => {
  for (let n = 0; n < times; n += 1) guard.begin(name(n), address(n), 0);
};

test('[AC10] a name has to wait after too many failures from whatever addresses, and only that name', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    NAME_FAILURES_MAX,
    () => 'anna',
    (n) => `10.0.0.${n}`,
  );
  expect(guard.begin('anna', '10.0.1.1', 5)).toEqual({ lockedUntilMs: 5 + LOCK_MS, lockStarted: true });
  expect(guard.begin('anna', '10.0.1.2', 6)).toEqual({ lockedUntilMs: 5 + LOCK_MS, lockStarted: false });
  expect(guard.begin('bert', '10.0.1.3', 6).lockedUntilMs).toBeNull();
  expect(guard.begin('anna', '10.0.1.4', 5 + LOCK_MS).lockedUntilMs).toBeNull();
});

test('[AC10] an address has to wait after too many failures with whatever names', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    ADDRESS_FAILURES_MAX,
    (n) => `user-${n}`,
    () => '10.0.0.1',
  );
  expect(guard.begin('anna', '10.0.0.1', 1).lockedUntilMs).toBe(1 + LOCK_MS);
  expect(guard.begin('anna', '10.0.0.2', 1).lockedUntilMs).toBeNull();
});

test('[AC10] failures are forgotten after the window and by success', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    NAME_FAILURES_MAX,
    () => 'anna',
    () => 'here',
  );
  expect(guard.begin('anna', 'here', FAILURE_WINDOW_MS).lockedUntilMs).toBeNull();
  const other = new SignInGuard();
  fail(
    other,
    NAME_FAILURES_MAX,
    () => 'anna',
    () => 'here',
  );
  other.succeeded('anna', 'here');
  expect(other.begin('anna', 'here', 1).lockedUntilMs).toBeNull();
});

test('[AC10] a new password lifts the lock of the name', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    NAME_FAILURES_MAX + 1,
    () => 'anna',
    () => 'here',
  );
  guard.forgetName('anna');
  expect(guard.begin('anna', 'here', 1).lockedUntilMs).toBeNull();
});

test('[AC10] signing in again and again does not lock an address out', () => {
  const guard = new SignInGuard();
  for (let n = 0; n < 10 * ADDRESS_FAILURES_MAX; n += 1) {
    expect(guard.begin('anna', 'here', n).lockedUntilMs).toBeNull();
    guard.succeeded('anna', 'here');
  }
});

test('[AC10] what is remembered is bounded', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    NAME_FAILURES_MAX,
    () => 'anna',
    (n) => `a${n}`,
  );
  fail(
    guard,
    GUARD_ENTRIES_MAX,
    (n) => `n${n}`,
    (n) => `b${n}`,
  );
  expect(guard.begin('anna', 'c', 1).lockedUntilMs).toBeNull();
});

test('[AC10] an address that has to wait cannot push the locks of names out of memory', () => {
  const guard = new SignInGuard();
  fail(
    guard,
    NAME_FAILURES_MAX + 1,
    () => 'anna',
    (n) => `10.0.0.${n}`,
  );
  fail(
    guard,
    GUARD_ENTRIES_MAX + ADDRESS_FAILURES_MAX + 1,
    (n) => `n${n}`,
    () => 'here',
  );
  expect(guard.begin('anna', '10.0.1.1', 1).lockedUntilMs).toBe(LOCK_MS);
  expect(guard.begin('anna', 'here', 1).lockedUntilMs).toBe(LOCK_MS);
});

test.each([
  ['2001:db8:1:2::5', '2001:DB8:1:2:aaaa:bbbb:cccc:dddd'],
  ['2001:db8::1', '2001:db8:0:0:9::'],
  ['::1', '0:0:0:0:9::'],
])('[AC10] addresses of one IPv6 subscriber count as one: %s and %s', (one, other) => {
  const guard = new SignInGuard();
  const failed = (address: string) =>
    fail(
      guard,
      ADDRESS_FAILURES_MAX,
      (n) => `${address}-${n}`,
      () => address,
    );
  failed(one);
  expect(guard.begin('anna', '2001:db8:1:3::5', 1).lockedUntilMs).toBeNull();
  expect(guard.begin('anna', other, 1).lockedUntilMs).toBe(1 + LOCK_MS);
});
