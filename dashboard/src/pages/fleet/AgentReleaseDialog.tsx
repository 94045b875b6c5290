/** What runs on one machine, what was taken back there and why, and whether rollouts take it along. */
import { useState } from 'react';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { SERVER_ASKED } from '@muster/shared/release/taken-back.ts';
import { useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { say } from '../../ui/Toast.tsx';
import { usePin } from '../rollouts/queries.ts';
import { takenBackWords, wentBackByItself } from '../rollouts/words.ts';

const NOTE_LENGTH_MAX = 500;

export function AgentReleaseDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const t = useT();
  const title = t('rollouts.agent.title', { name: agent.hostname });
  if (agent.release === null)
    return (
      <Dialog open onClose={onClose} title={title}>
        <Facts agent={agent} />
        <DialogActions>
          <Button onClick={onClose}>{t('ui.close')}</Button>
        </DialogActions>
      </Dialog>
    );
  return <PinDialog agent={agent} title={title} pinned={agent.release.pinned} onClose={onClose} />;
}

function PinDialog({
  agent,
  title,
  pinned,
  onClose,
}: {
  agent: Agent;
  title: string;
  pinned: boolean;
  onClose: () => void;
}) {
  const t = useT();
  const pin = usePin(agent.id);
  const [note, setNote] = useState('');
  return (
    <AskDialog
      title={title}
      button={t(pinned ? 'rollouts.agent.unpin' : 'rollouts.agent.pin')}
      right="rollouts.write"
      state={pin}
      onClose={onClose}
      onSubmit={() =>
        pin.mutate(
          { pinned: !pinned, note: note.trim() },
          {
            onSuccess: () => {
              say(
                t(pinned ? 'rollouts.agent.unpinnedNow' : 'rollouts.agent.pinnedNow', {
                  name: agent.hostname,
                }),
              );
              onClose();
            },
          },
        )
      }
    >
      <Facts agent={agent} />
      <TextField
        label={t('rollouts.ask.note')}
        help={t('rollouts.ask.noteHelp')}
        value={note}
        maxLength={NOTE_LENGTH_MAX}
        onChange={(event) => setNote(event.target.value)}
      />
    </AskDialog>
  );
}

function Facts({ agent: { version, release } }: { agent: Agent }) {
  const t = useT();
  return (
    <>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
        <dt className="text-text-3">{t('rollouts.agent.version')}</dt>
        <dd>
          {version}
          {release !== null && (
            <span className="ml-2 text-text-2">
              {release.serial === 0
                ? t('rollouts.byLine')
                : t('rollouts.versions.release', { serial: release.serial })}
            </span>
          )}
        </dd>
        <dt className="text-text-3">{t('rollouts.agent.upgrades')}</dt>
        <dd>
          {t(
            release === null
              ? 'rollouts.agent.unable'
              : release.pinned
                ? 'rollouts.agent.pinned'
                : 'rollouts.agent.able',
          )}
          {release?.onTrial && <span className="block">{t('rollouts.agent.onTrial')}</span>}
        </dd>
      </dl>
      {release?.takenBack?.why === SERVER_ASKED && (
        <p className="leading-prose text-text-2">
          {t('rollouts.agent.rolledBack', { serial: release.takenBack.serial })}
        </p>
      )}
      {release?.takenBack && wentBackByItself(release) && (
        <div className="rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
          <p className="flex items-start gap-2 font-medium">
            <Glyph name="triangle" className="mt-1" />
            {t('rollouts.agent.takenBack', { serial: release.takenBack.serial })}
          </p>
          <Why why={release.takenBack.why} />
        </div>
      )}
    </>
  );
}

/** What no sentence of the scripts is stays in the agent's own words. */
function Why({ why }: { why: string }) {
  const t = useT();
  const words = takenBackWords(why, t);
  return (
    <p {...(words === null ? { lang: 'en' } : {})} className="pl-5 text-12 leading-prose break-words">
      {words ?? why}
    </p>
  );
}
