/** Levels in force as a chart draws them, with their words. */
import { useMemo } from 'react';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { displayUnit, quantityText } from '../util/quantity.ts';
import type { ChartLevel } from './paint.ts';

export interface LevelInput {
  readonly severity: 'warning' | 'critical';
  readonly op: 'above' | 'below';
  readonly level: number;
  readonly clear: number;
}

export function useChartLevels(metric: string, unit: string, levels: readonly LevelInput[]): ChartLevel[] {
  const t = useT();
  const language = useLanguage();
  return useMemo(() => {
    const shown = displayUnit(metric, unit);
    const text = (value: number) =>
      quantityText(value * shown.factor, shown.unit, language).replace(/\.0(?=\D*$)/, '');
    return levels.map((level) => ({
      ...level,
      level: level.level * shown.factor,
      clear: level.clear * shown.factor,
      label: t(`charts.level.${level.severity}.${level.op}`, {
        level: text(level.level),
        clear: text(level.clear),
      }),
    }));
  }, [t, language, metric, unit, levels]);
}
