/** The classes with how many there are of each; where there is no room for a tree, a select. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  CI_CLASSES,
  type CiClass,
  MACHINE_CLASSES,
  PART_CLASSES,
  RECORD_CLASSES,
  SOFTWARE_CLASS,
} from '@muster/shared/cmdb/classes.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
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
  readonly class: CiClass | undefined;
  readonly label: string;
  readonly count: number | null;
}

function useEntries(): { machines: Entry[]; parts: Entry[]; records: Entry[] } {
  const t = useT();
  const words = useWords();
  const { data } = useQuery(classesQuery);
  const of = (names: readonly CiClass[]) =>
    names.map(
      (name): Entry => ({
        class: name,
        label: words(CI_CLASSES[name].title),
        count: data ? (data.items.find((item) => item.class === name)?.count ?? 0) : null,
      }),
    );
  const machines = of(MACHINE_CLASSES);
  const all: Entry = {
    class: undefined,
    label: t('cmdb.allMachines'),
    count: data ? machines.reduce((sum, { count }) => sum + (count ?? 0), 0) : null,
  };
  return { machines: [all, ...machines], parts: of(PART_CLASSES), records: of(RECORD_CLASSES) };
}

export function ClassTree({ chosen }: { chosen: CiClass | undefined }) {
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

function Entries({ entries, chosen }: { entries: readonly Entry[]; chosen: CiClass | undefined }) {
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
                entry.class !== undefined && 'pl-3',
                current
                  ? 'bg-selected font-medium text-accent'
                  : 'text-text-2 hover:bg-hover hover:text-text',
              )}
            >
              <Icon name={entry.class === undefined ? 'monitor' : ICONS[entry.class]} />
              <span className="min-w-0 flex-1 truncate">{entry.label}</span>
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

export function ClassSelect({ chosen }: { chosen: CiClass | undefined }) {
  const t = useT();
  const language = useLanguage();
  const navigate = useNavigate({ from: '/cis' });
  const { machines, parts, records } = useEntries();
  return (
    <div className="no-print w-full desk:hidden">
      <SelectField
        label={t('cmdb.class')}
        value={chosen ?? 'all'}
        options={[...machines, ...parts, ...records].map(({ class: name, label, count }) => ({
          value: name ?? 'all',
          label:
            count === null ? label : t('cmdb.classCount', { label, count: formatNumber(count, 0, language) }),
        }))}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, class: isCiClass(value) ? value : undefined }),
            replace: true,
          })
        }
      />
    </div>
  );
}
