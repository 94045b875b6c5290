/** Puts together what watches over the CMDB: changes that nobody approved, what findings open, software and licences. */
import { createChanges } from './changes/changes.ts';
import { addChangesRoutes } from './changes/routes.ts';
import { createChangeWatch } from './changes/watch.ts';
import { createBackground } from './background.ts';
import { ciNames } from './cmdb/names.ts';
import type { RecordsDeps } from './app-records.ts';
import { createSqlChangeStore } from './store/sql/changes.ts';
import { createSqlHistoryStore } from './store/sql/history.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface Control {
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
  /** Resolves when what was reported so far is judged. */
  settled(): Promise<void>;
}

export async function createControl(deps: RecordsDeps): Promise<Control> {
  const { sql, cmdb, cmdbStore, findings, routes, newId, clock, log } = deps;
  const behind = createBackground(log);
  const history = createSqlHistoryStore(sql);
  const changeStore = createSqlChangeStore(sql);
  const watch = createChangeWatch({
    store: changeStore,
    findings,
    sourcesOf: async (machineId, names) => {
      const wanted = new Set(names);
      const installed = await cmdbStore.installations(machineId);
      return new Map(
        installed.filter(({ name }) => wanted.has(name)).map(({ name, source }) => [name, source]),
      );
    },
    explain: async (explained) => {
      const byCause = Map.groupBy(explained, ({ by, id }) => (by === 'change' ? id : `policy:${id}`));
      for (const [causeId, some] of byCause)
        await history.linkCause(
          some.map(({ historyId }) => historyId),
          causeId,
        );
    },
  });
  cmdb.onApplied((change) => {
    if (change.history.length === 0) return;
    behind.run('what a report changed was not judged', () => watch.follow(change, clock.now()));
  });
  addChangesRoutes(routes, {
    changes: createChanges({ store: changeStore, newId }),
    store: changeStore,
    ciNames: (ids) => ciNames(cmdbStore, ids),
    onPolicy: watch.forgetPolicy,
  });
  return {
    tick: async () => {},
    settled: () => behind.settled(),
  };
}
