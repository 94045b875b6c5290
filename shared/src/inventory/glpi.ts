/** How GLPI's inventory format writes what we hold as numbers: mebibytes and megahertz as text, days, makers' names. */

/** Whole mebibytes, rounded down. */
export function glpiMebibytes(bytes: number | null): string | null {
  return bytes === null ? null : String(Math.floor(bytes / 1024 ** 2));
}

/** Whole megahertz. */
export function glpiMegahertz(hz: number | null): string | null {
  return hz === null ? null : String(Math.round(hz / 1e6));
}

/** dd/mm/yyyy of the day in UTC. */
export function glpiDay(atMs: number | null): string | null {
  if (atMs === null) return null;
  const [year, month, day] = new Date(atMs).toISOString().slice(0, 10).split('-');
  return `${day}/${month}/${year}`;
}

/** yyyy-mm-dd hh:mm:ss in UTC. */
export function glpiTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** A processor's name without the marks. */
export function glpiProcessorName(name: string | null): string | null {
  return (
    name
      ?.replace(/\((R|TM)\)/gi, '')
      .replace(/\s+/g, ' ')
      .trim() ?? null
  );
}

const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/^dell\b/i, 'Dell'],
  [/^(hp|hewlett[- ]packard)\b/i, 'Hewlett-Packard'],
  [/^super ?micro\b/i, 'Supermicro'],
  [/^(wdc|western digital)\b/i, 'Western Digital'],
  [/^(sk ?)?hynix\b/i, 'Hynix'],
  [/^samsung\b/i, 'Samsung'],
  [/^toshiba\b/i, 'Toshiba'],
  [/^hitachi\b/i, 'Hitachi'],
  [/^seagate\b/i, 'Seagate'],
  [/^kingston\b/i, 'Kingston'],
  [/^crucial\b/i, 'Crucial'],
  [/^micron\b/i, 'Micron'],
  [/^corsair\b/i, 'Corsair'],
  [/^sony\b/i, 'Sony'],
  [/^ibm\b/i, 'IBM'],
];

/** The spelling that GLPI groups devices by; any other name as it is. */
export function glpiMaker(name: string | null): string | null {
  if (name === null) return null;
  return MAKERS.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}
