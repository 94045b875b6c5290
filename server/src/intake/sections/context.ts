/** What the mapping of one section needs to know of the whole report. */
import type { Millis } from '@muster/shared/time.ts';
import type { Content } from '../message.ts';
import { firstText, type Item, items, offsetOf, text } from '../values.ts';

export interface Context {
  readonly content: Content;
  /** null where the report does not tell. */
  readonly family: 'linux' | 'windows' | 'macos' | null;
  /** What the clock of the machine is ahead of UTC; 0 where it is not told. */
  readonly offsetMs: Millis;
  /** When the report arrived. */
  readonly nowMs: Millis;
}

/** The only item of a section that has one; undefined where the section was not carried. */
export function one(content: Content, section: string): Item | undefined {
  return content[section]?.[0];
}

export function contextOf(content: Content, nowMs: Millis): Context {
  const [zone] = items(one(content, 'operatingsystem')?.timezone);
  return { content, nowMs, family: familyOf(content), offsetMs: offsetOf(text(zone, 'offset')) };
}

/** Android is Linux but no computer of ours: phones are told apart by the type of the item. */
function familyOf(content: Content): Context['family'] {
  const told = [
    firstText(one(content, 'operatingsystem'), 'kernel_name', 'full_name', 'name'),
    text(one(content, 'hardware'), 'osname'),
    text(one(content, 'hardware'), 'archname'),
  ];
  for (const name of told) {
    if (name === null) continue;
    if (/mswin|windows/i.test(name)) return 'windows';
    if (/darwin|mac ?os/i.test(name)) return 'macos';
    if (
      /linux|debian|ubuntu|fedora|centos|red ?hat|rocky|alma|suse|kylin|uos|euler|anolis|arch|gentoo/i.test(
        name,
      )
    )
      return 'linux';
  }
  return null;
}
