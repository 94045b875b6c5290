/** Square and bar codes as drawings; read only by the pages that show them. */
import { code128, qrcode, drawingSVG } from 'bwip-js/browser';

/** A data address of an SVG. */
export function codeImage(kind: 'qrcode' | 'code128', text: string): string {
  const square = { bcid: 'qrcode', text, paddingwidth: 2, paddingheight: 2 };
  const bar = { bcid: 'code128', text: plain(text), height: 8, paddingwidth: 4 };
  const svg: string =
    kind === 'qrcode' ? qrcode<string>(square, drawingSVG()) : code128<string>(bar, drawingSVG());
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** A bar code has no other signs than these. */
function plain(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?');
}
