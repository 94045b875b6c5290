/** The shape of a state, 12 × 12: told apart without colour. */
import type { GlyphName } from './states.ts';
import { cx } from './cx.ts';

const SHAPES: Readonly<Record<GlyphName, React.ReactNode>> = {
  disc: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  crescent: <path d="M4.6 1.6a4.6 4.6 0 1 0 5.8 5.8A4 4 0 0 1 4.6 1.6Z" fill="currentColor" />,
  pill: (
    <>
      <rect x="1" y="1" width="10" height="10" rx="5" fill="currentColor" />
      <path d="M4.75 4v4M7.25 4v4" stroke="var(--surface)" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  'square-up': (
    <>
      <rect
        x="1.6"
        y="1.6"
        width="8.8"
        height="8.8"
        rx="1.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <path d="M6 8.2V4M4.3 5.5 6 3.8l1.7 1.7" fill="none" stroke="currentColor" strokeWidth="1.3" />
    </>
  ),
  'square-x': (
    <>
      <rect x="1" y="1" width="10" height="10" rx="2" fill="currentColor" />
      <path d="m4 4 4 4m0-4L4 8" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  triangle: (
    <>
      <path
        d="M6 1 11.4 10.6H.6Z"
        fill="currentColor"
        stroke="currentColor"
        strokeLinejoin="round"
        strokeWidth=".8"
      />
      <path d="M6 4.4v2.8M6 8.9v.2" stroke="var(--surface)" strokeWidth="1.3" strokeLinecap="round" />
    </>
  ),
  question: (
    <>
      <circle
        cx="6"
        cy="6"
        r="4.9"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.2"
        strokeDasharray="2 1.4"
      />
      <path
        d="M4.7 4.9a1.35 1.35 0 1 1 2 1.2c-.5.3-.7.5-.7 1M6 8.6v.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.15"
        strokeLinecap="round"
      />
    </>
  ),
  half: (
    <>
      <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4Z" fill="currentColor" />
    </>
  ),
  tick: (
    <path
      d="m2 6.4 2.7 2.7L10 3.4"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  dash: <path d="M2.5 6h7" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />,
};

export function Glyph({ name, className }: { name: GlyphName; className?: string }) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className={cx('flex-none', className)}>
      {SHAPES[name]}
    </svg>
  );
}
