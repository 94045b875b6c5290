/** Which bytes of a file are asked for: HTTP ranges (RFC 9110, section 14), of which one is answered. Pure. */

export interface ByteRange {
  readonly first: number;
  /** With it. */
  readonly last: number;
}

/** null: the whole, also where several ranges are asked for or the header makes no sense. 'outside': there are no such bytes. */
export function wantedRange(
  headers: { readonly range: string | null; readonly ifRange: string | null },
  file: { readonly bytes: number; readonly etag: string },
): ByteRange | 'outside' | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range?.trim() ?? '') ?? [];
  if (from === '' && to === '') return null;
  // What was begun is of another file: dates say nothing here, for the same name has the same content.
  if (headers.ifRange !== null && headers.ifRange !== file.etag) return null;
  const first = from === '' ? Math.max(0, file.bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? file.bytes - 1 : Math.min(Number(to), file.bytes - 1);
  if (from !== '' && to !== '' && Number(to) < first) return null;
  return first > last ? 'outside' : { first, last };
}
