/** What an import says of a row, in the reader's language. */
import type { ImportRow } from '@muster/shared/api/imports.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classTitle } from '../../parts/attributes.ts';
import { valueTitle } from '../../parts/valueWords.ts';

type Problem = ImportRow['problems'][number];

export interface RowWords {
  readonly field: (name: string) => string;
  readonly problem: (problem: Problem) => string;
  readonly left: (left: NonNullable<ImportRow['left']>) => string;
}

export function useRowWords(ciClass: string): RowWords {
  const t = useT();
  const language = useLanguage();
  const field = (name: string): string =>
    name === 'user' || name === 'location' ? t(`assets.${name}`) : valueTitle(ciClass, name, t, language);
  const said = (value: string | number | undefined): string => String(value ?? '');
  return {
    field,
    problem: ({ code, data }) => {
      const filled = {
        ...data,
        ...(data['class'] === undefined ? {} : { class: classTitle(said(data['class']), language) }),
        ...(data['attribute'] === undefined ? {} : { attribute: field(said(data['attribute'])) }),
      };
      if (code === 'refused' && data['code'] === 'asset-number-taken')
        return t('assets.import.problem.number-taken', filled);
      if (code === 'refused' && data['code'] === 'transition-not-allowed')
        return t('assets.import.problem.no-step', filled);
      return t(`assets.import.problem.${code}`, filled);
    },
    left: ({ code, data }) => {
      const fields = said(data['fields']).split(', ').map(field).join(t('ui.listSeparator'));
      return t(`assets.import.left.${code}`, { ...data, fields, field: field(said(data['field'])) });
    },
  };
}
