/** Changes to the groups that are not saved yet, and the bar that saves them as a new version; both pages have it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { configChanges } from '@muster/shared/agent-config/changes.ts';
import type { ConfigGroups, ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { AGENT_CONFIG_KEY, configQuery } from '../../parts/machineConfig.ts';
import { LeaveDialog } from '../../parts/LeaveDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';
import { ChangesTable } from './ChangesTable.tsx';
import { reachQuery } from './queries.ts';
import { rebased } from './rebased.ts';

export interface Draft {
  readonly content: ConfigGroups;
  readonly change: (content: ConfigGroups) => void;
  /** While a form is open nothing changes below it, whoever saves. */
  readonly hold: (open: boolean) => void;
  /** Another one: forms begin anew, or are closed. */
  readonly epoch: string;
  /** What is typed and is no value, so that it stands in no content: it must not be lost by a save. */
  readonly typed: string | undefined;
  readonly setTyped: (problem: string | undefined) => void;
  readonly bar: React.ReactNode;
}

interface Edited {
  /** What the changes are made to; somebody else may have saved since. */
  readonly base: ConfigVersion;
  readonly content: ConfigGroups;
  /** They were begun on an older version, and put on top of this one. */
  readonly wasMoved: boolean;
}

/** @param problemOf why it cannot be saved as it stands */
export function useDraft(
  held: ConfigVersion,
  problemOf: (content: ConfigGroups) => string | undefined = () => undefined,
): Draft {
  const [edited, setEdited] = useState<Edited | null>(null);
  const [begun, setBegun] = useState(0);
  const { base, content, wasMoved } = edited ?? { base: held, content: held.content, wasMoved: false };
  const epoch = `${base.version} ${begun}`;
  const [typedProblem, setTypedProblem] = useState<{ epoch: string; problem: string } | null>(null);
  const typed = typedProblem?.epoch === epoch ? typedProblem.problem : undefined;
  const drop = () => {
    setEdited(null);
    setBegun(begun + 1);
  };
  return {
    content,
    change: (next) => setEdited({ base, content: next, wasMoved }),
    hold: (open) =>
      setEdited((now) => {
        if (open) return now ?? { base, content, wasMoved };
        const isTouched = now !== null && configChanges(now.base.content, now.content).length > 0;
        return isTouched || typed !== undefined ? now : null;
      }),
    epoch,
    typed,
    setTyped: (problem) => setTypedProblem(problem === undefined ? null : { epoch, problem }),
    bar: (
      <SaveBar
        held={held}
        base={base}
        content={content}
        wasMoved={wasMoved}
        onMove={() =>
          setEdited({ base: held, content: rebased(base.content, content, held.content), wasMoved: true })
        }
        typed={typed}
        problem={typed ?? problemOf(content)}
        onSaved={drop}
        onUndo={drop}
      />
    ),
  };
}

function SaveBar({
  held,
  base,
  content,
  wasMoved,
  onMove,
  typed,
  problem,
  onSaved,
  onUndo,
}: {
  /** The newest that is known. */
  held: ConfigVersion;
  base: ConfigVersion;
  content: ConfigGroups;
  wasMoved: boolean;
  /** The changes are put on top of the newest. */
  onMove: () => void;
  typed: string | undefined;
  problem: string | undefined;
  onSaved: () => void;
  onUndo: () => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('config.write');
  const queries = useQueryClient();
  const [showing, setShowing] = useState(false);
  const changes = configChanges(base.content, content);
  const isBehind = base.version !== held.version;
  // Not while something is typed: they are looked at once more where they are.
  useEffect(() => {
    if (showing && isBehind) onMove();
  }, [showing, isBehind, onMove]);
  // The other saved the same.
  const isNothingLeft = showing && changes.length === 0;
  useEffect(() => {
    if (!isNothingLeft) return;
    setShowing(false);
    say(t('config.save.nothingLeft'));
  }, [isNothingLeft, t]);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.setAgentConfig, { body: { basedOn: base.version, content } }),
    onSuccess: async (made) => {
      queries.setQueryData(configQuery.queryKey, made);
      // At once: one's own version is nobody else's, on top of which anything were to be put.
      setShowing(false);
      onSaved();
      await queries.invalidateQueries({ queryKey: AGENT_CONFIG_KEY });
      say(t('config.save.saved', { version: made.version }));
    },
    // The changes are put on top of what somebody else has saved, and are looked at once more.
    onError: (error) =>
      isConflict(error) ? queries.invalidateQueries({ queryKey: configQuery.queryKey }) : null,
  });
  const reach = useQuery({ ...reachQuery(content), enabled: showing }).data;
  const leaving = {
    title: t('config.save.leaveTitle'),
    text: t('config.save.leaveText'),
    stay: t('config.save.stay'),
    leave: t('config.save.leave'),
  };
  const by = { version: held.version, by: actorWord(held.by ?? '', t) };
  const meanwhile = isBehind
    ? t('config.save.meanwhileBelow', by)
    : wasMoved && t('config.save.meanwhile', by);
  if (changes.length === 0) return <LeaveDialog dirty={typed !== undefined} words={leaving} />;
  return (
    <>
      <LeaveDialog dirty words={leaving} />
      <div
        role="region"
        aria-label={t('config.save.changes', { count: changes.length })}
        className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-raised px-4 py-3 shadow-2 max-tablet:bottom-[72px] print:hidden"
      >
        <span className="min-w-0 flex-1 font-medium">
          {problem ?? t('config.save.changes', { count: changes.length })}
          {meanwhile && <span className="block text-12 font-normal text-warn-fg">{meanwhile}</span>}
        </span>
        <Button onClick={onUndo}>{t('config.save.undo')}</Button>
        <Button
          look="primary"
          disabledReason={problem ?? refusal}
          disabled={save.isPending}
          onClick={() => setShowing(true)}
        >
          {t('config.save.show')}
        </Button>
      </div>
      <Dialog
        open={showing}
        onClose={() => {
          if (!save.isPending) setShowing(false);
        }}
        title={t('config.save.changes', { count: changes.length })}
      >
        <ChangesTable changes={changes} before={base.content} after={content} />
        {reach && (
          <p className="mt-2 text-text-2">
            {t('config.save.reach', { count: reach.changed, machines: reach.machines })}
          </p>
        )}
        {meanwhile && (
          <p role="status" className="mt-2 rounded-md bg-warn-weak px-3 py-2 leading-prose text-warn-fg">
            {meanwhile}
          </p>
        )}
        {save.error && !(isConflict(save.error) && wasMoved) && <ErrorPanel error={save.error} />}
        <DialogActions>
          <Button disabled={save.isPending} onClick={() => setShowing(false)}>
            {t('ui.cancel')}
          </Button>
          <Button
            look="primary"
            disabledReason={refusal}
            disabled={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('config.save.save', { version: base.version + 1 })}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'conflict';
}
