import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { localUsers } from './accounts.ts';
import { lastLogin, lastSession, parseLogindSession, parseLogins } from './login-records.ts';
import { users } from './users.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ada:x:1000:1000:Ada Lovelace,Room 7,+44 20 7946,:/home/ada:/bin/bash
bob:x:1001:27:bob@example.org:/home/bob:/bin/zsh
eve:x:1002:1002::/home/eve:
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
+::::::
broken line
`;
const GROUP = 'root:x:0:\nsudo:x:27:ada\nusers:x:100:eve\n';

test('[IN7] [IN34] accounts with their full name, without room, telephone and mail address', () => {
  const list = localUsers(PASSWD, GROUP, '');
  expect(
    list.map(({ name, fullName, administrator, system }) => [name, fullName, administrator, system]),
  ).toEqual([
    ['root', 'root', true, true],
    ['daemon', 'daemon', false, true],
    ['ada', 'Ada Lovelace', true, false],
    ['bob', null, true, false],
    ['eve', null, false, false],
    ['nobody', 'nobody', false, true],
  ]);
  expect(JSON.stringify(list)).not.toMatch(/@|7946|Room|home/);
});

test('where people begin is what login.defs says', () => {
  const list = localUsers('old:x:500:500::/home/old:/bin/sh\n', '', '# UID_MIN 9\nUID_MIN  500\n');
  expect(list[0]?.system).toBe(false);
});

interface Entry {
  readonly type: number;
  readonly user: string;
  readonly atSeconds: number;
}

function utmp(entries: readonly Entry[], wide = false): Uint8Array {
  const recordBytes = wide ? 400 : 384;
  const bytes = new Uint8Array(recordBytes * entries.length);
  const view = new DataView(bytes.buffer);
  entries.forEach(({ type, user, atSeconds }, index) => {
    const start = index * recordBytes;
    view.setInt16(start, type, true);
    bytes.set(Buffer.from(user), start + 44);
    if (wide) view.setBigInt64(start + 344, BigInt(atSeconds), true);
    else view.setInt32(start + 340, atSeconds, true);
  });
  return bytes;
}

const RECORDS: readonly Entry[] = [
  { type: 2, user: 'reboot', atSeconds: 1_700_000_000 },
  { type: 1, user: 'runlevel', atSeconds: 1_700_000_010 },
  { type: 6, user: 'LOGIN', atSeconds: 1_700_000_020 },
  { type: 7, user: 'ada', atSeconds: 1_700_000_100 },
  { type: 7, user: 'bob', atSeconds: 1_700_000_200 },
  { type: 7, user: 'gdm', atSeconds: 1_700_000_300 },
  { type: 8, user: '', atSeconds: 1_700_000_400 },
];

test.each([
  ['32-bit times', false],
  ['64-bit times', true],
])(
  '[IN35] login records with %s name the last person, never boot, run level, prompt or greeter',
  (_, wide) => {
    const logins = parseLogins(utmp(RECORDS, wide));
    expect(logins).toEqual([
      { user: 'ada', atSeconds: 1_700_000_100 },
      { user: 'bob', atSeconds: 1_700_000_200 },
    ]);
    expect(lastLogin(logins)?.user).toBe('bob');
  },
);

test('[IN35] a size that both layouts divide is read by the one that fits', () => {
  // 25 records of 384 bytes are as long as 24 of 400.
  const records = Array.from({ length: 25 }, (_, index) => ({
    type: 7,
    user: `user${index}`,
    atSeconds: 1_700_000_000 + index,
  }));
  expect(parseLogins(utmp(records))).toHaveLength(25);
  const wideRecords = records.slice(0, 24);
  expect(parseLogins(utmp(wideRecords, true)).map(({ user }) => user)).toEqual(
    wideRecords.map(({ user }) => user),
  );
});

test('[IN35] nobody is nobody', () => {
  expect(lastLogin([])).toBeNull();
  expect(lastLogin(parseLogins(utmp(RECORDS.slice(0, 3))))).toBeNull();
  expect(lastSession([])).toBeNull();
});

test('no bytes make the reader of login records throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_600 }), (bytes) => {
      parseLogins(bytes);
    }),
  );
});

const SESSION = (user: string, realtime: number, more = '') =>
  `# This is private data.\nUID=1000\nUSER=${user}\nACTIVE=1\nCLASS=user\nREALTIME=${realtime}\n${more}`;

test('[IN35] somebody at the screen counts before somebody on the network', () => {
  const sessions = [
    SESSION('ada', 100, 'SEAT=seat0\n'),
    SESSION('bob', 300),
    SESSION('eve', 200, 'SEAT=seat0\n'),
  ].flatMap((text) => parseLogindSession(text) ?? []);
  expect(lastSession(sessions)?.user).toBe('eve');
  expect(lastSession(sessions.filter(({ local }) => !local))?.user).toBe('bob');
});

test('[IN35] greeters and managers are no sessions of a person', () => {
  expect(parseLogindSession(SESSION('gdm', 1).replace('CLASS=user', 'CLASS=greeter'))).toBeNull();
  expect(parseLogindSession(SESSION('ada', 1).replace('CLASS=user', 'CLASS=manager'))).toBeNull();
  expect(parseLogindSession('')).toBeNull();
});

test('[IN35] sessions win over utmp, utmp over wtmp', async () => {
  const files = {
    '/etc/passwd': PASSWD,
    '/var/log/wtmp': utmp([{ type: 7, user: 'old', atSeconds: 1 }]),
    '/run/utmp': utmp([{ type: 7, user: 'now', atSeconds: 2 }]),
    '/run/systemd/sessions/c1': SESSION('ada', 1),
    '/run/systemd/sessions/c1.ref': '',
  };
  const lastUser = async (without: readonly string[]) => {
    const host = createFakeHost({
      files: Object.fromEntries(Object.entries(files).filter(([path]) => !without.includes(path))),
    });
    return (await users.collect(host)).data.lastUser;
  };
  expect(await lastUser([])).toBe('ada');
  expect(await lastUser(['/run/systemd/sessions/c1'])).toBe('now');
  expect(await lastUser(['/run/systemd/sessions/c1', '/run/utmp'])).toBe('old');
});

test('[IN5] without passwd the section is incomplete', async () => {
  expect(await users.collect(createFakeHost())).toMatchObject({
    complete: false,
    notes: ['/etc/passwd could not be read'],
  });
});
