/** A form in a dialog of the settings: what went wrong is said as for users and tokens. */
import { FormDialog as AnyFormDialog, type FormDialogProps } from '../../parts/FormDialog.tsx';
import { useAccessErrorWords } from './accessActions.ts';

export function FormDialog(props: Omit<FormDialogProps, 'words'>) {
  return <AnyFormDialog {...props} words={useAccessErrorWords()} />;
}
