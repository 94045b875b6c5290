/** Browser and system of a User-Agent header, so that a person recognises a session; pure. */

export interface Browser {
  /** 'Firefox 145'; '' when the header says nothing that is known. */
  readonly browser: string;
  /** 'Windows'; without a version, which browsers no longer tell truthfully. */
  readonly system: string;
}

/** A major version; of a longer row of digits nothing is taken. */
const VERSION = String.raw`/(\d{1,5})(?!\d)`;

/** The first that matches: later ones also match browsers that are built on them. */
const BROWSERS: readonly (readonly [name: string, version: RegExp])[] = [
  ['WeChat', new RegExp(`MicroMessenger${VERSION}`)],
  ['QQ Browser', new RegExp(`M?QQBrowser${VERSION}`)],
  ['Samsung Internet', new RegExp(`SamsungBrowser${VERSION}`)],
  ['Edge', new RegExp(`Edg(?:e|A|iOS)?${VERSION}`)],
  ['Opera', new RegExp(`OPR${VERSION}`)],
  ['Firefox', new RegExp(`(?:Firefox|FxiOS)${VERSION}`)],
  ['Chrome', new RegExp(`(?:Chrome|CriOS|Chromium)${VERSION}`)],
  ['Safari', new RegExp(String.raw`Version${VERSION}\S{0,32} (?:Mobile/\S{1,32} )?Safari/`)],
  ['curl', new RegExp(`^curl${VERSION}`)],
];

const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['HarmonyOS', /OpenHarmony|HarmonyOS/],
  ['Android', /Android/],
  ['iPadOS', /iPad/],
  ['iOS', /iPhone|iPod/],
  ['Windows', /Windows NT/],
  ['macOS', /Mac OS X|Macintosh/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux|X11/],
];

export function browserOf(userAgent: string): Browser {
  let browser = '';
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version === undefined) continue;
    browser = `${name} ${version}`;
    break;
  }
  const system = SYSTEMS.find(([, mark]) => mark.test(userAgent))?.[0] ?? '';
  return { browser, system };
}
