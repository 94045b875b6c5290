/** What stands above a page on paper and nowhere else: what it is, for what, of when, from what, how complete. */
import { useLanguage, useT } from '../i18n/i18n.ts';
import { nowMs } from '../util/clock.ts';
import { dateTimeText, zoneText } from '../util/time.ts';
import { Mark } from './Icon.tsx';
import { usePrinting } from './printing.ts';

export interface PrintHeaderProps {
  /** Identity of the report, e.g. `Availability, SRV-ERP01`. */
  readonly title: string;
  /** What it is for, in one sentence. */
  readonly purpose: string;
  /** From when to when, with the zone. */
  readonly period?: string | undefined;
  /** Where the figures come from. */
  readonly source?: string | undefined;
  /** How much of the period, or of the fleet, is known; which filter is in force. */
  readonly coverage?: string | undefined;
}

export function PrintHeader({ title, purpose, period, source, coverage }: PrintHeaderProps) {
  const t = useT();
  const language = useLanguage();
  // Drawn again for the paper, so that the time is that of printing.
  usePrinting();
  const now = nowMs();
  const facts = [
    [t('ui.print.period'), period],
    [t('ui.print.source'), source],
    [t('ui.print.coverage'), coverage],
    [t('ui.print.made'), `${dateTimeText(now, language, false)}, ${zoneText(now)}`],
  ] as const;
  return (
    <header className="mb-4 hidden border-b border-line-strong pb-3 print:block">
      <p className="flex items-center gap-2 text-12 text-text-2">
        <Mark size={18} />
        <span translate="no">{t('shell.product')}</span>
      </p>
      <p className="mt-2 text-20 leading-tight font-title">{title}</p>
      <p className="mt-0.5 text-text-2">{purpose}</p>
      <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-12">
        {facts.map(
          ([word, value]) =>
            value !== undefined && (
              <div key={word} className="contents">
                <dt className="text-text-3">{word}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </header>
  );
}
