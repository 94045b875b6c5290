/** Ending a window, or one occurrence of it: what it means is said before it is done. */
import type { MaintenanceWindow } from '@muster/shared/api/maintenance.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { say } from '../../ui/Toast.tsx';
import { millis } from '../../util/time.ts';
import { useEnd, useSkip } from './queries.ts';
import { spanWords } from './words.ts';

/** 'stop': nothing more of it takes place. 'skip': the running or next occurrence alone. */
export interface Ending {
  readonly what: 'stop' | 'skip';
  readonly window: MaintenanceWindow;
}

export function EndDialog({ what, window, onClose }: Ending & { onClose: () => void }) {
  return what === 'skip' && window.next !== null ? (
    <SkipDialog window={window} occurrence={window.next} onClose={onClose} />
  ) : (
    <StopDialog window={window} onClose={onClose} />
  );
}

function SkipDialog({
  window,
  occurrence,
  onClose,
}: {
  window: MaintenanceWindow;
  occurrence: NonNullable<MaintenanceWindow['next']>;
  onClose: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const skip = useSkip();
  const when = spanWords(millis(occurrence.from), millis(occurrence.to), language);
  const runs = window.state === 'running' || window.state === 'waiting';
  return (
    <AskDialog
      title={t(runs ? 'maintenance.ask.endNow' : 'maintenance.ask.skip', { title: window.title })}
      text={t(runs ? 'maintenance.ask.endNowText' : 'maintenance.ask.skipText', { when })}
      button={t(runs ? 'maintenance.endNow' : 'maintenance.skip')}
      danger
      right="maintenance.write"
      state={skip}
      onClose={onClose}
      onSubmit={() =>
        skip.mutate(
          { window, occurrence },
          {
            onSuccess: () => {
              say(t('maintenance.ended', { title: window.title }));
              onClose();
            },
          },
        )
      }
    />
  );
}

function StopDialog({ window, onClose }: { window: MaintenanceWindow; onClose: () => void }) {
  const t = useT();
  const end = useEnd();
  const recurs = window.schedule?.kind === 'recurring';
  const runs = window.state === 'running' || window.state === 'waiting';
  const word = recurs ? 'stop' : runs ? 'endNow' : 'cancel';
  return (
    <AskDialog
      title={t(`maintenance.ask.${word}`, { title: window.title })}
      text={t(`maintenance.ask.${word}Text`)}
      button={t(`maintenance.${word}`)}
      danger
      right="maintenance.write"
      state={end}
      onClose={onClose}
      onSubmit={() =>
        end.mutate(window, {
          onSuccess: () => {
            say(t('maintenance.ended', { title: window.title }));
            onClose();
          },
        })
      }
    />
  );
}
