/** Leaving a page with changes that are not saved asks first, also when the window is closed. */
import { useBlocker } from '@tanstack/react-router';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

export interface LeaveDialogProps {
  readonly dirty: boolean;
  /** In the words of the page: a sentence for what would be lost, and the two ways. */
  readonly words: {
    readonly title: string;
    readonly text: string;
    readonly stay: string;
    readonly leave: string;
  };
}

export function LeaveDialog({ dirty, words }: LeaveDialogProps) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  if (status !== 'blocked') return null;
  return (
    <Dialog open onClose={reset} title={words.title} description={words.text}>
      <DialogActions>
        <Button onClick={reset}>{words.stay}</Button>
        <Button look="danger" onClick={proceed}>
          {words.leave}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
