/** A step of a rollout is asked first, with how many machines it touches. */
import { useState } from 'react';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import type { Move } from './progress.ts';
import { useMove } from './queries.ts';
import { isLastStep, questionWords } from './words.ts';

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
  const language = useLanguage();
  const act = useMove(rollout.id);
  const [note, setNote] = useState('');
  const word = isLastStep(move, rollout) ? 'promotedLast' : move;
  return (
    <AskDialog
      title={t(`rollouts.ask.${move}Title`)}
      text={questionWords(move, rollout, { t, language })}
      button={t(`rollouts.act.${word}`)}
      danger={move === 'stopped' || move === 'rolling-back'}
      right="rollouts.write"
      state={act}
      onClose={onClose}
      onSubmit={() =>
        act.mutate(
          { to: move, note: note.trim() },
          {
            onSuccess: () => {
              say(t(`rollouts.told.${word}`));
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
