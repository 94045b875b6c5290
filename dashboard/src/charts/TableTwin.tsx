/** The same points as a table of at most 60 rows, and all of them as CSV. */
import { useT, useLanguage } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { quantityText, type Scale } from '../util/quantity.ts';
import { dateTimeText } from '../util/time.ts';
import { type Aligned, type ChartSeries, csvOf, twinRows } from './data.ts';

export interface TableTwinProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly unit: string;
  readonly scale: Scale;
  readonly aligned: Aligned;
}

export function TableTwin({ title, series, unit, scale, aligned }: TableTwinProps) {
  const t = useT();
  const language = useLanguage();
  return (
    <div>
      <div tabIndex={0} role="group" aria-label={title} className="max-h-[168px] overflow-y-auto">
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
            {twinRows(aligned.times.length).map((row) => (
              <tr key={aligned.times[row]} className="border-t border-line">
                <td className="py-0.5">{dateTimeText(aligned.times[row] ?? 0, language)}</td>
                {series.map((each, index) => (
                  <td key={each.id} className="py-0.5 text-right">
                    {aligned.averages[index]?.[row] == null
                      ? t('ui.noData')
                      : quantityText(aligned.averages[index]?.[row], unit, language, scale)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Button
        size="small"
        className="mt-2"
        onClick={() => download(`${title}.csv`, csvOf(series, unit, aligned))}
      >
        {t('charts.csv')}
      </Button>
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
