/** The same points as a table of at most 60 rows; all of them are in the CSV. */
import type { Millis } from '@muster/shared/time.ts';
import { useT, useLanguage } from '../i18n/i18n.ts';
import { quantityText, type Scale } from '../util/quantity.ts';
import { dateTimeText } from '../util/time.ts';
import { type ChartSeries, pointRows, twinRows } from './data.ts';

export interface TableTwinProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly unit: string;
  readonly scale: Scale;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly heightPx: number;
}

export function TableTwin({ title, series, unit, scale, fromMs, toMs, heightPx }: TableTwinProps) {
  const t = useT();
  const language = useLanguage();
  const all = pointRows(series, fromMs, toMs);
  const rows = twinRows(all.length).flatMap((index) => all[index] ?? []);
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={title}
      style={{ maxHeight: heightPx }}
      className="overflow-y-auto px-2 print:max-h-none!"
    >
      <table aria-label={title} className="w-full border-collapse text-12">
        <thead>
          <tr>
            <th scope="col" className="sticky top-0 bg-surface py-1 text-left font-medium text-text-3">
              {t('charts.time')}
            </th>
            {series.map((each) => (
              <th
                key={each.id}
                scope="col"
                className="sticky top-0 bg-surface py-1 text-right font-medium text-text-3"
              >
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ atMs, points }) => (
            <tr key={atMs} className="border-t border-line">
              <td className="py-0.5">{dateTimeText(atMs, language)}</td>
              {series.map((each, index) => (
                <td key={each.id} className="py-0.5 text-right">
                  {quantityText(points[index]?.[1], unit, language, scale)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="py-1.5 text-11 text-text-3">
        {t('charts.rowsShown', { shown: rows.length, total: all.length })}
      </p>
    </div>
  );
}
