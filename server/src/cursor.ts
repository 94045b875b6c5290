/** Opaque cursors of lists: the sort key of the last item, so that a page is right although rows come and go. */
import { AppError } from './errors.ts';

export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws AppError input-invalid when the cursor is not one of ours with `length` parts. */
export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === length && key.every((part) => typeof part === 'string'))
      return key;
  } catch (cause) {
    throw new AppError('input-invalid', 'The cursor is not one that this server gave out.', { cause });
  }
  throw new AppError('input-invalid', 'The cursor is not one that this server gave out.');
}
