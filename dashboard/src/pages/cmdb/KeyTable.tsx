/** Keys of a report beside those that are held, with what the comparison gave. */
import type { IdentityTrace } from '@muster/shared/api/cmdb.ts';
import type { z } from 'zod';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueTitle } from '../../parts/valueWords.ts';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import type { GlyphName } from '../../ui/states.ts';
import { ABSENT } from '../../util/quantity.ts';

type KeyRow = z.infer<typeof IdentityTrace>['keys'][number];

const VERDICTS = {
  equal: { word: 'cmdb.identity.verdict.equal', glyph: 'tick', tone: 'text-up-fg' },
  differs: { word: 'cmdb.identity.verdict.differs', glyph: 'triangle', tone: 'text-warn-fg' },
  absent: { word: 'cmdb.identity.verdict.absent', glyph: 'dash', tone: 'text-text-3' },
  ignored: { word: 'cmdb.identity.verdict.ignored', glyph: 'ring', tone: 'text-text-3' },
} as const satisfies Record<KeyRow['verdict'], { word: Key; glyph: GlyphName; tone: string }>;

export function KeyTable({ keys }: { keys: readonly KeyRow[] }) {
  const t = useT();
  const language = useLanguage();
  const value = (text: string | null) => (
    <span className="block font-mono text-12 break-all">{text ?? ABSENT}</span>
  );
  return (
    <PlainTable
      label={t('cmdb.identity.keys')}
      head={[
        { id: 'key', label: t('cmdb.identity.key') },
        { id: 'reported', label: t('cmdb.identity.reported') },
        { id: 'held', label: t('cmdb.identity.held'), className: 'max-tablet:hidden' },
        { id: 'verdict', label: t('cmdb.identity.result'), className: 'max-tablet:hidden' },
      ]}
    >
      {keys.map((row) => {
        const { word, glyph, tone } = VERDICTS[row.verdict];
        const verdict = (
          <span className={cx('inline-flex items-center gap-1.5', tone)}>
            <Glyph name={glyph} />
            {t(word)}
          </span>
        );
        return (
          <tr key={row.key}>
            <td className="min-w-20 text-text-3">
              {valueTitle('Server', row.key === 'macs' ? 'macAddresses' : row.key, t, language)}
            </td>
            <td>
              {value(row.reported)}
              {row.held !== row.reported && (
                <span className="block text-12 break-all text-text-3 tablet:hidden">
                  {t('cmdb.identity.heldIs', { value: row.held ?? ABSENT })}
                </span>
              )}
              <span className="block text-12 tablet:hidden">{verdict}</span>
            </td>
            <td className="max-tablet:hidden">{value(row.held)}</td>
            <td className="whitespace-nowrap max-tablet:hidden">{verdict}</td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
