/** One spelling per maker, and model names without filler. */
import { isPlaceholder } from './junk.ts';

/** First match wins; a maker's name at the start of what the firmware says, unless the pattern says otherwise. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^dell\b/i, 'Dell'],
  [/^hewlett[- ]packard enterprise\b|^hpe\b/i, 'HPE'],
  [/^hewlett[- ]packard\b|^hp\b/i, 'HP'],
  [/^lenovo\b/i, 'Lenovo'],
  [/^ibm\b|^international business machines/i, 'IBM'],
  [/^apple\b/i, 'Apple'],
  [/^asus(tek)?\b/i, 'ASUS'],
  [/^asrock\b/i, 'ASRock'],
  [/^micro-star\b|^msi\b/i, 'MSI'],
  [/^giga-?byte\b/i, 'Gigabyte'],
  [/^acer\b/i, 'Acer'],
  [/^fujitsu\b/i, 'Fujitsu'],
  [/^super ?micro\b/i, 'Supermicro'],
  [/^(toshiba|dynabook)\b/i, 'Toshiba'],
  [/^samsung\b/i, 'Samsung'],
  [/^sony\b/i, 'Sony'],
  [/^intel\b|^intel\(r\)/i, 'Intel'],
  [/^microsoft\b/i, 'Microsoft'],
  [/^vmware\b/i, 'VMware'],
  [/^(oracle|sun microsystems|innotek)\b/i, 'Oracle'],
  [/^qemu\b/i, 'QEMU'],
  [/^xen\b/i, 'Xen'],
  [/^red ?hat\b/i, 'Red Hat'],
  [/^huawei\b/i, 'Huawei'],
  [/^xfusion\b/i, 'xFusion'],
  [/^inspur\b/i, 'Inspur'],
  [/^(sugon|dawning)\b/i, 'Sugon'],
  [/^(h3c|new h3c)\b/i, 'H3C'],
  [/^zte\b/i, 'ZTE'],
  [/^cisco\b/i, 'Cisco'],
  [/^quanta\b/i, 'Quanta'],
  [/^wiwynn\b/i, 'Wiwynn'],
  [/^wistron\b/i, 'Wistron'],
  [/^tyan\b/i, 'Tyan'],
  [/^biostar\b/i, 'Biostar'],
  [/^(tsinghua )?tongfang\b/i, 'Tongfang'],
  [/^(china )?great ?wall\b/i, 'Great Wall'],
  [/^founder\b/i, 'Founder'],
  [/^hasee\b/i, 'Hasee'],
  [/^(xiaomi|timi)\b/i, 'Xiaomi'],
  [/^honor\b/i, 'Honor'],
  [/^mechrevo\b/i, 'Mechrevo'],
  [/^panasonic\b/i, 'Panasonic'],
  [/^nec\b/i, 'NEC'],
  [/^hitachi\b/i, 'Hitachi'],
  [/^lg electronics\b/i, 'LG'],
  [/^razer\b/i, 'Razer'],
  [/^amazon\b/i, 'Amazon'],
  [/^google\b/i, 'Google'],
  [/^alibaba\b/i, 'Alibaba Cloud'],
  [/^tencent\b/i, 'Tencent Cloud'],
  [/^nutanix\b/i, 'Nutanix'],
  [/^parallels\b/i, 'Parallels'],
  [/^raspberry pi\b/i, 'Raspberry Pi'],
  [/^synology\b/i, 'Synology'],
  [/^qnap\b/i, 'QNAP'],
  [/^shuttle\b/i, 'Shuttle'],
];

/** What a company is, not what it is called. */
const LEGAL_FORMS =
  /[\s,]+(inc|incorporated|corp|corporation|co|company|ltd|limited|llc|gmbh|ag|s\.?a|b\.?v|pty|plc|k\.?k)\.?$/i;

/** The maker in one spelling; null for placeholders such as 'System manufacturer'. */
export function canonicalManufacturer(name: string | null): string | null {
  if (name === null) return null;
  const trimmed = name.trim();
  if (
    isPlaceholder(trimmed) ||
    /^((system|base ?board|board|chassis) )?(manufacturer?|vendor)( name)?$|^0+$/i.test(trimmed)
  )
    return null;
  const known = SPELLINGS.find(([pattern]) => pattern.test(trimmed));
  if (known) return known[1];
  let rest = trimmed;
  while (LEGAL_FORMS.test(rest)) rest = rest.replace(LEGAL_FORMS, '').trim();
  return rest === '' ? null : rest;
}

/** A model with single blanks; null for placeholders such as 'System Product Name'. */
export function canonicalModel(model: string | null): string | null {
  if (model === null) return null;
  const trimmed = model.trim().replace(/\s+/g, ' ');
  if (
    isPlaceholder(trimmed) ||
    /^((system|base ?board) )?(product )?name$|^all series$|^x\.x$|^\d\.\d$|^0+$|^(system )?sku( ?number)?$|^type1(product|sku)|^(system|product) version$|^rev\b/i.test(
      trimmed,
    )
  )
    return null;
  return trimmed;
}
