/** Which CIs a comparison or a baseline is about. */
import type { CiGroup } from '@muster/shared/api/history.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci } from '../cmdb/store.ts';
import type { AsOf } from './as-of.ts';

/** Everything that is named must hold, as it was at the moment; the model is that of now. */
export async function idsOfGroup(
  group: CiGroup,
  atMs: Millis,
  { asOf, cmdb }: { asOf: AsOf; cmdb: Pick<Cmdb, 'listed'> },
): Promise<string[]> {
  const wanted = group.ids && new Set(group.ids);
  const ofModel = group.model === undefined ? null : modelIds(group.model, cmdb);
  return (await asOf.list(atMs))
    .filter(
      (ci) =>
        (wanted === undefined || wanted.has(ci.id)) &&
        (ofModel === null || ofModel.has(ci.id)) &&
        isOfClass(ci, group.class) &&
        (group.tag === undefined || ci.tags.includes(group.tag)) &&
        (group.site === undefined || (ci.site ?? '') === group.site),
    )
    .map(({ id }) => id);
}

export function isOfClass(ci: Pick<Ci, 'class' | 'subclass'>, wanted: string | undefined): boolean {
  return wanted === undefined || ci.class === wanted || ci.subclass === wanted;
}

function modelIds(model: string, cmdb: Pick<Cmdb, 'listed'>): Set<string> {
  const ids = new Set<string>();
  for (const machine of cmdb.listed()) if (machine.attributes.model === model) ids.add(machine.id);
  return ids;
}

/** Models of machines with their number, the most frequent first. */
export function modelCounts(cmdb: Pick<Cmdb, 'listed'>): { model: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { class: ciClass, attributes } of cmdb.listed()) {
    const { model } = attributes;
    if (isMachineClass(ciClass) && typeof model === 'string' && model !== '')
      counts.set(model, (counts.get(model) ?? 0) + 1);
  }
  return [...counts]
    .map(([model, count]) => ({ model, count }))
    .sort((a, b) => b.count - a.count || (a.model < b.model ? -1 : 1));
}
