/** A word with its meaning one step away: dotted underline; pointer, touch or focus shows the definition. */
import { useEffect, useId, useRef, useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';
import { type TermId, TERMS } from './terms.ts';

/** A pointer that only passes opens nothing. */
const HOVER_MS = 350;
/** Time to get from the word to the definition. */
const LEAVE_MS = 200;
const WIDTH_PX = 320;
const EDGE_PX = 8;
/** Less room than this beneath the word: the definition stands above it. */
const ROOM_PX = 180;

export interface TermProps {
  readonly id: TermId;
  /** The word as the page says it; missing: its name in the glossary. */
  readonly children?: React.ReactNode;
  readonly className?: string;
}

export function Term({ id, children, className }: TermProps) {
  const t = useT();
  const box = useId();
  const wrapper = useRef<HTMLSpanElement>(null);
  const { open, place, show, toggle, hide, hover } = usePopup(wrapper);
  return (
    // The span only listens for what its button and link let pass.
    <span
      ref={wrapper}
      className="relative inline-block max-w-full"
      onPointerEnter={(event) => event.pointerType === 'mouse' && hover(true)}
      onPointerLeave={(event) => event.pointerType === 'mouse' && hover(false)}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && hide()}
    >
      <button
        type="button"
        aria-expanded={open}
        aria-describedby={open ? box : undefined}
        onClick={toggle}
        onFocus={(event) => event.currentTarget.matches(':focus-visible') && show()}
        className={cx(
          'max-w-full cursor-help truncate text-left align-bottom underline decoration-line-strong decoration-dotted underline-offset-4 hover:decoration-accent print:no-underline',
          className,
        )}
      >
        {children ?? t(`help.term.${id}.name`)}
      </button>
      {open && (
        <span
          id={box}
          style={place}
          className="no-print fixed z-50 block cursor-auto rounded-md border border-line bg-raised p-3 text-left text-12 leading-prose font-normal tracking-normal whitespace-normal text-text shadow-2"
        >
          <span className="block text-13 font-semibold">{t(`help.term.${id}.name`)}</span>
          <span className="mt-1 block text-text-2">{t(`help.term.${id}.text`)}</span>
          <span className="mt-1.5 flex flex-wrap justify-between gap-x-3 text-11 text-text-3">
            <span>{termSource(id, t)}</span>
            <a href={`/help#${id}`} className="text-accent hover:underline coarse:py-3">
              {t('help.more')}
            </a>
          </span>
        </span>
      )}
    </span>
  );
}

/** Beside a word that does something else when pressed, e.g. sorts. */
export function TermMark({ id }: { id: TermId }) {
  const t = useT();
  return (
    <span className="no-print ml-1 align-middle">
      <Term id={id} className="-m-[5px] grid size-6 place-items-center rounded-full no-underline">
        <span
          aria-hidden="true"
          className="grid size-3.5 place-items-center rounded-full border border-line-strong text-[9px] leading-none"
        >
          ?
        </span>
        <span className="sr-only">{t(`help.term.${id}.name`)}</span>
      </Term>
    </span>
  );
}

/** `After ISO/IEC 20000-1:2018`, or that the word is this product's own. */
export function termSource(id: TermId, t: ReturnType<typeof useT>): string {
  const { source } = TERMS[id];
  return source === null ? t('help.own') : t('help.source', { source });
}

function usePopup(wrapper: React.RefObject<HTMLSpanElement | null>) {
  const [shown, setShown] = useState<'no' | 'passing' | 'held'>('no');
  const [place, setPlace] = useState<React.CSSProperties>({});
  const timer = useRef(0);
  const open = shown !== 'no';
  const hide = () => {
    window.clearTimeout(timer.current);
    setShown('no');
  };
  const show = (how: 'passing' | 'held' = 'passing') => {
    window.clearTimeout(timer.current);
    if (wrapper.current) setPlace(placeOf(wrapper.current.getBoundingClientRect()));
    setShown(how);
  };
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // A dialog around the word stays open.
      event.stopPropagation();
      setShown('no');
    };
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !wrapper.current?.contains(event.target)) setShown('no');
    };
    const onScroll = () => setShown('no');
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('pointerdown', onDown, true);
    window.addEventListener('scroll', onScroll, { capture: true, passive: true });
    window.addEventListener('resize', onScroll);
    return () => {
      window.removeEventListener('keydown', onKey, true);
      window.removeEventListener('pointerdown', onDown, true);
      window.removeEventListener('scroll', onScroll, { capture: true });
      window.removeEventListener('resize', onScroll);
    };
  }, [open, wrapper]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return {
    open,
    place,
    hide,
    show: () => !open && show(),
    toggle: () => (shown === 'held' ? hide() : show('held')),
    hover: (inside: boolean) => {
      window.clearTimeout(timer.current);
      if (inside && !open) timer.current = window.setTimeout(show, HOVER_MS);
      if (!inside && shown === 'passing') timer.current = window.setTimeout(hide, LEAVE_MS);
    },
  };
}

/** Beneath the word where there is room, else above it; never beyond the window. */
function placeOf(word: DOMRect): React.CSSProperties {
  const width = Math.min(WIDTH_PX, window.innerWidth - 2 * EDGE_PX);
  const left = Math.max(EDGE_PX, Math.min(word.left, window.innerWidth - width - EDGE_PX));
  return window.innerHeight - word.bottom >= ROOM_PX
    ? { left, width, top: word.bottom + 4 }
    : { left, width, bottom: window.innerHeight - word.top + 4 };
}
