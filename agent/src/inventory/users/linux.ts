/** Accounts of a Linux machine and who is or was last at it. */
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { localGroups, localUsers } from './accounts.ts';
import { lastLogin, lastSession, parseLogindSession, parseLogins } from './login-records.ts';
import type { Login } from './login-records.ts';

/** What the section's schema holds. */
const USERS_MAX = 10_000;
/** The youngest part of wtmp, a whole number of records of either layout (384 and 400 bytes): some 5,000 logins. */
const LOGIN_RECORDS_BYTES_MAX = 9_600 * 200;

export function collectLinuxUsers(host: Host): CollectedSection<'users'> {
  const passwd = host.readText('/etc/passwd');
  const group = host.readText('/etc/group') ?? '';
  const users = localUsers(passwd ?? '', group, host.readText('/etc/login.defs') ?? '');
  const last = readLastLogin(host);
  const notes = [
    ...(passwd === null ? ['/etc/passwd could not be read'] : []),
    ...(users.length > USERS_MAX ? [`${users.length} accounts: only ${USERS_MAX} are reported`] : []),
  ];
  return {
    data: {
      users: users.slice(0, USERS_MAX),
      groups: localGroups(group).slice(0, USERS_MAX),
      lastUser: last?.user ?? null,
      lastUserAtMs: last && last.atSeconds > 0 ? last.atSeconds * SECOND_MS : null,
    },
    complete: notes.length === 0,
    notes,
  };
}

function readLastLogin(host: Host): Login | null {
  return (
    lastSession(readSessions(host)) ??
    lastLogin(readLogins(host, '/run/utmp')) ??
    lastLogin(readLogins(host, '/var/log/wtmp')) ??
    lastLogin(readLogins(host, '/var/log/wtmp.1'))
  );
}

function readSessions(host: Host) {
  const folder = '/run/systemd/sessions';
  return (
    host
      .list(folder)
      // '<id>.ref' is a pipe that keeps the session open.
      .filter((name) => !name.includes('.'))
      .flatMap((name) => parseLogindSession(host.readText(`${folder}/${name}`) ?? '') ?? [])
  );
}

function readLogins(host: Host, path: string) {
  return parseLogins(host.readBytes(path, LOGIN_RECORDS_BYTES_MAX) ?? new Uint8Array());
}
