/** The columns of the list of configuration items: those of every class, and those of the one that is chosen. */
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { isPartClass } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { ciLook } from '../../parts/ciLook.ts';
import { useClassRegistry } from '../../parts/classSchema.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { cx } from '../../ui/cx.ts';
import type { Column } from '../../ui/DataTable.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT } from '../../util/quantity.ts';
import { agoText, millis } from '../../util/time.ts';
import { ciIcon } from './ClassTree.tsx';
import { listFieldsOf } from './listFields.ts';

/** Evidence older than this is marked: agents confirm their inventory at least daily. */
const EVIDENCE_STALE_MS = 7 * DAY_MS;

export interface CiColumn extends Column<CiSummary> {
  readonly text: (ci: CiSummary) => string;
}

export function useColumns(ciClass: string | undefined): CiColumn[] {
  const t = useT();
  const language = useLanguage();
  const registry = useClassRegistry();
  return useMemo(() => {
    const classWord = (name: string) => registry.titleOf(name)?.[language] ?? name;
    const lifecycle = (ci: CiSummary) => valueText('Server', 'lifecycle', ci.lifecycle, t, language);
    const plain = (
      id: string,
      header: string,
      text: (ci: CiSummary) => string | null,
      more: Partial<CiColumn>,
    ): CiColumn => ({
      id,
      header,
      text: (ci) => text(ci) ?? '',
      cell: (ci) => <span className="text-text-2">{text(ci) ?? ABSENT}</span>,
      widthPx: 110,
      priority: 5,
      ...more,
    });
    const isPart = isPartClass(ciClass);
    return [
      plain('name', t('cmdb.name'), (ci) => ci.name, {
        cell: (ci) => <CiName ci={ci} />,
        widthPx: 190,
        grow: 2,
        priority: 1,
      }),
      ...(isPart
        ? [
            plain('machine', t('cmdb.machine'), (ci) => ci.machine?.name ?? null, {
              cell: (ci) => <MachineLink ci={ci} />,
              widthPx: 150,
              grow: 1,
              priority: 2,
            }),
          ]
        : []),
      ...(ciClass === undefined || registry.childrenOf(ciClass).length > 0
        ? [
            plain('class', t('cmdb.class'), (ci) => classWord(ci.subclass ?? ci.class), {
              widthPx: 100,
              priority: 3,
            }),
          ]
        : []),
      ...(isPart
        ? []
        : [
            plain('state', t('machines.column.state'), (ci) => t(ciLook(ci).word), {
              cell: (ci) => <StatusBadge look={ciLook(ci)} />,
              widthPx: 100,
              priority: 3,
            }),
          ]),
      ...listFieldsOf(ciClass, registry).map(({ name, widthPx, priority, look }) =>
        fieldColumn(name, registry.baseOf(ciClass ?? 'Server') ?? 'Server', t, language, {
          widthPx,
          priority,
          look,
        }),
      ),
      plain('lifecycle', t('cmdb.lifecycle'), lifecycle, { widthPx: 96, priority: isPart ? 8 : 4 }),
      plain('site', t('cmdb.site'), ({ site }) => site, { widthPx: 110, priority: 6, grow: 1 }),
      plain('evidence', t('cmdb.evidence'), (ci) => ci.evidenceAt ?? null, {
        cell: (ci) => <Evidence at={ci.evidenceAt ?? null} />,
        align: 'right',
        widthPx: 112,
        priority: 2,
      }),
    ];
  }, [t, language, registry, ciClass]);
}

function fieldColumn(
  name: string,
  ciClass: string,
  t: Translate,
  language: ReturnType<typeof useLanguage>,
  { widthPx, priority, look }: { widthPx: number; priority: number; look: 'mono' | 'right' | undefined },
): CiColumn {
  const text = (ci: CiSummary) => {
    const value = ci.attributes?.[name];
    return value === undefined || value === null ? '' : valueText(ci.class, name, value, t, language);
  };
  return {
    id: name,
    header: valueTitle(ciClass, name, t, language),
    text,
    cell: (ci) => (
      <span title={text(ci)} className={cx('text-text-2', look === 'mono' && 'font-mono text-12')}>
        {text(ci) || ABSENT}
      </span>
    ),
    widthPx,
    priority,
    grow: look === 'right' ? 0 : 1,
    ...(look === 'right' ? { align: 'right' as const } : {}),
  };
}

function CiName({ ci }: { ci: CiSummary }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Icon name={ciIcon(ci.class)} className="text-text-3" />
      <Link
        to="/cis/$id"
        params={{ id: ci.id }}
        data-row-link=""
        title={ci.name}
        className="min-w-0 truncate font-medium hover:text-accent"
      >
        {ci.name}
      </Link>
    </span>
  );
}

function MachineLink({ ci }: { ci: CiSummary }) {
  return (
    ci.machine && (
      <Link to="/cis/$id" params={{ id: ci.machine.id }} className="text-text-2 hover:text-accent">
        {ci.machine.name}
      </Link>
    )
  );
}

/** Age of the last report that confirmed it. */
export function Evidence({ at }: { at: string | null }) {
  const t = useT();
  const now = useNow(60_000);
  if (at === null) return <span className="text-text-3">{t('time.never')}</span>;
  const ageMs = now - millis(at);
  const stale = ageMs > EVIDENCE_STALE_MS;
  // Beyond an hour its minutes say nothing.
  const roundedMs = ageMs < HOUR_MS ? ageMs : ageMs - (ageMs % (ageMs < DAY_MS ? HOUR_MS : DAY_MS));
  return (
    <time
      dateTime={at}
      className={cx('inline-flex items-center gap-1', stale ? 'text-warn-fg' : 'text-text-3')}
    >
      {stale && <Glyph name="triangle" />}
      {agoText(now - roundedMs, now, t)}
    </time>
  );
}
