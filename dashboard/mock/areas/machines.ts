/** The list of machines in the mock: all in one answer, latest values, strips, bulk changes, saved views. */
import type { BulkChange } from '@muster/shared/api/cmdb.ts';
import type { PresenceInterval } from '@muster/shared/api/availability.ts';
import { LISTED_ATTRIBUTES, type View } from '@muster/shared/api/machines.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { Handlers } from '../handlers.ts';
import { valueAt } from '../signal.ts';
import type { Machine, World } from '../world.ts';

type Intervals = (
  machine: Machine,
  fromMs: Millis,
  toMs: Millis,
) => {
  intervals: z.input<typeof PresenceInterval>[];
};

export function machinesHandlers(world: World, presenceOf: Intervals): Handlers {
  const views: View[] = [
    view('view_1', 'Servers of Hangzhou', 'class=%5B%22Server%22%5D&site=%5B%22Hangzhou%22%5D', true),
    view('view_2', 'Silent or unknown', 'presence=silent%2Cunknown', false),
  ];
  return {
    listMachines: () => ({
      items: world.machines.map(({ detail }) => ({
        ...detail,
        attributes: Object.fromEntries(
          detail.details
            .filter(({ name }) => (LISTED_ATTRIBUTES as readonly string[]).includes(name))
            .map(({ name, value }) => [name, value]),
        ),
      })),
    }),
    machineValues: () => {
      const now = Date.now();
      return {
        at: toIso(now),
        items: world.machines.map(({ detail: { id, state }, load }) => {
          const up = state === 'up';
          const full = Object.keys(load.fileSystems)
            .map((mount) => ({ mount, share: valueAt(id, load, 'filesystem.utilisation', mount, now) }))
            .sort((a, b) => b.share - a.share)[0];
          return [
            id,
            up ? valueAt(id, load, 'cpu.utilisation', '', now) : null,
            up ? valueAt(id, load, 'memory.utilisation', '', now) : null,
            full?.share ?? null,
            full?.mount ?? null,
          ];
        }),
      };
    },
    machineStrips: ({ query }) => ({
      items: world.machines
        .filter(({ detail }) => query.ids.includes(detail.id))
        .map((machine) => ({
          id: machine.detail.id,
          parts: presenceOf(machine, Date.parse(query.from), Date.parse(query.to)).intervals.map(
            ({ from, state }) => [Date.parse(from), state],
          ),
        })),
    }),
    bulkCis: ({ body }) => {
      const undo: { ids: string[]; change: BulkChange }[] = [];
      for (const { ids, change } of body.steps) {
        for (const { detail } of world.machines.filter((each) => ids.includes(each.detail.id))) {
          const { addTags = [], removeTags = [], ...fields } = change;
          const back = Object.keys(fields).map((name) => [name, detail[name as keyof typeof detail]]);
          const added = addTags.filter((tag) => !detail.tags.includes(tag));
          undo.push({
            ids: [detail.id],
            change: { ...Object.fromEntries(back), ...(added.length > 0 ? { removeTags: added } : {}) },
          });
          const tags = [...detail.tags.filter((tag) => !removeTags.includes(tag)), ...added];
          Object.assign(detail, { ...fields, tags });
        }
      }
      return { changed: undo.length, unchanged: 0, failed: [], undo };
    },
    listViews: () => ({ items: views.toSorted((a, b) => a.name.localeCompare(b.name)) }),
    createView: ({ body }) => {
      const made = { ...view(`view_${Date.now()}`, body.name, body.search, body.shared), ...body };
      views.push(made);
      return made;
    },
    updateView: ({ params, body }) => {
      const at = views.findIndex(({ id }) => id === params.id);
      const before = views[at] ?? view(params.id, '', '', false);
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      views[at] = { ...before, ...given };
      return views[at];
    },
    deleteView: ({ params }) => {
      views.splice(
        views.findIndex(({ id }) => id === params.id),
        1,
      );
      return {};
    },
  };
}

function view(id: string, name: string, search: string, shared: boolean): View {
  return {
    id,
    name,
    search,
    hiddenColumns: null,
    shared,
    owner: 'user:admin',
    mine: true,
    updatedAt: toIso(Date.now()),
  };
}
