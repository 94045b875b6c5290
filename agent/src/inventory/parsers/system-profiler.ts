/** macOS `system_profiler`: its text as a tree, its property lists as values. */
import { linesOf } from './lines.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface ProfilerNode {
  readonly name: string;
  /** null: a heading, or a field without value. */
  readonly value: string | null;
  readonly children: readonly ProfilerNode[];
}

interface Draft {
  name: string;
  value: string | null;
  children: Draft[];
}

/** Headings and 'Key: value' lines, nested by their indent; equal names stay apart. */
export function parseSystemProfiler(text: string): ProfilerNode[] {
  const root: Draft = { name: '', value: null, children: [] };
  const open: { node: Draft; indent: number }[] = [{ node: root, indent: -1 }];
  for (const line of linesOf(text)) {
    const indent = line.length - line.trimStart().length;
    const colon = line.indexOf(':');
    if (colon <= indent) continue;
    const value = /^ (.*\S)/.exec(line.slice(colon + 1))?.[1] ?? null;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const node: Draft = { name: line.slice(indent, colon), value, children: [] };
    (open.at(-1)?.node ?? root).children.push(node);
    if (value === null) open.push({ node, indent });
  }
  return root.children;
}

/** The first node of a path of names. */
export function profilerNode(
  nodes: readonly ProfilerNode[],
  ...path: readonly string[]
): ProfilerNode | null {
  let found: ProfilerNode | null = null;
  let level = nodes;
  for (const name of path) {
    found = level.find((node) => node.name === name) ?? null;
    if (found === null) return null;
    level = found.children;
  }
  return found;
}

/** The value of a child; the first of the names that has one. */
export function profilerValue(node: ProfilerNode | null, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = node?.children.find((child) => child.name === name)?.value;
    if (value !== undefined && value !== null) return value.trim();
  }
  return null;
}

export type PlistValue = string | number | boolean | readonly PlistValue[] | PlistDict;
export interface PlistDict {
  readonly [key: string]: PlistValue;
}

/** An XML property list (`-xml`); null for what is none. Dates and data stay text. */
export function parsePlist(text: string): PlistValue | null {
  const root = parseXml(text);
  if (root === null) return null;
  const value = root.name === 'plist' ? root.children[0] : root;
  return value === undefined ? null : plistValue(value);
}

function plistValue(element: XmlElement): PlistValue {
  switch (element.name) {
    case 'dict':
      return plistDict(element);
    case 'array':
      return element.children.map(plistValue);
    case 'integer':
    case 'real':
      return numberOf(element.text);
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      return element.text;
  }
}

function numberOf(text: string): PlistValue {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

function plistDict(element: XmlElement): PlistDict {
  const dict = Object.create(null) as Record<string, PlistValue>;
  let key: string | null = null;
  for (const child of element.children) {
    if (child.name === 'key') key = child.text;
    else if (key !== null) {
      dict[key] = plistValue(child);
      key = null;
    }
  }
  return dict;
}

/** Every dictionary that has a name, with the dictionaries above it; in the order of the file. */
export function profilerItems(root: PlistValue | null): PlistDict[] {
  const items: PlistDict[] = [];
  collectItems(root, items);
  return items;
}

function collectItems(value: PlistValue | null, items: PlistDict[]): void {
  if (isPlistArray(value)) for (const entry of value) collectItems(entry, items);
  else if (isPlistDict(value)) {
    if (typeof value['_name'] === 'string') items.push(value);
    collectItems(value['_items'] ?? null, items);
  }
}

export function isPlistDict(value: PlistValue | null | undefined): value is PlistDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlistArray(value: PlistValue | null | undefined): value is readonly PlistValue[] {
  return Array.isArray(value);
}

/** The first of the keys that holds a text, trimmed. */
export function plistText(dict: PlistDict | null | undefined, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = dict?.[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}

export function plistNumber(dict: PlistDict | null | undefined, key: string): number | null {
  const value = dict?.[key];
  return typeof value === 'number' ? value : null;
}

/** The dictionaries of a list. */
export function plistDicts(dict: PlistDict | null | undefined, key: string): PlistDict[] {
  const value = dict?.[key];
  return isPlistArray(value) ? value.filter(isPlistDict) : [];
}
