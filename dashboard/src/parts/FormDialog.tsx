/** A form in a dialog: what it means, the fields, what went wrong, and the two buttons. */
import type { Right } from '@muster/shared/api/rights.ts';
import { useActionRefusal } from '../app/refusal.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

export interface FormDialogProps {
  readonly title: string;
  readonly text?: string | undefined;
  readonly button: string;
  /** Of the button that leaves everything as it is. */
  readonly keep?: string;
  readonly danger?: boolean;
  readonly right: Right;
  readonly ready?: boolean;
  readonly state: { readonly isPending: boolean; readonly error: Error | null };
  /** The sentence for what went wrong. */
  readonly words: (error: unknown) => string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly children?: React.ReactNode;
}

export function FormDialog({ danger = false, ready = true, ...props }: FormDialogProps) {
  const { title, text, button, keep, state, words, onClose, onSubmit } = props;
  const t = useT();
  const refusal = useActionRefusal(props.right);
  return (
    <Dialog open onClose={onClose} title={title} description={text}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {props.children}
        {state.error && (
          <p role="alert" className="text-12 font-medium text-crit-fg">
            {words(state.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{keep ?? t('ui.cancel')}</Button>
          <Button
            type="submit"
            look={danger ? 'danger' : 'primary'}
            disabled={!ready || state.isPending}
            disabledReason={refusal}
          >
            {button}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
