/** One sentence of the catalogue with controls in its slots, in the order that each language wants. */
import { Fragment } from 'react';
import type { Key, Values } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';

const MARK = '\u0001';

export function Sentence({
  words,
  slots,
  values,
  inline = false,
}: {
  words: Key;
  slots: Readonly<Record<string, React.ReactNode>>;
  values?: Values;
  /** It is a part of another sentence. */
  inline?: boolean;
}) {
  const t = useT();
  const marks = Object.fromEntries(Object.keys(slots).map((name) => [name, MARK + name + MARK]));
  const parts = t(words, { ...values, ...marks }).split(MARK);
  // Words and slots take turns.
  const content = parts.map((part, index) => (
    <Fragment key={`${index} ${part}`}>{index % 2 === 1 ? slots[part] : part}</Fragment>
  ));
  return inline ? content : <div className="leading-[calc(var(--control)+8px)]">{content}</div>;
}
