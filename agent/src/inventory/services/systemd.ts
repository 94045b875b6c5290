/** Services as systemctl prints them: JSON from systemd 246 on, columns before. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import * as z from 'zod';
import { cleanText } from '../text.ts';

type Service = SectionData['services']['services'][number];

export const LIST_UNITS = ['list-units', '--type=service', '--all', '--no-pager', '--no-legend'] as const;
/** Timers too: a service that a timer starts is idle by design. */
export const LIST_UNIT_FILES = [
  'list-unit-files',
  '--type=service,timer',
  '--no-pager',
  '--no-legend',
] as const;

export interface Unit {
  readonly name: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly description: string | null;
}

export interface UnitFile {
  readonly name: string;
  /** 'enabled', 'static', 'masked' … */
  readonly state: string;
}

const UnitRow = z.object({
  unit: z.string(),
  load: z.string(),
  active: z.string(),
  sub: z.string(),
  description: z.string().nullish(),
});
const UnitFileRow = z.object({ unit_file: z.string(), state: z.string() });

/** null when the text is no JSON of that shape: systemctl before 246 ignores `--output=json` here. */
export function parseUnitsJson(text: string): Unit[] | null {
  const rows = z.array(UnitRow).safeParse(parseJson(text));
  return rows.success
    ? rows.data.map((row) => ({
        name: row.unit,
        load: row.load,
        active: row.active,
        sub: row.sub,
        description: cleanText(row.description),
      }))
    : null;
}

export function parseUnitFilesJson(text: string): UnitFile[] | null {
  const rows = z.array(UnitFileRow).safeParse(parseJson(text));
  return rows.success ? rows.data.map((row) => ({ name: row.unit_file, state: row.state })) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The mark of a unit's state: U+25CF, *, U+25CB, U+00D7, U+21BB. Escaped, because V8 keeps a source beyond Latin-1 at two bytes a character. */
const STATE_MARK = /^[\s\u25cf*\u25cb\u00d7\u21bb]+/u;

/** Columns: UNIT LOAD ACTIVE SUB DESCRIPTION; a failed unit has a bullet in front. */
export function parseUnitsText(text: string): Unit[] {
  return text.split('\n').flatMap((line) => {
    const [name, load, active, sub, ...description] = line.replace(STATE_MARK, '').split(/\s+/);
    if (name === undefined || load === undefined || active === undefined || sub === undefined) return [];
    return [{ name, load, active, sub, description: cleanText(description.join(' ')) }];
  });
}

/** Columns: UNIT FILE, STATE, and newer ones that do not count. */
export function parseUnitFilesText(text: string): UnitFile[] {
  return text.split('\n').flatMap((line) => {
    const [name, state] = line.trim().split(/\s+/);
    return name === undefined || state === undefined ? [] : [{ name, state }];
  });
}

/** One entry per service that is loaded or installed, sorted by name. */
export function systemdServices(units: readonly Unit[], unitFiles: readonly UnitFile[]): Service[] {
  const fileStates = new Map(unitFiles.map((file) => [file.name, file.state]));
  const services = new Map<string, Service>();
  for (const { name } of unitFiles) {
    if (name.endsWith('.service') && !isTemplate(name) && !isTransient(name)) {
      services.set(name, {
        name: shortName(name),
        description: null,
        state: 'stopped',
        startType: startTypeOf(name, fileStates),
      });
    }
  }
  for (const unit of units) {
    // 'not-found' units are only mentioned by others.
    if (!unit.name.endsWith('.service') || unit.load === 'not-found' || isTransient(unit.name)) continue;
    services.set(unit.name, {
      name: shortName(unit.name),
      description: unit.description,
      state: stateOf(unit, fileStates),
      startType: startTypeOf(unit.name, fileStates),
    });
  }
  return [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shortName(unit: string): string {
  return unit.replace(/\.service$/, '');
}

function isTemplate(name: string): boolean {
  return name.endsWith('@.service');
}

/** Units of one login, one connection or one command: they come and go, and name no service of the machine. */
function isTransient(name: string): boolean {
  return /^(user@|user-runtime-dir@|run-[rpu]?[0-9a-f]+|session-|systemd-coredump@|sshd?@|systemd-fsck@|app-|dbus-:|snap\.[^.]+\.hook\.|systemd-backlight@|lvm2-pvscan@|ifup@|modprobe@|usb_modeswitch@)/.test(
    name,
  );
}

/** Started over D-Bus when somebody asks and gone after some idle time: being there or not says nothing. */
const ON_DEMAND = new Set(
  'systemd-hostnamed systemd-localed systemd-timedated systemd-importd systemd-portabled packagekit fwupd colord geoclue PackageKit realmd iio-sensor-proxy switcheroo-control flatpak-system-helper fprintd dnf-makecache man-db-cache-update'.split(
    ' ',
  ),
);

function stateOf(unit: Unit, fileStates: ReadonlyMap<string, string>): Service['state'] {
  if (unit.active === 'failed') return 'failed';
  // A service that dies at once and is started again, over and over, is never 'failed' by name.
  if (unit.sub === 'auto-restart') return 'failed';
  const name = shortName(unit.name);
  if (fileStates.has(`${name}.timer`)) return 'stopped';
  if (ON_DEMAND.has(name)) return 'unknown';
  if (unit.active === 'active' || unit.active === 'reloading') return 'running';
  return unit.active === 'inactive' || unit.active === 'activating' || unit.active === 'deactivating'
    ? 'stopped'
    : 'unknown';
}

const START_TYPES: Readonly<Record<string, Service['startType']>> = {
  enabled: 'automatic',
  'enabled-runtime': 'automatic',
  linked: 'manual',
  'linked-runtime': 'manual',
  alias: 'manual',
  static: 'manual',
  indirect: 'manual',
  generated: 'automatic',
  transient: 'manual',
  disabled: 'disabled',
  masked: 'disabled',
  'masked-runtime': 'disabled',
};

function startTypeOf(name: string, fileStates: ReadonlyMap<string, string>): Service['startType'] {
  // 'getty@tty1.service' has no file of its own.
  const state = fileStates.get(name) ?? fileStates.get(name.replace(/@[^@]*\.service$/, '@.service'));
  return state === undefined ? 'unknown' : (START_TYPES[state] ?? 'unknown');
}
