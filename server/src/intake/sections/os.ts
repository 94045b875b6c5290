/** operatingsystem, hardware → our section `os`. */
import type { Millis } from '@muster/shared/time.ts';
import { dateMs, firstText, text } from '../values.ts';
import { type Context, one } from './context.ts';

export const OS_SOURCES = ['operatingsystem', 'hardware'] as const;

export function osPatch(context: Context): object {
  const { content, family, offsetMs } = context;
  const os = one(content, 'operatingsystem');
  const hardware = one(content, 'hardware');
  const isWindows = family === 'windows';
  const build = isWindows ? (text(os, 'kernel_version') ?? text(hardware, 'osversion')) : buildLine(context);
  return {
    family,
    ...nameOf(context),
    build,
    architecture: architecture(context),
    kernel: text(os, 'kernel_version'),
    ...hostOf(context),
    bootedAtMs: dateMs(text(os, 'boot_time'), offsetMs) ?? bootedByUptime(context),
    installedAtMs:
      dateMs(text(os, 'install_date'), offsetMs) ?? dateMs(text(hardware, 'installdate'), offsetMs),
    timeZone: zone(context),
  };
}

/** Without a section of its own (OCS) the system is told with the hardware, the version repeated in its name. */
function nameOf({ content, family }: Context): { name: string | null; version: string | null } {
  const os = one(content, 'operatingsystem');
  if (os) {
    const version = text(os, 'version') ?? (family === 'windows' ? text(os, 'kernel_version') : null);
    return {
      name: (family === 'windows' ? text(os, 'full_name') : null) ?? firstText(os, 'name', 'full_name'),
      version,
    };
  }
  const hardware = one(content, 'hardware');
  const name = text(hardware, 'osname');
  const version = text(hardware, 'osversion');
  if (name === null || version === null || /^\d+\.\d+\.\d+-/.test(version)) return { name, version: null };
  return { name: name.endsWith(` ${version}`) ? name.slice(0, -version.length - 1) : name, version };
}

/** '#1 SMP …': the line that names the patch level of a Linux kernel. */
function buildLine({ content }: Context): string | null {
  const comments = text(one(content, 'hardware'), 'oscomments');
  return comments?.startsWith('#') ? comments : null;
}

/** The architecture of the system. That of the CPU is not asked: agents write `i386` for every Intel CPU. */
function architecture({ content }: Context): string | null {
  const hardware = one(content, 'hardware');
  const [ofOcs] = /^[\w-]+(?=\/)/.exec(text(hardware, 'description') ?? '') ?? [];
  const told = text(one(content, 'operatingsystem'), 'arch') ?? ofOcs ?? text(hardware, 'arch');
  if (told === null) return null;
  const isArm = /\barm|aarch|snapdragon|apple m\d/i.test(`${told} ${text(content.cpus?.[0], 'name') ?? ''}`);
  if (/^(x86_64|x64|amd64)\b/i.test(told)) return 'x86_64';
  if (told.startsWith('64')) return isArm ? 'aarch64' : 'x86_64';
  if (/^32|^(i\d86|x86)$/i.test(told)) return isArm ? 'arm' : 'i686';
  return /^arm64/i.test(told) ? 'aarch64' : told;
}

function hostOf({ content }: Context): { hostname: string | null; domain: string | null } {
  const os = one(content, 'operatingsystem');
  const hardware = one(content, 'hardware');
  const full = text(os, 'fqdn', 255);
  const name = text(hardware, 'name', 255) ?? full;
  const [first = '', ...rest] = (name ?? '').split('.');
  const behind = (full ?? '').split('.').slice(1).join('.');
  // A workgroup is no domain; it has no dot.
  const group = text(hardware, 'workgroup');
  const domain = text(os, 'dns_domain') ?? (rest.join('.') || behind || (group?.includes('.') ? group : ''));
  return { hostname: first || null, domain: domain || null };
}

/**
 * OCS tells no boot time but, behind the architecture, how long the machine has been up: years, months, days and time of a
 * clock that began at zero, as in `x86_64/00-00-02 06:28:37`.
 */
function bootedByUptime({ content, nowMs }: Context): Millis | null {
  const [, ...parts] =
    /^[\w-]+\/(\d\d)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(
      text(one(content, 'hardware'), 'description') ?? '',
    ) ?? [];
  if (parts.length === 0) return null;
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(Number);
  return nowMs - Date.UTC(1970 + years, months, 1 + days, hours, minutes, seconds);
}

/** Only names of the time zone database mean something elsewhere: 'CEST' and 'Romance Standard Time' do not. */
function zone({ content }: Context): string | null {
  const [told] = [one(content, 'operatingsystem')?.timezone].flat();
  const name = typeof told === 'object' && told !== null && 'name' in told ? told.name : null;
  if (name === 'UTC') return 'Etc/UTC';
  if (typeof name !== 'string' || !/^[A-Za-z_]+\/[A-Za-z_/+-]+\d*$/.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    // Not in the database.
    return null;
  }
}
