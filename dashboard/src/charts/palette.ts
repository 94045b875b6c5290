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
  'planned-fg',
] as const;
export type Colour = (typeof NAMES)[number];
export type Palette = Readonly<Record<Colour, string>> & { readonly font: string };

/** The colours in force; on paper always the light ones. */
export function readPalette(): Palette {
  if (window.matchMedia('print').matches) return readLightPalette();
  const style = getComputedStyle(document.documentElement);
  return palette((name) => style.getPropertyValue(name));
}

/** The light tokens whatever the theme, for pictures and print: those of `:root` without any condition. */
export function readLightPalette(): Palette {
  const values = new Map<string, string>();
  for (const sheet of document.styleSheets) collect(sheet.cssRules, values);
  return palette((name) => values.get(name) ?? '');
}

function collect(rules: CSSRuleList, values: Map<string, string>): void {
  for (const rule of rules) {
    if (rule instanceof CSSLayerBlockRule) collect(rule.cssRules, values);
    if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
    for (const name of rule.style) values.set(name, rule.style.getPropertyValue(name));
  }
}

function palette(value: (name: string) => string): Palette {
  const entries = NAMES.map((name) => [name, value(`--${name}`).trim()]);
  return { ...(Object.fromEntries(entries) as Record<Colour, string>), font: value('--font').trim() };
}

/** Calls `listener` after each change of theme, contrast or medium. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'lang'] });
  const contrast = window.matchMedia('(prefers-contrast: more)');
  const print = window.matchMedia('print');
  contrast.addEventListener('change', listener);
  print.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    print.removeEventListener('change', listener);
    contrast.removeEventListener('change', listener);
  };
}
