/** Attributes of a machine or of one of its parts, one to a row, each with its source. */
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { type Attribute, SourceMark } from './SourceMark.tsx';
import { valueText, valueTitle } from '../../parts/valueWords.ts';

/** Identifiers are compared sign by sign. */
const MONO: readonly string[] = [
  'uuid',
  'machineId',
  'macAddresses',
  'serial',
  'boardSerial',
  'chassisSerial',
];

export interface FactListProps {
  readonly ci: Pick<CiDetail, 'class' | 'details'>;
  readonly names: readonly string[];
  /** Left out where they are not known; the others stay with `–`. */
  readonly optional?: readonly string[];
}

export function FactList({ ci, names, optional = [] }: FactListProps) {
  const t = useT();
  const language = useLanguage();
  const rows = names
    .map((name) => ({ name, attribute: ci.details.find((each) => each.name === name) }))
    .filter(({ name, attribute }) => isKnown(attribute) || !optional.includes(name));
  return (
    <dl>
      {rows.map(({ name, attribute }) => {
        const title = valueTitle(ci.class, name, t, language);
        return (
          <div
            key={name}
            className="grid min-h-(--row) grid-cols-[minmax(104px,32%)_minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line py-1 pr-2.5 pl-4"
          >
            <dt className="text-text-3">{title}</dt>
            <dd className="col-span-2 flex min-w-0 items-center justify-between gap-x-3">
              {isKnown(attribute) ? (
                <>
                  <Value ciClass={ci.class} attribute={attribute} />
                  <SourceMark name={title} attributes={[attribute]} />
                </>
              ) : (
                <span tabIndex={0} title={t('machines.hardware.unknown')} className="rounded-sm text-text-3">
                  {ABSENT}
                  <span className="sr-only">{t('machines.hardware.unknown')}</span>
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

export function isKnown(attribute: Attribute | undefined): attribute is Attribute {
  const value = attribute?.value;
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  );
}

function Value({ ciClass, attribute }: { ciClass: string; attribute: Attribute }) {
  const t = useT();
  const language = useLanguage();
  const text = (value: unknown) => valueText(ciClass, attribute.name, value, t, language);
  const lines = Array.isArray(attribute.value) ? attribute.value.map(text) : [text(attribute.value)];
  const { observedValue } = attribute;
  return (
    <span className="min-w-0">
      <span className={cx('block break-words', MONO.includes(attribute.name) && 'font-mono text-12')}>
        {lines.map((line) => (
          <span key={line} className="block">
            {line}
          </span>
        ))}
      </span>
      {attribute.lockedBy !== null && (
        <span className="block text-12 text-text-3">
          {t('machines.hardware.locked', { who: actorWord(attribute.lockedBy, t) })}
        </span>
      )}
      {observedValue !== undefined && observedValue !== null && (
        <span className="flex items-center gap-1 text-12 text-warn-fg">
          <Glyph name="triangle" />
          {t('machines.hardware.observed', { value: text(observedValue) })}
        </span>
      )}
    </span>
  );
}
