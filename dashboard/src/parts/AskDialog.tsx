/** A question with fields in a dialog: what it means, what went wrong, and the two buttons. */
import type { Right } from '@muster/shared/api/rights.ts';
import { useActionRefusal } from '../app/refusal.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { useControlErrorWords } from './controlQueries.ts';

export interface AskDialogProps {
  readonly title: string;
  readonly text?: string | undefined;
  readonly button: string;
  readonly danger?: boolean;
  readonly right: Right;
  readonly ready?: boolean;
  readonly state: { readonly isPending: boolean; readonly error: Error | null };
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly children?: React.ReactNode;
}

export function AskDialog({ danger = false, ready = true, ...props }: AskDialogProps) {
  const { title, text, button, state, onClose, onSubmit } = props;
  const t = useT();
  const words = useControlErrorWords();
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
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
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
