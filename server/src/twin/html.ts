/** Pages of a twin: plain HTML without script, in both languages. Pure. */
import type { Words } from '@muster/shared/api/incidents.ts';

export const TWIN_LANGUAGES = ['en', 'zh'] as const;
export type TwinLanguage = (typeof TWIN_LANGUAGES)[number];

/** Text that is markup already. */
export interface Html {
  readonly html: string;
}
export type Cell = string | number | null | Html;

const STYLE =
  'body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#161a22;background:#fff}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}td,th{border-bottom:1px solid #d5dae2;text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;overflow-wrap:anywhere}th{color:#555f70;font-weight:500}a{color:#1c4bd6}nav a{margin-right:1rem}svg{max-width:100%;height:auto}';

export function page(input: {
  readonly language: TwinLanguage;
  readonly title: string;
  /** Way up to the folder of the bundle: '' or '../'. */
  readonly up: string;
  /** The same page in the other language. */
  readonly other: string;
  readonly made: string;
  readonly body: string;
}): string {
  const { language, title, up, other, made, body } = input;
  const words = (text: Words) => text[language];
  const nav = NAV.map(
    ([file, text]) => `<a href="${up}${language}/${file}.html">${escaped(words(text))}</a>`,
  ).join('');
  return `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><nav>${nav}<a href="${other}">${language === 'en' ? '中文' : 'English'}</a></nav><h1>${escaped(title)}</h1>${body}<p><small>${escaped(words({ en: `Made ${made} (UTC). Not kept current.`, zh: `生成于 ${made}（UTC），不再更新。` }))}</small></p></body></html>`;
}

export const NAV: readonly (readonly [string, Words])[] = [
  ['index', { en: 'Contents', zh: '目录' }],
  ['machines', { en: 'Machines', zh: '计算机' }],
  ['services', { en: 'Services', zh: '服务' }],
  ['incidents', { en: 'Open incidents', zh: '未关闭事件' }],
  ['contacts', { en: 'Contacts', zh: '联系人' }],
  ['licences', { en: 'Licences and contracts', zh: '许可证与合同' }],
  ['records', { en: 'Other records', zh: '其他记录' }],
  ['verify', { en: 'How to read and verify this', zh: '如何阅读与校验' }],
];

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = (row: readonly Cell[]) => row.map((cell) => `<td>${shown(cell)}</td>`).join('');
  return `<table><thead><tr>${head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</tbody></table>`;
}

export function link(href: string, text: string): Html {
  return { html: `<a href="${escaped(href)}">${escaped(text)}</a>` };
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function shown(cell: Cell): string {
  if (cell === null) return '–';
  return typeof cell === 'object' ? cell.html : escaped(String(cell));
}

const ROW_PX = 34;

/** A service over what it stands on: one column each, a line where one needs the other. */
export function serviceSvg(
  name: string,
  members: readonly { readonly name: string; readonly group: string | null }[],
): string {
  const height = Math.max(2, members.length) * ROW_PX + 10;
  const middle = height / 2;
  const lines = members.map(
    (_member, at) =>
      `<path d="M220 ${middle}C280 ${middle} 280 ${at * ROW_PX + 22} 340 ${at * ROW_PX + 22}" stroke="#7f8999" fill="none"/>`,
  );
  const boxes = members.map(
    ({ name: text, group }, at) =>
      `<rect x="340" y="${at * ROW_PX + 8}" width="300" height="28" rx="4" fill="#fff" stroke="#7f8999"${group === null ? '' : ' stroke-dasharray="5 4"'}/><text x="350" y="${at * ROW_PX + 27}">${escaped(cut(text))}${group === null ? '' : ` (${escaped(cut(group))})`}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="660" height="${height}" viewBox="0 0 660 ${height}" role="img" font-family="sans-serif" font-size="13"><title>${escaped(name)}</title>${lines.join('')}<rect x="10" y="${middle - 16}" width="210" height="32" rx="4" fill="#eef2ff" stroke="#1c4bd6"/><text x="20" y="${middle + 5}">${escaped(cut(name))}</text>${boxes.join('')}</svg>`;
}

function cut(text: string): string {
  return text.length > 28 ? `${text.slice(0, 27)}…` : text;
}
