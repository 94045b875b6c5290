/** Which product a package is: its name without version, architecture and language, its publisher in one spelling. Pure. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';

export interface Product {
  /** The same for all spellings of one product; never shown. */
  readonly key: string;
  readonly name: string;
  readonly publisher: string | null;
}

/** Sources whose names are identifiers: they carry neither version nor language. */
const PACKAGE_MANAGERS: ReadonlySet<SoftwarePackage['source']> = new Set([
  'dpkg',
  'rpm',
  'apk',
  'pacman',
  'snap',
  'flatpak',
]);

export function productOf(item: Pick<SoftwarePackage, 'name' | 'version' | 'publisher' | 'source'>): Product {
  const publisher = publisherName(item.publisher);
  // A distribution's package is known by its name alone: who packed it is no other product.
  if (PACKAGE_MANAGERS.has(item.source))
    return { key: `package:${item.name.toLowerCase()}`, name: item.name, publisher };
  const name = bareName(item.name, item.version) || item.name.trim();
  return { key: `${(publisher ?? '').toLowerCase()}:${name.toLowerCase()}`, name, publisher };
}

const COMPANY_FORM =
  /[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|l\.l\.c|gmbh|ag|s\.?a|s\.?r\.?l|b\.?v|pty|plc|oy|ab|kg|foundation|technologies|systems)\.?$/i;
const CHINESE_COMPANY_FORM = /(?:股份)?有限(?:责任)?公司$|集团$/;

/** 'Microsoft Corporation' and 'Microsoft Corp.' are one maker; null: not told. */
export function publisherName(publisher: string | null): string | null {
  let name =
    publisher
      ?.replace(/<[^>]*>/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim() ?? '';
  // 'Co., Ltd.' has two of them.
  for (let cut = name; cut !== ''; ) {
    cut = name
      .replace(COMPANY_FORM, '')
      .replace(CHINESE_COMPANY_FORM, '')
      .replace(/[\s,]+$/, '');
    if (cut === name || cut === '') break;
    name = cut;
  }
  return name === '' ? null : name;
}

const ARCHITECTURE =
  /(?:\bx86[_-]64\b|\bx86\b|\bx64\b|\bamd64\b|\barm64\b|\baarch64\b|\bwin(?:32|64)\b|\b(?:32|64)[- ]?bit\b|(?:32|64)\s?位)/gi;
const LANGUAGE = /\b[a-z]{2}(?:-hans|-hant)?-[a-z]{2}\b/gi;
const NUMBER = /(?:^|(?<=[\s_-]))v?\d+(?:\.\d+)+[a-z]?(?=$|[\s),（）])/gi;
const UPDATE = /\bupdate \d+\b/gi;
const EMPTY_BRACKETS = /\(\s*[,;-]*\s*\)|\[\s*\]|（\s*）/g;
const LOOSE_END = /^[\s\-–_,:]+|[\s\-–_,:]+$/g;

function bareName(name: string, version: string): string {
  let bare = name.replaceAll(ARCHITECTURE, ' ').replaceAll(LANGUAGE, ' ').replaceAll(UPDATE, ' ');
  // A year or an edition stays ('Office 2019', 'Java 8'), unless it is just what the version says.
  if (/\d/.test(version)) bare = withoutWord(bare, version);
  bare = bare.replaceAll(NUMBER, ' ');
  for (;;) {
    const next = bare.replaceAll(EMPTY_BRACKETS, ' ').replaceAll(/\s+/g, ' ').replaceAll(LOOSE_END, '');
    if (next === bare) return bare;
    bare = next;
  }
}

function withoutWord(text: string, word: string): string {
  return text
    .split(/(\s+|[()（）])/)
    .filter((piece) => piece !== word && piece !== `v${word}`)
    .join('');
}
