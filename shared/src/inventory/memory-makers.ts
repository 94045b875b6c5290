/** Makers of memory by their JEDEC number (JEP106), as the module's SPD holds it. */

/** Continuation bytes before the number → number → maker. Parity bits are taken off. */
const MAKERS: readonly Readonly<Record<number, string>>[] = [
  {
    0x04: 'Fujitsu',
    0x07: 'Hitachi',
    0x10: 'NEC',
    0x18: 'Toshiba',
    0x2c: 'Micron',
    0x2d: 'Hynix',
    0x3a: 'PNY',
    0x41: 'Infineon',
    0x4e: 'Samsung',
    0x51: 'Qimonda',
  },
  { 0x14: 'Smart Modular', 0x18: 'Kingston', 0x4f: 'Transcend', 0x7a: 'Apacer', 0x3a: 'PNY' },
  { 0x1e: 'Corsair', 0x7e: 'Elpida' },
  { 0x0b: 'Nanya', 0x25: 'KingMax', 0x13: 'Avant' },
  { 0x43: 'Ramaxel', 0x4b: 'A-DATA', 0x4d: 'G.Skill', 0x6f: 'Team Group' },
  { 0x02: 'Patriot', 0x1b: 'Crucial' },
  {},
  {},
  { 0x6d: 'Longsys' },
  {},
  { 0x11: 'ChangXin' },
];

/**
 * @param id four hex digits: how many continuation bytes, then the number; both with or without their parity bit
 * @returns null for a number that is not in the table
 */
export function memoryMakerOfId(id: string): string | null {
  const bank = Number.parseInt(id.slice(0, 2), 16) & 0x7f;
  const number = Number.parseInt(id.slice(2, 4), 16) & 0x7f;
  return MAKERS[bank]?.[number] ?? null;
}
