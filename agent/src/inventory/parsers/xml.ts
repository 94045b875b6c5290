/** A small reader of XML that programs write: elements, attributes, text. No DTD, no entities but the five and numbers. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, pieces joined. */
  readonly text: string;
}

interface Draft {
  name: string;
  attributes: Record<string, string>;
  children: Draft[];
  text: string;
}

/** Deeper nesting ends the reading: no tool that we ask nests so deep. */
const MAX_DEPTH = 200;

/** The root element; what is not well-formed is read as far as it goes. null when there is no element. */
export function parseXml(text: string): XmlElement | null {
  const root: Draft = { name: '', attributes: {}, children: [], text: '' };
  const open: Draft[] = [root];
  let at = 0;
  while (at < text.length && open.length <= MAX_DEPTH) {
    const start = text.indexOf('<', at);
    const inner = open.at(-1) ?? root;
    inner.text += unescapeXml(text.slice(at, start === -1 ? undefined : start));
    if (start === -1) break;
    const skip = SKIPPED.find(({ start: mark }) => text.startsWith(mark, start));
    if (skip !== undefined) {
      const end = text.indexOf(skip.end, start + skip.start.length);
      if (skip.start === '<![CDATA[')
        inner.text += text.slice(start + skip.start.length, end === -1 ? undefined : end);
      if (end === -1) break;
      at = end + skip.end.length;
      continue;
    }
    const end = text.indexOf('>', start);
    if (end === -1) break;
    readTag(text.slice(start + 1, end), open);
    at = end + 1;
  }
  return root.children[0] ?? null;
}

const SKIPPED = [
  { start: '<!--', end: '-->' },
  { start: '<![CDATA[', end: ']]>' },
  { start: '<?', end: '?>' },
  { start: '<!', end: '>' },
] as const;

function readTag(tag: string, open: Draft[]): void {
  if (tag.startsWith('/')) {
    const name = tag.slice(1).trim();
    const depth = open.findLastIndex((element) => element.name === name);
    if (depth > 0) open.length = depth;
    return;
  }
  const name = /^[^\s/>]+/.exec(tag)?.[0];
  if (name === undefined) return;
  const element: Draft = { name, attributes: attributesOf(tag.slice(name.length)), children: [], text: '' };
  open.at(-1)?.children.push(element);
  if (!tag.endsWith('/')) open.push(element);
}

function attributesOf(text: string): Record<string, string> {
  const attributes = Object.create(null) as Record<string, string>;
  for (const match of text.matchAll(/([^\s=/"'<>]{1,256})\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    if (match[1] !== undefined) attributes[match[1]] = unescapeXml(match[2] ?? match[3] ?? '');
  return attributes;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five named entities and character numbers; others stay as they are. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return NAMED[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}

/** The first child of that name. */
export function childOf(element: XmlElement | null, name: string): XmlElement | null {
  return element?.children.find((child) => child.name === name) ?? null;
}

export function childrenOf(element: XmlElement | null, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

export function textOf(element: XmlElement | null): string | null {
  return element?.text ?? null;
}
