/** What the search box lists. */
import type { IconName } from '../ui/Icon.tsx';
import type { StateLook } from '../ui/states.ts';

export interface Hit {
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
  readonly note?: string;
  /** Which field answered, in words; missing where the label itself did. */
  readonly match?: { readonly field: string; readonly value: string; readonly part: string } | undefined;
  readonly look?: StateLook | undefined;
  readonly end?: string;
  /** Says less than a thing: the way to all of them. */
  readonly quiet?: true;
  /** Missing: an action without an address. */
  readonly href?: string;
  readonly run: () => void;
}

export interface HitGroup {
  readonly value: string;
  readonly label: string;
  readonly items: Hit[];
}

/** Groups with something in them; pages and actions first where one of them begins with what was typed. */
export function orderedGroups(
  text: string,
  found: readonly HitGroup[],
  own: readonly HitGroup[],
): HitGroup[] {
  const needle = text.toLowerCase();
  const named =
    needle.length >= OWN_FIRST_LENGTH_MIN &&
    own.some(({ items }) => items.some(({ label }) => label.toLowerCase().startsWith(needle)));
  const all = named ? [...own, ...found] : [...found, ...own];
  return all.filter(({ items }) => items.length > 0);
}

/** Two letters are the beginning of too much. */
const OWN_FIRST_LENGTH_MIN = 3;
