/**
 * Prefix codes (Huffman) over small alphabets, as columns of numbers are written with: lengths from counts, canonical
 * codes from lengths, and the table that reads them. Codes are reversed, for bits are written and read least significant first.
 */
import { WireError } from '@muster/shared/wire/bytes.ts';

/** Longest code in bits: short enough that a code and what follows it are read in one piece. */
export const CODE_BITS_MAX = 11;
export const ALPHABET_MAX = 256;

const COMPLETE = 1 << CODE_BITS_MAX;

/** Scratch: used symbols, rarest first; nodes of the tree. */
const order = new Uint16Array(ALPHABET_MAX);
const weights = new Float64Array(ALPHABET_MAX * 2);
const parents = new Uint16Array(ALPHABET_MAX * 2);

/**
 * Fills `lengths` with the bits of each symbol's code, 0 where its count is; a single symbol gets 1. Returns how many are
 * used. Where codes would get too long, `counts` are halved until they do not: equal counts at last make short codes.
 */
export function codeLengths(counts: Uint32Array, symbols: number, lengths: Uint8Array): number {
  const used = sortByCount(counts, symbols);
  lengths.fill(0, 0, symbols);
  if (used === 1) lengths[order[0] as number] = 1;
  if (used <= 1) return used;
  while (buildTree(counts, used, lengths) > CODE_BITS_MAX) {
    for (let i = 0; i < used; i++) {
      const symbol = order[i] as number;
      counts[symbol] = ((counts[symbol] as number) + 1) >> 1;
    }
  }
  return used;
}

/** Insertion sort: there are some dozens at most. */
function sortByCount(counts: Uint32Array, symbols: number): number {
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const count = counts[symbol] as number;
    if (count === 0) continue;
    let at = used;
    while (at > 0 && (counts[order[at - 1] as number] as number) > count) {
      order[at] = order[at - 1] as number;
      at -= 1;
    }
    order[at] = symbol;
    used += 1;
  }
  return used;
}

/**
 * Leaves are nodes 0 to used − 1 by ascending count; joined nodes follow, by ascending weight too. Fills the lengths and
 * returns the longest.
 */
function buildTree(counts: Uint32Array, used: number, lengths: Uint8Array): number {
  for (let i = 0; i < used; i++) weights[i] = counts[order[i] as number] as number;
  const root = 2 * used - 2;
  let leaf = 0;
  let joined = used;
  for (let node = used; node <= root; node++) {
    let weight = 0;
    for (let child = 0; child < 2; child++) {
      const isLeaf =
        leaf < used && (joined === node || (weights[leaf] as number) <= (weights[joined] as number));
      const taken = isLeaf ? leaf++ : joined++;
      weight += weights[taken] as number;
      parents[taken] = node;
    }
    weights[node] = weight;
  }
  // Depths from the root down; they take the place of the weights.
  weights[root] = 0;
  let longest = 0;
  for (let node = root - 1; node >= 0; node--) {
    const depth = (weights[parents[node] as number] as number) + 1;
    weights[node] = depth;
    if (node >= used) continue;
    lengths[order[node] as number] = depth;
    if (depth > longest) longest = depth;
  }
  return longest;
}

/** Codes of each length, then the next one to give out. */
const next = new Uint32Array(CODE_BITS_MAX + 1);
/** Bytes with their bits reversed. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
});

/** Canonical codes, reversed, with their length from bit 16 on. */
export function assignCodes(lengths: Uint8Array, symbols: number, codes: Uint32Array): void {
  startCodes(lengths, symbols);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = lengths[symbol] as number;
    if (length > 0) codes[symbol] = takeCode(length) | (length << 16);
  }
}

/** Whether the lengths use up the room for codes exactly, so that any bits mean something. */
function startCodes(lengths: Uint8Array, symbols: number): boolean {
  next.fill(0);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = lengths[symbol] as number;
    if (length > 0) next[length] = (next[length] as number) + 1;
  }
  let code = 0;
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    const count = next[length] as number;
    next[length] = code;
    code = (code + count) * 2;
  }
  return code === COMPLETE * 2;
}

function takeCode(length: number): number {
  const code = next[length] as number;
  next[length] = code + 1;
  const reversed = ((REVERSED[code & 255] as number) << 8) | (REVERSED[code >> 8] as number);
  return reversed >> (16 - length);
}

/**
 * Fills `table` so that the low bits of what is to be read give `entries[symbol] | bits of its code`; returns the mask
 * for those low bits. The low 4 bits of entries are free for the length. A code of one symbol only takes no bits.
 */
export function fillTable(
  lengths: Uint8Array,
  symbols: number,
  entries: Int32Array,
  table: Int32Array,
): number {
  let longest = 0;
  let used = 0;
  let only = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    used += 1;
    only = symbol;
    if (length > longest) longest = length;
  }
  if (used === 1) {
    table[0] = entries[only] as number;
    return 0;
  }
  if (!startCodes(lengths, symbols)) throw new WireError('code lengths make no code');
  const size = 1 << longest;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    const entry = (entries[symbol] as number) | length;
    const step = 1 << length;
    for (let at = takeCode(length); at < size; at += step) table[at] = entry;
  }
  return size - 1;
}
