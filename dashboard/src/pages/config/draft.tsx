/** Changes to the groups that are not saved yet, and the bar that saves them as a new version; both pages have it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConfigGroups, ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { AGENT_CONFIG_KEY, configQuery } from '../../parts/machineConfig.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';
import { ChangesTable } from './ChangesTable.tsx';
import { configChanges } from './changes.ts';

export interface Draft {
  readonly content: ConfigGroups;
  readonly change: (content: ConfigGroups) => void;
  readonly bar: React.ReactNode;
}

/** @param problemOf why it cannot be saved as it stands */
export function useDraft(
  held: ConfigVersion,
  problemOf: (content: ConfigGroups) => string | undefined = () => undefined,
): Draft {
  const [edited, setEdited] = useState<ConfigGroups | null>(null);
  const content = edited ?? held.content;
  return {
    content,
    change: setEdited,
    bar: (
      <SaveBar
        held={held}
        content={content}
        problem={problemOf(content)}
        onSaved={() => setEdited(null)}
        onUndo={() => setEdited(null)}
      />
    ),
  };
}

function SaveBar({
  held,
  content,
  problem,
  onSaved,
  onUndo,
}: {
  held: ConfigVersion;
  content: ConfigGroups;
  problem: string | undefined;
  onSaved: () => void;
  onUndo: () => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('config.write');
  const queries = useQueryClient();
  const [showing, setShowing] = useState(false);
  const changes = configChanges(held.content, content);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.setAgentConfig, { body: { basedOn: held.version, content } }),
    onSuccess: async (made) => {
      queries.setQueryData(configQuery.queryKey, made);
      await queries.invalidateQueries({ queryKey: AGENT_CONFIG_KEY });
      setShowing(false);
      onSaved();
      say(t('config.save.saved', { version: made.version }));
    },
  });
  if (changes.length === 0) return null;
  return (
    <>
      <div
        role="region"
        aria-label={t('config.save.changes', { count: changes.length })}
        className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-raised px-4 py-3 shadow-2 max-tablet:bottom-[72px] print:hidden"
      >
        <span className="min-w-0 flex-1 font-medium">
          {problem ?? t('config.save.changes', { count: changes.length })}
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
        onClose={() => setShowing(false)}
        title={t('config.save.changes', { count: changes.length })}
      >
        <ChangesTable changes={changes} />
        {save.error && <ErrorPanel error={save.error} />}
        <DialogActions>
          <Button onClick={() => setShowing(false)}>{t('ui.cancel')}</Button>
          <Button
            look="primary"
            disabledReason={refusal}
            disabled={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('config.save.save', { version: held.version + 1 })}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
