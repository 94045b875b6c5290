/** The classes with how many there are of each; where there is no room for a tree, a select. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  type CiClass,
  MACHINE_CLASSES,
  PART_CLASSES,
  RECORD_CLASSES,
  SOFTWARE_CLASS,
} from '@muster/shared/cmdb/classes.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { useClassRegistry } from '../../parts/classSchema.ts';
import { cx } from '../../ui/cx.ts';
import { SelectField } from '../../ui/Field.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { classesQuery } from './queries.ts';

const ICONS: Readonly<Record<CiClass, IconName>> = {
  Server: 'server',
  Workstation: 'laptop',
  VirtualMachine: 'virtual',
  Component: 'box',
  NetworkInterface: 'network',
  FileSystem: 'disk',
  OperatingSystem: 'gear',
  IPAddress: 'network',
  RunningService: 'pulse',
  DatabaseInstance: 'disk',
  Organisation: 'home',
  Person: 'user',
  Team: 'user',
  Location: 'home',
  Service: 'pulse',
  BusinessApplication: 'table',
  NetworkDevice: 'network',
  Printer: 'note',
  Peripheral: 'monitor',
  Subnet: 'network',
  Licence: 'lock',
  Contract: 'note',
  Supplier: 'box',
  Document: 'note',
};

export function ciIcon(ciClass: string): IconName {
  return isCiClass(ciClass) ? ICONS[ciClass] : 'box';
}

interface Entry {
  /** undefined: all machines. */
  readonly class: string | undefined;
  readonly icon: IconName;
  readonly label: string;
  /** Classes above it that were picked from the same group. */
  readonly depth: number;
  readonly count: number | null;
}

function useEntries(): { machines: Entry[]; parts: Entry[]; records: Entry[] } {
  const t = useT();
  const language = useLanguage();
  const registry = useClassRegistry();
  const { data } = useQuery(classesQuery);
  const counts = new Map(data?.items.map((item) => [item.class, item.count]));
  /** The class, and below it those of the administrator's own making; archived ones while there are CIs of them. */
  const below = (name: string, icon: IconName, depth: number): Entry[] => [
    {
      class: name,
      icon,
      label: registry.titleOf(name)?.[language] ?? name,
      count: data ? (counts.get(name) ?? 0) : null,
      depth,
    },
    ...registry
      .childrenOf(name)
      .filter((own) => !own.archived || (counts.get(own.name) ?? 0) > 0)
      .flatMap((own) => below(own.name, icon, depth + 1)),
  ];
  const of = (names: readonly CiClass[]) => names.flatMap((name) => below(name, ICONS[name], 0));
  const machines = of(MACHINE_CLASSES);
  const all: Entry = {
    class: undefined,
    icon: 'monitor',
    label: t('cmdb.allMachines'),
    depth: 0,
    // Those of own classes are counted with the built-in class above.
    count: data
      ? machines.reduce((sum, { depth, count }) => sum + (depth === 0 ? (count ?? 0) : 0), 0)
      : null,
  };
  return { machines: [all, ...machines], parts: of(PART_CLASSES), records: of(RECORD_CLASSES) };
}

export function ClassTree({ chosen }: { chosen: string | undefined }) {
  const t = useT();
  const words = useWords();
  const { machines, parts, records } = useEntries();
  return (
    <nav
      aria-label={t('cmdb.classes')}
      className="card no-print sticky top-[calc(var(--topbar)+16px)] p-2 max-desk:hidden"
    >
      <h2 className="px-2 pt-1 pb-1 text-11 font-medium text-text-3">{t('cmdb.group.machines')}</h2>
      <Entries entries={machines} chosen={chosen} />
      <h2 className="px-2 pt-3 pb-1 text-11 font-medium text-text-3">{t('cmdb.group.parts')}</h2>
      <Entries entries={parts} chosen={chosen} />
      <h2 className="px-2 pt-3 pb-1 text-11 font-medium text-text-3">{t('cmdb.group.records')}</h2>
      <Entries entries={records} chosen={chosen} />
      <Link
        to="/software"
        className="flex h-[30px] items-center gap-2 rounded-md px-2 pl-3 text-text-2 hover:bg-hover hover:text-text coarse:h-11"
      >
        <Icon name="columns" />
        <span className="min-w-0 flex-1 truncate">{words(SOFTWARE_CLASS.title)}</span>
      </Link>
    </nav>
  );
}

/** Deeper ones stand where the last does. */
const INDENTS = ['pl-3', 'pl-6', 'pl-9', 'pl-12'] as const;

function Entries({ entries, chosen }: { entries: readonly Entry[]; chosen: string | undefined }) {
  const language = useLanguage();
  return (
    <ul>
      {entries.map((entry) => {
        const current = entry.class === chosen;
        return (
          <li key={entry.class ?? 'all'}>
            <Link
              from="/cis"
              to="/cis"
              search={(before) => ({ ...before, class: entry.class })}
              aria-current={current ? 'page' : undefined}
              className={cx(
                'flex h-[30px] items-center gap-2 rounded-md px-2 coarse:h-11',
                entry.class !== undefined && (INDENTS[entry.depth] ?? INDENTS.at(-1)),
                current
                  ? 'bg-selected font-medium text-accent'
                  : 'text-text-2 hover:bg-hover hover:text-text',
              )}
            >
              <Icon name={entry.icon} />
              <span title={entry.label} className="min-w-0 flex-1 truncate">
                {entry.label}
              </span>
              <span className="min-w-8 text-right text-11 text-text-3">
                {entry.count === null ? (
                  <Skeleton className="ml-auto h-3 w-6" />
                ) : (
                  formatNumber(entry.count, 0, language)
                )}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** No class is named so: names begin with a capital. */
const ALL = 'all';
/** Spaces that a select does not swallow. */
const INDENT = '\u2003';

export function ClassSelect({ chosen }: { chosen: string | undefined }) {
  const t = useT();
  const language = useLanguage();
  const navigate = useNavigate({ from: '/cis' });
  const { machines, parts, records } = useEntries();
  return (
    <div className="no-print w-full desk:hidden">
      <SelectField
        label={t('cmdb.class')}
        value={chosen ?? ALL}
        options={[...machines, ...parts, ...records].map(({ class: name, label, count, depth }) => ({
          value: name ?? ALL,
          label:
            INDENT.repeat(depth) +
            (count === null
              ? label
              : t('cmdb.classCount', { label, count: formatNumber(count, 0, language) })),
        }))}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, class: value === ALL ? undefined : value }),
            replace: true,
          })
        }
      />
    </div>
  );
}
