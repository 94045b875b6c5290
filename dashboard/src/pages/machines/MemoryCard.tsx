/** Memory: how much, and the modules as they stand in their slots. */
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { FactList } from './FactList.tsx';
import { type Part, partValue } from './PartsTable.tsx';
import { SourceMark } from './SourceMark.tsx';
import { valueText } from '../../parts/valueWords.ts';

/** Empty slots drawn one by one; a board with more says how many are left. */
const EMPTY_SLOTS_DRAWN_MAX = 16;

export function MemoryCard({ ci, modules }: { ci: CiDetail; modules: readonly Part[] }) {
  const t = useT();
  const told = ci.details.find(({ name }) => name === 'memorySlots')?.value;
  const filled = modules.filter((part) => sizeOf(part) > 0);
  const slots = typeof told === 'number' ? Math.max(told, modules.length) : null;
  // Modules of size 0 are slots that the source lists although nothing is in them.
  const emptySlots = slots === null ? 0 : slots - modules.length;
  const note =
    modules.length === 0
      ? undefined
      : slots === null
        ? t('machines.hardware.modules', { count: filled.length })
        : t('machines.hardware.slots', { count: slots, filled: filled.length });
  return (
    <Card title={t('machines.hardware.memory')} note={note} flush>
      <FactList ci={ci} names={['memoryBytes']} />
      {modules.length === 0 ? (
        <p className="border-t border-line px-4 py-3 text-12 text-text-3">
          {t('machines.hardware.noModules')}
        </p>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(148px,1fr))] gap-2 border-t border-line p-4">
          {modules.map((part) => (
            <Slot key={part.id} part={part} />
          ))}
          {Array.from({ length: Math.min(EMPTY_SLOTS_DRAWN_MAX, emptySlots) }, (_, index) => (
            <li
              key={index}
              className="grid min-h-19 place-items-center rounded-md border border-dashed border-line-strong text-12 text-text-3"
            >
              {t('machines.hardware.emptySlot')}
            </li>
          ))}
          {emptySlots > EMPTY_SLOTS_DRAWN_MAX && (
            <li className="self-center text-12 text-text-3">
              {t('machines.hardware.emptySlots', { count: emptySlots - EMPTY_SLOTS_DRAWN_MAX })}
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

function Slot({ part }: { part: Part }) {
  const t = useT();
  const language = useLanguage();
  const text = (name: string) => valueText(part.class, name, partValue(part, name), t, language);
  const known = (...names: string[]) =>
    names
      .filter((name) => partValue(part, name) !== null)
      .map(text)
      .join(' · ') || ABSENT;
  if (sizeOf(part) === 0) {
    return (
      <li className="rounded-md border border-dashed border-line-strong px-3 py-2 text-12 text-text-3">
        <span className="block truncate">{part.name}</span>
        {t('machines.hardware.emptySlot')}
      </li>
    );
  }
  return (
    <li className="relative rounded-md border border-line bg-sunken px-3 py-2 text-12">
      <span className="block truncate pr-5 text-text-2">{part.name}</span>
      <span className="block text-14 font-semibold">{text('sizeBytes')}</span>
      <span className="block truncate text-text-2">{known('type', 'transfersPerSecond')}</span>
      <span className="block truncate text-text-2" title={known('manufacturer', 'partNumber', 'serial')}>
        {known('manufacturer', 'partNumber')}
      </span>
      <span className="absolute top-1 right-1">
        <SourceMark name={part.name} attributes={part.details} />
      </span>
    </li>
  );
}

function sizeOf(part: Part): number {
  const size = partValue(part, 'sizeBytes');
  return typeof size === 'number' ? size : 0;
}
