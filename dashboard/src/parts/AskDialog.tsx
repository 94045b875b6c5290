/** A question with fields in a dialog: what went wrong is said as the control pages do. */
import { useControlErrorWords } from './controlQueries.ts';
import { FormDialog, type FormDialogProps } from './FormDialog.tsx';

export function AskDialog(props: Omit<FormDialogProps, 'words' | 'keep'>) {
  return <FormDialog {...props} words={useControlErrorWords()} />;
}
