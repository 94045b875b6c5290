/** local_users, local_groups, users, hardware → our section `users`. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { firstText, integer, type Item, sortedBy, text, texts, unique } from '../values.ts';
import { type Context, one } from './context.ts';

type Users = SectionData['users'];

export const USERS_SOURCES = ['local_users', 'local_groups', 'users', 'hardware'] as const;

/** First lines of `last` that were taken for a person, and words for nobody. */
const NO_PERSON = /^(wtmp|btmp|reboot|runlevel|shutdown|boot|crash|\(?unknown\)?|none|n\/a|still|system)$/i;
/** Groups whose members administrate the machine; S-1-5-32-544 is that of Windows in any language. */
const ADMINISTRATORS = /^(root|sudo|wheel|admin|administrators|s-1-5-32-544)$/i;
const UID_NOBODY = 65_534;
const UID_MIN = 1_000;
const UID_MIN_MACOS = 500;

export function usersPatch(context: Context): object {
  const { content } = context;
  return {
    ...(content.local_users ? { users: usersOf(content.local_users, context) } : {}),
    ...(content.local_groups ? { groups: groupsOf(content.local_groups) } : {}),
    lastUser: lastUser(context),
  };
}

function lastUser({ content }: Context): string | null {
  const told = text(one(content, 'hardware'), 'lastloggeduser');
  const name = told ?? text(content.users?.at(-1), 'login');
  return name === null || NO_PERSON.test(name) ? null : name;
}

function usersOf(list: readonly Item[], { content, family }: Context): Users['users'] {
  const administrators = new Set(
    (content.local_groups ?? [])
      .filter(
        (group) =>
          ADMINISTRATORS.test(text(group, 'name') ?? '') || ADMINISTRATORS.test(text(group, 'id') ?? ''),
      )
      .flatMap((group) => texts(group.members)),
  );
  const users = list.flatMap((item): Users['users'] => {
    const name = firstText(item, 'login', 'name')?.slice(0, 256);
    if (name === undefined) return [];
    // OCS leaves out what is zero.
    const uid = name === 'root' ? 0 : unixId(item);
    return [
      {
        name,
        fullName: fullName(text(item, 'name')),
        uid,
        shell: text(item, 'shell'),
        administrator: uid === 0 || administrators.has(name) || (text(item, 'id') ?? '').endsWith('-500'),
        system: uid !== null && (uid < (family === 'macos' ? UID_MIN_MACOS : UID_MIN) || uid === UID_NOBODY),
      },
    ];
  });
  return sortedBy(
    unique(users, ({ name }) => name),
    ({ uid, name }) => `${String(uid ?? 0).padStart(12, '0')} ${name}`,
  );
}

/** A security identifier of Windows is no number. */
function unixId(item: Item): number | null {
  return /^\d+$/.test(text(item, 'id') ?? '') ? integer(item, 'id') : null;
}

/** Room and telephone numbers behind the commas, and addresses, stay out. */
function fullName(told: string | null): string | null {
  const [name = ''] = (told ?? '').split(',');
  return name === '' || name.includes('@') ? null : name;
}

function groupsOf(list: readonly Item[]): Users['groups'] {
  const groups = list.flatMap((item) => {
    const name = text(item, 'name', 256);
    if (name === null) return [];
    return [
      {
        name,
        gid: name === 'root' ? 0 : unixId(item),
        members: [...new Set(texts(item.members))].map((member) => member.slice(0, 256)).toSorted(),
      },
    ];
  });
  return sortedBy(
    unique(groups, ({ name }) => name),
    ({ gid, name }) => `${String(gid ?? 0).padStart(12, '0')} ${name}`,
  );
}
