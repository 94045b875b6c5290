/**
 * A field for a date or time. The browser writes it in its own language, which no page can change: where that is another
 * than the page's, what the field holds stands below it as the page says dates.
 */
import { useLanguage } from '../i18n/i18n.ts';
import { dateValueText } from '../util/dateValue.ts';
import { TextField } from './Field.tsx';

export interface DateFieldProps extends React.ComponentProps<typeof TextField> {
  readonly type: 'date' | 'datetime-local' | 'time';
  readonly value: string;
}

export function DateField({ help, ...rest }: DateFieldProps) {
  const language = useLanguage();
  const said = navigator.language.startsWith(language) ? null : dateValueText(rest.value, language);
  const below =
    said === null ? (
      help
    ) : (
      <>
        <span className="tabular-nums">{said}</span>
        {help && <span className="block">{help}</span>}
      </>
    );
  return <TextField {...rest} help={below} />;
}
