/** Local accounts from passwd(5), group(5) and login.defs(5). */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { byText, cleanText, wholeNumber } from '../text.ts';

type Group = SectionData['users']['groups'][number];
type User = SectionData['users']['users'][number];

/** Groups whose members may become root. */
const ADMINISTRATOR_GROUPS = ['root', 'sudo', 'wheel', 'admin'];
const UID_NOBODY = 65_534;
const UID_MIN_DEFAULT = 1_000;

/** Sorted by number, then name. Lines of NIS ('+', '-') name no account. */
export function localUsers(passwd: string, group: string, loginDefs: string): User[] {
  const administrators = administratorGroups(group);
  const uidMin = wholeNumber(/^\s*UID_MIN\s+(\d+)/m.exec(loginDefs)?.[1]) ?? UID_MIN_DEFAULT;
  return passwd
    .split('\n')
    .flatMap((line): User[] => {
      const [name, , uidText, gidText, gecos, , shell] = line.split(':');
      const uid = wholeNumber(uidText);
      if (!name || uid === null || /^[+-]/.test(name)) return [];
      return [
        {
          name,
          fullName: fullName(gecos),
          uid,
          shell: cleanText(shell),
          administrator:
            uid === 0 || administrators.members.has(name) || administrators.gids.has(gidText ?? ''),
          system: uid < uidMin || uid === UID_NOBODY,
        },
      ];
    })
    .sort((a, b) => (a.uid ?? 0) - (b.uid ?? 0) || byText(a.name, b.name));
}

/** Sorted by number, then name. */
export function localGroups(group: string): Group[] {
  return group
    .split('\n')
    .flatMap((line): Group[] => {
      const [name, , gid, members] = line.split(':');
      if (gid === undefined || !name || /^[+-]/.test(name)) return [];
      return [
        {
          name,
          gid: wholeNumber(gid),
          members: (members ?? '')
            .split(',')
            .map((one) => one.trim())
            .filter(Boolean)
            .sort(byText),
        },
      ];
    })
    .sort((a, b) => (a.gid ?? 0) - (b.gid ?? 0) || byText(a.name, b.name));
}

function administratorGroups(group: string): { members: Set<string>; gids: Set<string> } {
  const rows = group
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name]) => ADMINISTRATOR_GROUPS.includes(name ?? ''));
  return {
    members: new Set(
      rows.flatMap(([, , , members]) => (members ?? '').split(',').map((name) => name.trim())),
    ),
    gids: new Set(rows.map(([, , gid]) => gid ?? '')),
  };
}

/** The first part of the comment field; room, telephone numbers and whatever looks like a mail address stay at home. */
function fullName(gecos: string | undefined): string | null {
  const name = cleanText(gecos?.split(',')[0]);
  return name === null || name.includes('@') ? null : name;
}
