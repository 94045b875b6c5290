/** The public half of a release key as text: one line, which is built into agents and given to servers. */

/** First word of the line: what its releases may be taken for. */
const RELEASE = 'muster-release';
const DEVELOPMENT = 'muster-development';
const LINE = /^(muster-release|muster-development) ([A-Za-z0-9_-]{43})$/;

export interface PublicReleaseKey {
  /** Raw Ed25519, 32 bytes, as base64url. */
  readonly text: string;
  /** Made by whoever builds from the sources: it proves nothing beyond their machine. */
  readonly development: boolean;
}

/** null: it is none. */
export function parseReleaseKey(line: string): PublicReleaseKey | null {
  const [, word, text] = LINE.exec(line.trim()) ?? [];
  return text === undefined ? null : { text, development: word === DEVELOPMENT };
}

export function releaseKeyLine({ text, development }: PublicReleaseKey): string {
  return `${development ? DEVELOPMENT : RELEASE} ${text}`;
}

/** `hex`: of the SHA-256 of the raw key. For people to compare: its first 16 bytes, in groups of four digits. */
export function fingerprintWords(hex: string): string {
  return (hex.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}
