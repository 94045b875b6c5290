/** What somebody opened from the search lately, kept in this browser for each account. */
import { z } from 'zod';

const RECENT_MAX = 6;

const Recent = z.object({
  href: z.string().regex(/^\/(?![/\\])/),
  label: z.string().max(300),
  note: z.string().max(300),
  icon: z.string().max(32),
});
export type Recent = z.infer<typeof Recent>;
const Recents = z.array(Recent).max(RECENT_MAX);

const keyOf = (userId: string) => `muster.recent.${userId}`;

/** Newest first; empty where the browser keeps nothing, or something else. */
export function recents(userId: string): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]');
    return Recents.catch([]).parse(kept);
  } catch {
    return []; // Storage may be refused; nobody then has recents.
  }
}

export function remember(userId: string, opened: Recent): void {
  const others = recents(userId).filter(({ href }) => href !== opened.href);
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify([opened, ...others].slice(0, RECENT_MAX)));
  } catch {
    return; // As above.
  }
}
