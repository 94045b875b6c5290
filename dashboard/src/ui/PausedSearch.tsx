/** A filter box whose answer comes from the server: it asks once the typing pauses. */
import { useEffect, useRef, useState } from 'react';
import { Key } from './Button.tsx';
import { SearchField } from './Field.tsx';

/** Each key of the filter would be a question to the server. */
const TYPING_PAUSE_MS = 250;

export interface PausedSearchProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  /** The key that leads here stands in the box. */
  readonly withKey?: boolean;
}

export function PausedSearch({ label, value = '', onChange, withKey = false }: PausedSearchProps) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== seen) {
    setSeen(value);
    // What was asked here comes back while the typing may go on; anything else was chosen elsewhere.
    if (value !== sent) {
      setSent(value);
      setText(value);
    }
  }
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (text === sent) return;
    const timer = window.setTimeout(() => {
      setSent(text);
      latest.current(text === '' ? undefined : text);
    }, TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text, sent]);
  return (
    <SearchField
      label={label}
      value={text}
      onChange={setText}
      shortcut={withKey ? <Key>/</Key> : undefined}
    />
  );
}
