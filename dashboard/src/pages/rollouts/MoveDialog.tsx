/** A step of a rollout is asked first, with how many machines it touches. */
import { useState } from 'react';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { type Move, touchedBy } from './progress.ts';
import { useMove } from './queries.ts';

const NOTE_LENGTH_MAX = 500;

export function MoveDialog({
  rollout,
  move,
  onClose,
}: {
  rollout: Rollout;
  move: Move;
  onClose: () => void;
}) {
  const t = useT();
  const act = useMove(rollout.id);
  const [note, setNote] = useState('');
  const { touched, underWay, kept } = touchedBy(move, rollout);
  const question =
    move === 'promoted' && touched === 0
      ? 'rollouts.ask.promotedLast'
      : move === 'stopped' && rollout.state === 'rolling-back'
        ? 'rollouts.ask.stoppedReturn'
        : (`rollouts.ask.${move}` as const);
  return (
    <AskDialog
      title={t(`rollouts.ask.${move}Title`)}
      text={t(question, { count: touched, underWay, kept })}
      button={t(`rollouts.act.${move}`)}
      danger={move === 'stopped' || move === 'rolling-back'}
      right="rollouts.write"
      state={act}
      onClose={onClose}
      onSubmit={() =>
        act.mutate(
          { to: move, note: note.trim() },
          {
            onSuccess: () => {
              say(t(`rollouts.told.${move}`));
              onClose();
            },
          },
        )
      }
    >
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
