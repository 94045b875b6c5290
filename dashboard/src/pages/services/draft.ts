/** What a service stands on while it is being edited. Pure. */
import type { ServiceMember } from '@muster/shared/api/relations.ts';

export interface DraftMember {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  /** '': it must hold by itself. */
  readonly group: string;
}

export interface Draft {
  readonly members: readonly DraftMember[];
  /** Of each group how many must hold. */
  readonly needed: Readonly<Record<string, number>>;
}

export function draftOf(members: readonly ServiceMember[]): Draft {
  const needed: Record<string, number> = {};
  for (const { group, needed: of } of members)
    if (group !== null) needed[group] = Math.max(needed[group] ?? 1, of ?? 1);
  return {
    members: members.map(({ id, name, class: ciClass, group }) => ({
      id,
      name,
      class: ciClass,
      group: group ?? '',
    })),
    needed,
  };
}

export interface DraftGroup {
  readonly name: string;
  readonly needed: number;
  readonly members: readonly DraftMember[];
}

/** Groups by name, those that must hold by themselves first under ''. */
export function groupsOf({ members, needed }: Draft): DraftGroup[] {
  const names = [...new Set(['', ...members.map(({ group }) => group)])].toSorted();
  return names.map((name) => {
    const own = members.filter(({ group }) => group === name);
    return { name, needed: Math.min(own.length, needed[name] ?? 1), members: own };
  });
}

export function bodyOf(draft: Draft) {
  const groups = groupsOf(draft).filter(({ members }) => members.length > 0);
  const ids = (members: readonly DraftMember[]) => members.map(({ id }) => id);
  return {
    required: groups.filter(({ name }) => name === '').flatMap(({ members }) => ids(members)),
    groups: groups
      .filter(({ name }) => name !== '')
      .map(({ name, needed, members }) => ({ name, needed: Math.max(1, needed), members: ids(members) })),
  };
}

export function withMember(draft: Draft, member: DraftMember): Draft {
  if (draft.members.some(({ id, group }) => id === member.id && group === member.group)) return draft;
  return { ...draft, members: [...draft.members, member] };
}

export function without(draft: Draft, { id, group }: Pick<DraftMember, 'id' | 'group'>): Draft {
  return { ...draft, members: draft.members.filter((each) => each.id !== id || each.group !== group) };
}

export function moved(draft: Draft, member: DraftMember, group: string): Draft {
  return withMember(without(draft, member), { ...member, group });
}
