/** What can be done with a chart: as table, all points as CSV, as picture. */
import { useLanguage, useT } from '../i18n/i18n.ts';
import { IconButton } from '../ui/Button.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import { say } from '../ui/Toast.tsx';
import { fileName, saveCsv, saveFile } from '../util/csv.ts';
import { dateTimeText } from '../util/time.ts';
import { csvRows } from './data.ts';
import type { TimeChartProps } from './TimeChart.tsx';

export interface ChartMenuProps {
  readonly chart: TimeChartProps;
  /** The machine or the incident, for the file's name and the picture's heading. */
  readonly name: string;
  readonly asTable: boolean;
  readonly onAsTable: (asTable: boolean) => void;
  readonly className?: string;
}

export function ChartMenu({ chart, name, asTable, onAsTable, className }: ChartMenuProps) {
  const t = useT();
  const language = useLanguage();
  const words = useErrorWords();
  const { title, series, unit, fromMs, toMs } = chart;
  const file = fileName(name, title, dateTimeText(fromMs, 'zh', false).replace(':', ''));
  const empty = series.every(({ points }) => points.times.length === 0);
  const picture = async () => {
    try {
      // Drawing outside of the page is needed only here.
      const { chartPicture } = await import('./picture.ts');
      saveFile(`${file}.png`, await chartPicture({ chart, name, t, language }));
    } catch (error) {
      say(words(error));
    }
  };
  return (
    <Menu
      trigger={
        <IconButton icon="more" label={t('charts.more', { title })} className={className ?? 'text-text-3'} />
      }
    >
      <MenuItem onSelect={() => onAsTable(!asTable)}>
        {t(asTable ? 'charts.asChart' : 'charts.asTable')}
      </MenuItem>
      {!empty && (
        <>
          <MenuItem onSelect={() => saveCsv(file, csvRows(series, unit, fromMs, toMs))}>
            {t('charts.csv')}
          </MenuItem>
          <MenuItem onSelect={() => void picture()}>{t('charts.png')}</MenuItem>
        </>
      )}
    </Menu>
  );
}
