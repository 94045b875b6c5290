/** A number with its unit set smaller; the raw value is what is copied. */
import { useLanguage } from '../i18n/i18n.ts';
import { quantity, type Scale } from '../util/quantity.ts';
import { cx } from './cx.ts';

export interface QuantityProps {
  readonly value: number | null | undefined;
  /** Unit of the catalogue. */
  readonly unit: string;
  readonly scale?: Scale | undefined;
  readonly className?: string;
}

export function Quantity({ value, unit, scale, className }: QuantityProps) {
  const language = useLanguage();
  const { text, unit: shown } = quantity(value, unit, language, scale);
  return (
    <data value={value ?? ''} className={cx('whitespace-nowrap', className)}>
      {text}
      {shown && <span className="ml-[.2em] text-[.86em] font-normal text-text-3">{shown}</span>}
    </data>
  );
}
