/** Who is or was last at the machine: utmp(5) records and the sessions of systemd-logind. */

export interface Login {
  readonly user: string;
  /** Seconds since 1970. */
  readonly atSeconds: number;
}

/** ut_type of a user's session; boot, run level, login prompt and dead sessions are others. */
const USER_PROCESS = 7;

/** glibc's struct utmp: x86 and its kin keep 32-bit times (384 bytes), younger 64-bit machines do not (400 bytes). */
const LAYOUTS = [
  { recordBytes: 384, timeOffset: 340, wideTime: false },
  { recordBytes: 400, timeOffset: 344, wideTime: true },
] as const;

const USER_OFFSET = 44;
const USER_BYTES = 32;
/** Names of records that are no people, whatever their type says. */
const PSEUDO_USERS = new Set([
  '',
  'reboot',
  'shutdown',
  'runlevel',
  'LOGIN',
  '(unknown)',
  'gdm',
  'gdm-greeter',
  'lightdm',
  'sddm',
  'Debian-gdm',
]);

/** Sessions of users in a utmp or wtmp file, little-endian, in file order; empty for a file of another format. */
export function parseLogins(bytes: Uint8Array): Login[] {
  const fitting = LAYOUTS.filter((layout) => bytes.length > 0 && bytes.length % layout.recordBytes === 0);
  for (const layout of fitting) {
    const logins = readLogins(bytes, layout);
    if (logins !== null) return logins;
  }
  return [];
}

/** null when a record has a type that does not exist: then the layout is another. */
function readLogins(bytes: Uint8Array, layout: (typeof LAYOUTS)[number]): Login[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const logins: Login[] = [];
  for (let start = 0; start < bytes.length; start += layout.recordBytes) {
    const type = view.getInt16(start, true);
    if (type < 0 || type > 9) return null;
    const user = readName(bytes.subarray(start + USER_OFFSET, start + USER_OFFSET + USER_BYTES));
    if (type !== USER_PROCESS || PSEUDO_USERS.has(user)) continue;
    const timeAt = start + layout.timeOffset;
    const atSeconds = layout.wideTime ? Number(view.getBigInt64(timeAt, true)) : view.getInt32(timeAt, true);
    logins.push({ user, atSeconds });
  }
  return logins;
}

function readName(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}

/** The youngest; null when there is none. */
export function lastLogin(logins: readonly Login[]): Login | null {
  const last = logins.reduce<Login | null>(
    (best, login) => (best === null || login.atSeconds >= best.atSeconds ? login : best),
    null,
  );
  return last;
}

/** Sessions that systemd-logind shows in /run/systemd/sessions: `KEY=value` lines, one file each. */
export interface LogindSession {
  readonly user: string;
  /** Microseconds since 1970. */
  readonly atMicroseconds: number;
  /** At the machine's own screen. */
  readonly local: boolean;
}

/** null for greeters, background sessions and lines that name nobody. */
export function parseLogindSession(text: string): LogindSession | null {
  const values = new Map(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
  const user = values.get('USER') ?? '';
  if (values.get('CLASS') !== 'user' || PSEUDO_USERS.has(user)) return null;
  return { user, atMicroseconds: Number(values.get('REALTIME') ?? 0) || 0, local: values.has('SEAT') };
}

/** Somebody at the screen counts before somebody on the network, and the younger session before the older. */
export function lastSession(sessions: readonly LogindSession[]): Login | null {
  const sorted = [...sessions].sort(
    (a, b) => Number(b.local) - Number(a.local) || b.atMicroseconds - a.atMicroseconds,
  );
  const first = sorted[0];
  return first ? { user: first.user, atSeconds: Math.trunc(first.atMicroseconds / 1e6) } : null;
}
