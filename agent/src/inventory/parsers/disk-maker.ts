/** Who made a disk, from what its vendor field or its model begins with. */

const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:hp\b|hewlett[- ]?packard)/i, 'Hewlett-Packard'],
  [/maxtor/i, 'Maxtor'],
  [/sony/i, 'Sony'],
  [/compaq/i, 'Compaq'],
  [/toshiba/i, 'Toshiba'],
  [/fujitsu/i, 'Fujitsu'],
  [/samsung/i, 'Samsung'],
  [/transcend/i, 'Transcend'],
  [/matshita/i, 'Matshita'],
  [/hitachi/i, 'Hitachi'],
  [/pioneer/i, 'Pioneer'],
  [/seagate/i, 'Seagate'],
  [/^(?:WDC\b|WD\d|Western ?Digital)/i, 'Western Digital'],
  [/^ST\d/, 'Seagate'],
  [/^(?:HGST|HU[A-Z]|HTS|HDS|HDT|IC\d)/, 'Hitachi'],
  [/^IBM\b/i, 'IBM'],
  [/^LG\b/i, 'LG'],
  [/^NEC\b/i, 'NEC'],
  [/^INTEL\b/i, 'Intel'],
];

/** null where nothing is recognised. */
export function diskMaker(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  return MAKERS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
