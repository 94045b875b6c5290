/** Who publishes a package, without anybody's mail address. */
import { cleanText } from '../text.ts';

/** 'Name <mail>' → 'Name'; a bare address names nobody who may be named. */
export function withoutMail(maintainer: string | null): string | null {
  if (maintainer === null) return null;
  const rest = cleanText(maintainer.replace(/<[^>]*>?/g, '').replace(/\S+@\S+/g, ''));
  return cleanText(rest?.replace(/^"(.*)"$/, '$1'));
}
