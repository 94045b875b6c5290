/** Colours of the canvas, read from the tokens and read again when the theme changes. */

const NAMES = [
  'c1',
  'c2',
  'c3',
  'c4',
  'c5',
  'c6',
  'grid',
  'axis',
  'surface',
  'text',
  'text-2',
  'text-3',
  'warn-solid',
  'warn-fg',
  'crit-solid',
  'crit-fg',
  'unknown-solid',
  'unknown-fg',
  'planned-solid',
] as const;
export type Colour = (typeof NAMES)[number];
export type Palette = Readonly<Record<Colour, string>> & { readonly font: string };

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const entries = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return {
    ...(Object.fromEntries(entries) as Record<Colour, string>),
    font: style.getPropertyValue('--font').trim(),
  };
}

/** Calls `listener` after each change of theme or contrast. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'lang'] });
  const contrast = window.matchMedia('(prefers-contrast: more)');
  contrast.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    contrast.removeEventListener('change', listener);
  };
}
