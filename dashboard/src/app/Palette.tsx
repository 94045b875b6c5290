/** One box over everything: machines, parts, incidents, software, people, pages and actions. Type, arrows, Enter. */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog as Base } from '@base-ui/react/dialog';
import { useEffect, useRef, useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { IconButton, Key } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { Icon } from '../ui/Icon.tsx';
import { StatusBadge } from '../ui/StatusBadge.tsx';
import type { Hit, HitGroup } from './hits.ts';
import { caughtText, takeKeys, watchKeys } from './typedAhead.ts';
import { useHits } from './useHits.ts';

/** Each key would be a question to the server; hands are slower than this only between words. */
const TYPING_PAUSE_MS = 110;

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fade-in fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          aria-label={t('shell.searchTitle')}
          className="fade-in fixed inset-0 z-40 flex flex-col overflow-hidden border-line bg-raised tablet:inset-auto tablet:top-[10vh] tablet:left-1/2 tablet:max-h-[76vh] tablet:w-[min(640px,calc(100vw-32px))] tablet:-translate-x-1/2 tablet:rounded-lg tablet:border tablet:shadow-3"
        >
          {open && <PaletteBody onClose={onClose} />}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [text, setText] = useState(caughtText);
  useEffect(() => watchKeys(() => setText(caughtText())), []);
  const asked = useAfterPause(text.trim());
  const { groups, settled, error, retry } = useHits(asked, onClose);
  const ready = settled && asked === text.trim();
  const list = useRef<HTMLDivElement>(null);
  const enter = useEnterWhenReady(ready, list);
  const nothing = groups.length === 0;
  return (
    <Autocomplete.Root
      inline
      open
      items={groups}
      filter={null}
      value={text}
      onValueChange={setText}
      autoHighlight="always"
      itemToStringValue={(hit: Hit) => hit.label}
    >
      <div className="flex flex-none items-center gap-2 border-b border-line px-3">
        <Icon name="search" className="text-text-3" />
        <Autocomplete.Input
          aria-label={t('shell.search')}
          placeholder={t('shell.search')}
          onFocus={() => {
            const typed = takeKeys();
            if (typed.text !== '') setText(typed.text);
            if (typed.entered) enter(false);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            if (enter(event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              event.preventBaseUIHandler();
            }
          }}
          className="h-12 min-w-0 flex-1 bg-transparent text-14 outline-none placeholder:text-text-3 max-tablet:text-16"
        />
        <span aria-hidden="true" className={cx('text-11 text-text-3', ready && 'invisible')}>
          {t('shell.palette.searching')}
        </span>
        <IconButton icon="close" label={t('ui.close')} onClick={onClose} className="tablet:hidden" />
      </div>
      {error !== null && (
        <div className="flex-none border-b border-line px-4">
          <ErrorPanel error={error} retry={retry} />
        </div>
      )}
      {nothing && ready && error === null && (
        <p className="px-4 py-8 text-center text-text-2">{t('shell.searchNothing', { text: text.trim() })}</p>
      )}
      <Autocomplete.Status className="sr-only">
        {ready &&
          t('shell.palette.found', { count: groups.reduce((sum, { items }) => sum + items.length, 0) })}
      </Autocomplete.Status>
      <Autocomplete.List
        ref={list}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1 empty:hidden"
      >
        {(group: HitGroup) => (
          <Autocomplete.Group key={group.value} items={group.items}>
            <Autocomplete.GroupLabel className="px-2.5 pt-2 pb-1 text-11 font-medium text-text-3">
              {group.label}
            </Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(hit: Hit) => <HitRow key={hit.id} hit={hit} />}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      <p className="flex flex-none gap-4 border-t border-line px-4 py-2 text-11 text-text-3 max-tablet:hidden coarse:hidden">
        <span>
          <Key>↑</Key> <Key>↓</Key> {t('shell.keys.move')}
        </span>
        <span>
          <Key>Enter</Key> {t('shell.keys.open')}
        </span>
        <span>
          <Key>Ctrl Enter</Key> {t('shell.palette.newTab')}
        </span>
        <span>
          <Key>Esc</Key> {t('ui.close')}
        </span>
      </p>
    </Autocomplete.Root>
  );
}

const ROW =
  'flex min-h-9 w-full items-center gap-2.5 rounded-md px-2.5 py-1 outline-none data-highlighted:bg-selected coarse:min-h-11';

function HitRow({ hit }: { hit: Hit }) {
  const content = (
    <>
      <Icon name={hit.icon} className="text-text-3" />
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 items-baseline gap-2">
          <span className={cx('truncate', hit.quiet ? 'text-text-2' : 'font-medium')}>{hit.label}</span>
          {hit.note && <span className="min-w-0 truncate text-12 text-text-3">{hit.note}</span>}
        </span>
        {hit.match && (
          <span className="block truncate text-12 text-text-3">
            {hit.match.field} <Marked text={hit.match.value} part={hit.match.part} />
          </span>
        )}
      </span>
      {hit.look && (
        <span className="flex-none text-12">
          <StatusBadge look={hit.look} />
        </span>
      )}
      {hit.end && <span className="flex-none text-12 text-text-3">{hit.end}</span>}
    </>
  );
  const { href, run } = hit;
  if (href === undefined) {
    return (
      <Autocomplete.Item value={hit} onClick={run} className={cx(ROW, 'cursor-pointer')}>
        {content}
      </Autocomplete.Item>
    );
  }
  return (
    <Autocomplete.Item
      value={hit}
      onClick={(event) => {
        // The browser's own ways to a new tab stay its own.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        run();
      }}
      className={ROW}
      // Spoken as an option of the list; a link only for pointers that open it beside this page.
      render={
        <a href={href} tabIndex={-1}>
          {content}
        </a>
      }
    />
  );
}

/** The piece that was asked for, in bold, within its whole value. */
function Marked({ text, part }: { text: string; part: string }) {
  const at = part === '' ? -1 : text.toLowerCase().indexOf(part.toLowerCase());
  if (at === -1) return text;
  return (
    <>
      {text.slice(0, at)}
      <b className="font-semibold text-text">{text.slice(at, at + part.length)}</b>
      {text.slice(at + part.length)}
    </>
  );
}

function useAfterPause(text: string): string {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    if (text === '') {
      setAsked('');
      return;
    }
    const timer = window.setTimeout(() => setAsked(text), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return asked;
}

/**
 * Enter before the answer is there must not open what was found for fewer letters: it waits for the answer.
 * Says whether it has dealt with the key.
 */
function useEnterWhenReady(
  ready: boolean,
  list: React.RefObject<HTMLDivElement | null>,
): (inNewTab: boolean) => boolean {
  const waiting = useRef<'no' | 'open' | 'newTab'>('no');
  const open = (inNewTab: boolean) => {
    const chosen =
      list.current?.querySelector<HTMLElement>('[data-highlighted]') ??
      list.current?.querySelector<HTMLElement>('[role=option]');
    if (inNewTab && chosen instanceof HTMLAnchorElement) window.open(chosen.href, '_blank', 'noopener');
    else chosen?.click();
  };
  useEffect(() => {
    if (!ready || waiting.current === 'no') return;
    const inNewTab = waiting.current === 'newTab';
    waiting.current = 'no';
    open(inNewTab);
  });
  return (inNewTab) => {
    if (ready && !inNewTab) return false;
    if (ready) open(true);
    else waiting.current = inNewTab ? 'newTab' : 'open';
    return true;
  };
}
