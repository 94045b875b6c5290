/** The roll of all machines: counted, and patched by what the live connection tells. Pure. */
import type { z } from 'zod';
import type { operationsEndpoints } from '@muster/shared/api/operations.ts';
import type { LiveMessage } from '../api/live.ts';
import type { ShownPresence } from '../ui/states.ts';

export type Roll = z.output<(typeof operationsEndpoints)['rollCall']['response']>;
type PresenceItems = Extract<LiveMessage, { type: 'presence' }>['items'];

/** The roll with the states of `items`; itself where nothing changes, null where a machine is not in it. */
export function patchRoll(roll: Roll, items: PresenceItems): Roll | null {
  const news = new Map(items.map(({ ciId, state }) => [ciId, state]));
  let found = 0;
  let changed = false;
  const sites = roll.sites.map((site) => {
    let touched = false;
    const cells = site.cells.map((cell): (typeof site.cells)[number] => {
      const [id, name, state] = cell;
      const next = news.get(id);
      if (next === undefined) return cell;
      found += 1;
      if (next === state) return cell;
      touched = true;
      return [id, name, next];
    });
    changed ||= touched;
    return touched ? { ...site, cells } : site;
  });
  if (found < news.size) return null;
  return changed ? { ...roll, sites } : roll;
}

export type Counts = Readonly<Record<ShownPresence | 'total', number>>;

export function countCells(cells: Roll['sites'][number]['cells']): Counts {
  const counts = { total: cells.length, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 };
  for (const [, , state] of cells) counts[state] += 1;
  return counts;
}
