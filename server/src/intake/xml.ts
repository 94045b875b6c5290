/** XML of other agents as a plain tree, within limits; no document type, so no entities but the five of XML. */
import { SaxesParser } from 'saxes';
import { XML_DEPTH_MAX, XML_ELEMENTS_MAX, XML_SILENT_CHARS_MAX, XML_TEXT_CHARS_MAX } from './limits.ts';
import { IntakeRefusal } from './refusal.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  /** Of the element itself, trimmed. */
  text: string;
}

/** The parser is fed in pieces of this many characters, with a pause between them in which others are served. */
const PIECE_CHARS = 128 << 10;

/** @throws IntakeRefusal xml-broken, xml-doctype, xml-too-large */
export async function parseXml(text: string, breathe: () => Promise<void>): Promise<XmlElement> {
  const builder = new TreeBuilder();
  const clean = withoutControls(text);
  for (let from = 0; from < clean.length; from += PIECE_CHARS) {
    builder.write(clean.slice(from, from + PIECE_CHARS));
    await breathe();
  }
  return builder.finish();
}

/** Older agents let such characters through from the names of programs; XML knows none of them. */
function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}

class TreeBuilder {
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  readonly #open: { element: XmlElement; chars: number }[] = [];
  #root: XmlElement | null = null;
  #elements = 0;
  #silentChars = 0;
  #refusal: IntakeRefusal | null = null;

  constructor() {
    const parser = this.#parser;
    parser.on('error', (error) =>
      this.#refuse('xml-broken', `it is not well-formed XML: ${firstLine(error)}`),
    );
    parser.on('doctype', () => this.#refuse('xml-doctype', 'it has a document type declaration'));
    parser.on('opentag', ({ name }) => this.#opened(name));
    parser.on('closetag', () => this.#closed());
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
  }

  write(piece: string): void {
    if (this.#refusal) throw this.#refusal;
    // A declaration can be as long as the body; it is refused where it begins.
    if (this.#root === null && /<!DOCTYPE/i.test(piece))
      throw new IntakeRefusal('xml-doctype', 'it has a document type declaration');
    this.#silentChars += piece.length;
    this.#parser.write(piece);
    if (this.#silentChars > XML_SILENT_CHARS_MAX)
      this.#refuse(
        'xml-too-large',
        `it goes on for more than ${XML_SILENT_CHARS_MAX} characters without an element`,
      );
    if (this.#refusal) throw this.#refusal;
  }

  finish(): XmlElement {
    this.#parser.close();
    if (this.#refusal) throw this.#refusal;
    if (this.#root === null) throw new IntakeRefusal('xml-broken', 'it has no element');
    return this.#root;
  }

  #refuse(code: ConstructorParameters<typeof IntakeRefusal>[0], detail: string): void {
    this.#refusal ??= new IntakeRefusal(code, detail);
  }

  #opened(name: string): void {
    this.#silentChars = 0;
    if (this.#refusal) return;
    if (++this.#elements > XML_ELEMENTS_MAX)
      return this.#refuse('xml-too-large', `it has more than ${XML_ELEMENTS_MAX} elements`);
    if (this.#open.length >= XML_DEPTH_MAX)
      return this.#refuse('xml-too-large', `its elements are nested more than ${XML_DEPTH_MAX} deep`);
    const element: XmlElement = { name, children: [], text: '' };
    this.#open.at(-1)?.element.children.push(element);
    this.#root ??= element;
    this.#open.push({ element, chars: 0 });
  }

  #closed(): void {
    this.#silentChars = 0;
    if (this.#refusal) return;
    const closed = this.#open.pop();
    if (closed) closed.element.text = closed.element.text.trim();
  }

  #text(text: string): void {
    this.#silentChars = 0;
    const top = this.#open.at(-1);
    if (this.#refusal || !top) return;
    top.chars += text.length;
    if (top.chars > XML_TEXT_CHARS_MAX)
      return this.#refuse('xml-too-large', `an element has more than ${XML_TEXT_CHARS_MAX} characters`);
    top.element.text += text;
  }
}

/** The parser's message names position and element, never a value; one line of it is enough. */
function firstLine(error: Error): string {
  return (error.message.split('\n')[0] ?? '').slice(0, 160);
}
