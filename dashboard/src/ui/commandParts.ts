/** A command in parts, so that an option and its value are not torn apart where a line ends. Pure. */

/** A longer value gets a line of its own, or is broken on it. */
const VALUE_LENGTH_MAX = 8;

export interface CommandPart {
  readonly text: string;
  readonly whole: boolean;
}

/** Put together they are the command. */
export function commandParts(code: string): CommandPart[] {
  const words = code.split(/(\s+)/);
  const parts: CommandPart[] = [];
  for (let at = 0; at < words.length; at++) {
    const [word = '', gap, value = ''] = words.slice(at, at + 3);
    const isOption = word.startsWith('--');
    const hasValue = isOption && gap === ' ' && isShortValue(value);
    parts.push({ text: hasValue ? `${word} ${value}` : word, whole: isOption });
    if (hasValue) at += 2;
  }
  return parts.filter(({ text }) => text !== '');
}

function isShortValue(word: string): boolean {
  return word !== '' && word.length <= VALUE_LENGTH_MAX && !word.startsWith('-');
}
