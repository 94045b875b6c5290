/** Sections of the inventory that are lists of many small things: folded, and read when somebody opens one. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SectionData, Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { call } from '../../api/client.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ABSENT, quantityText } from '../../util/quantity.ts';
import { dateTimeText } from '../../util/time.ts';

/** Rows shown at first; the others when somebody asks for them. */
const ROWS_FIRST = 50;
/** From so many on, a list can be searched. */
const SEARCHED_FROM = 12;

type Cell = string | number | boolean | null | undefined;

interface Listing {
  readonly section: InventorySection;
  /** Lists of the section that it shows, for their number before it is opened. */
  readonly lists: readonly string[];
  readonly title: Key;
  readonly head: readonly Key[];
  readonly rows: (data: Snapshot, say: Say) => readonly (readonly Cell[])[];
}

/** Values in the reader's words. */
interface Say {
  readonly time: (atMs: number | null) => string | null;
  readonly bytes: (bytes: number | null) => string | null;
  readonly usage: (usage: 'used' | 'free' | 'unknown') => string | null;
}

const LISTINGS: readonly Listing[] = [
  {
    section: 'guests',
    lists: ['guests'],
    title: 'machines.inventory.guests',
    head: ['machines.inventory.name', 'machines.inventory.platform', 'machines.inventory.image'],
    rows: ({ guests }) => guests?.guests.map((one) => [one.name, one.hypervisor, one.image]) ?? [],
  },
  {
    section: 'security',
    lists: ['antivirus', 'firewalls', 'diskEncryption', 'remoteControls'],
    title: 'machines.inventory.security',
    head: ['machines.inventory.name', 'machines.inventory.version', 'machines.inventory.enabled'],
    rows: ({ security }) => (security ? protection(security) : []),
  },
  {
    section: 'sockets',
    lists: ['listening'],
    title: 'machines.inventory.listening',
    head: [
      'machines.inventory.port',
      'machines.inventory.address',
      'machines.inventory.program',
      'machines.inventory.service',
    ],
    rows: ({ sockets }) =>
      sockets?.listening.map((one) => [
        `${one.port}/${one.protocol}`,
        one.address,
        one.process,
        one.service,
      ]) ?? [],
  },
  {
    section: 'sockets',
    lists: ['outgoing'],
    title: 'machines.inventory.outgoing',
    head: ['machines.inventory.port', 'machines.inventory.address', 'machines.inventory.program'],
    rows: ({ sockets }) =>
      sockets?.outgoing.map((one) => [`${one.port}/${one.protocol}`, one.address, one.process]) ?? [],
  },
  {
    section: 'users',
    lists: ['users'],
    title: 'machines.inventory.administrators',
    head: ['machines.inventory.name', 'machines.inventory.fullName', 'machines.inventory.lastSignIn'],
    rows: ({ users }, say) => (users ? administrators(users, say) : []),
  },
  {
    section: 'users',
    lists: ['groups'],
    title: 'machines.inventory.groups',
    head: ['machines.inventory.name', 'machines.inventory.members'],
    rows: ({ users }) => users?.groups.map((one) => [one.name, one.members.join(', ')]) ?? [],
  },
  {
    section: 'patches',
    lists: ['patches'],
    title: 'machines.inventory.patches',
    head: ['machines.inventory.name', 'machines.inventory.title', 'machines.inventory.installed'],
    rows: ({ patches }, say) =>
      patches?.patches.map((one) => [one.id, one.title, say.time(one.installedAtMs)]) ?? [],
  },
  {
    section: 'storage',
    lists: ['volumeGroups', 'physicalVolumes'],
    title: 'machines.inventory.volumeGroups',
    head: [
      'machines.inventory.name',
      'machines.inventory.group',
      'machines.inventory.size',
      'machines.inventory.free',
    ],
    rows: ({ storage }, say) => [
      ...(storage?.volumeGroups.map((one) => [
        one.name,
        null,
        say.bytes(one.sizeBytes),
        say.bytes(one.freeBytes),
      ]) ?? []),
      ...(storage?.physicalVolumes.map((one) => [
        one.device,
        one.volumeGroup,
        say.bytes(one.sizeBytes),
        say.bytes(one.freeBytes),
      ]) ?? []),
    ],
  },
  {
    section: 'devices',
    lists: ['expansionSlots', 'connectors'],
    title: 'machines.inventory.slots',
    head: ['machines.inventory.name', 'machines.inventory.type', 'machines.inventory.use'],
    rows: ({ devices }, say) => [
      ...(devices?.expansionSlots.map((one) => [one.name, one.type, say.usage(one.usage)]) ?? []),
      ...(devices?.connectors.map((one) => [one.name, one.connector, one.use]) ?? []),
    ],
  },
  {
    section: 'devices',
    lists: ['sounds'],
    title: 'machines.inventory.sounds',
    head: ['machines.inventory.name', 'machines.inventory.provider', 'machines.inventory.driver'],
    rows: ({ devices }) => devices?.sounds.map((one) => [one.name, one.manufacturer, one.driver]) ?? [],
  },
  {
    section: 'storage',
    lists: ['logicalVolumes', 'raids'],
    title: 'machines.inventory.volumes',
    head: ['machines.inventory.name', 'machines.inventory.group', 'machines.inventory.state'],
    rows: ({ storage }) => [
      ...(storage?.logicalVolumes.map((one) => [one.name, one.volumeGroup, one.kind]) ?? []),
      ...(storage?.raids.map((one) => [one.name, one.level, one.state]) ?? []),
    ],
  },
  {
    section: 'drivers',
    lists: ['drivers'],
    title: 'machines.inventory.drivers',
    head: ['machines.inventory.name', 'machines.inventory.version', 'machines.inventory.provider'],
    rows: ({ drivers }) => drivers?.drivers.map((one) => [one.name, one.version, one.provider]) ?? [],
  },
  {
    section: 'devices',
    lists: ['controllers'],
    title: 'machines.inventory.controllers',
    head: ['machines.inventory.name', 'machines.inventory.provider', 'machines.inventory.driver'],
    rows: ({ devices }) =>
      devices?.controllers.map((one) => [one.product ?? one.class, one.vendor, one.driver]) ?? [],
  },
  {
    section: 'fingerprints',
    lists: ['files'],
    title: 'machines.inventory.files',
    head: ['machines.inventory.path', 'machines.inventory.owner', 'machines.inventory.hash'],
    rows: ({ fingerprints }) =>
      fingerprints?.files.map((one) => [
        one.path,
        `${one.owner ?? ''}:${one.group ?? ''} ${one.mode ?? ''}`,
        one.sha256?.slice(0, 12) ?? one.linkTarget,
      ]) ?? [],
  },
];

/** Who may do everything, and when the last of all people signed in. */
function administrators(
  { users, lastUser, lastUserAtMs }: SectionData['users'],
  say: Say,
): readonly (readonly Cell[])[] {
  const seen = (name: string) => (name === lastUser ? say.time(lastUserAtMs) : null);
  const rows = users
    .filter((one) => one.administrator)
    .map((one) => [one.name, one.fullName, seen(one.name)]);
  if (lastUser === null || rows.some(([name]) => name === lastUser)) return rows;
  return [...rows, [lastUser, null, seen(lastUser)]];
}

function protection(security: SectionData['security']): readonly (readonly Cell[])[] {
  return [
    ...security.antivirus.map((one) => [one.name, one.version, one.enabled]),
    ...security.firewalls.map((one) => [
      [one.product, one.profile].filter(Boolean).join(' '),
      null,
      one.enabled,
    ]),
    ...security.diskEncryption.map((one) => [one.volume, one.method, one.enabled]),
    ...security.remoteControls.map((one) => [one.product, one.version, true]),
  ];
}

export function ReportedSections({ ciId }: { readonly ciId: string }) {
  const counts = useQuery({
    queryKey: ['ci', ciId, 'sections'],
    queryFn: ({ signal }) => call(ENDPOINTS.ciSections, { params: { id: ciId } }, signal),
  });
  if (counts.data === undefined) {
    return (
      <Card>
        {counts.error ? (
          <ErrorPanel error={counts.error} retry={() => void counts.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Card>
    );
  }
  const of = ({ section, lists }: Listing) =>
    lists.reduce((sum, list) => sum + (counts.data.counts[`${section}.${list}`] ?? 0), 0);
  return LISTINGS.filter((listing) => of(listing) > 0).map((listing) => (
    <Reported key={listing.title} ciId={ciId} listing={listing} count={of(listing)} />
  ));
}

function Reported({ ciId, listing, count }: { ciId: string; listing: Listing; count: number }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const action = (
    <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
      {t(open ? 'machines.inventory.hide' : 'machines.inventory.show')}
      <span className="sr-only"> {t(listing.title)}</span>
    </Button>
  );
  // Of the accounts only those who may do everything are shown, which the number of all would belie.
  const note = listing.lists.includes('users') ? undefined : count;
  return (
    <Card title={t(listing.title)} note={note} action={action} flush>
      {open && <Rows ciId={ciId} listing={listing} />}
    </Card>
  );
}

function useSay(): Say {
  const t = useT();
  const language = useLanguage();
  return {
    time: (atMs) => (atMs === null ? null : dateTimeText(atMs, language)),
    bytes: (bytes) => (bytes === null ? null : quantityText(bytes, 'By', language)),
    usage: (usage) =>
      usage === 'unknown'
        ? null
        : t(usage === 'used' ? 'machines.inventory.used' : 'machines.inventory.vacant'),
  };
}

function Rows({ ciId, listing }: { ciId: string; listing: Listing }) {
  const t = useT();
  const words = useSay();
  const [text, setText] = useState('');
  const [whole, setWhole] = useState(false);
  const { section } = listing;
  const query = useQuery({
    queryKey: ['ci', ciId, 'section', section],
    queryFn: ({ signal }) => call(ENDPOINTS.ciSection, { params: { id: ciId, section } }, signal),
  });
  if (query.data === undefined) {
    return query.error ? (
      <div className="px-4">
        <ErrorPanel error={query.error} retry={() => void query.refetch()} />
      </div>
    ) : (
      <SkeletonRows rows={3} />
    );
  }
  const all = listing.rows({ [section]: query.data.data ?? undefined }, words);
  const wanted = text.trim().toLowerCase();
  const rows = wanted === '' ? all : all.filter((row) => row.join(' ').toLowerCase().includes(wanted));
  const cell = (value: Cell) =>
    typeof value === 'boolean'
      ? t(value ? 'machines.inventory.on' : 'machines.inventory.off')
      : value === null || value === undefined || value === ''
        ? ABSENT
        : String(value);
  return (
    <>
      {all.length > SEARCHED_FROM && (
        <div className="no-print px-4 pb-2">
          <SearchField
            label={t('machines.inventory.search', { title: t(listing.title) })}
            value={text}
            onChange={setText}
          />
        </div>
      )}
      {rows.length === 0 ? (
        <p className="px-4 pb-3.5 text-text-2">
          {wanted === '' ? t('machines.inventory.none') : t('machines.inventory.noMatch', { text })}
        </p>
      ) : (
        <PlainTable label={t(listing.title)} head={listing.head.map((key) => ({ id: key, label: t(key) }))}>
          {rows.slice(0, whole ? rows.length : ROWS_FIRST).map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the list is replaced whole, and nothing in it keeps state
            <tr key={index}>
              {row.map((value, column) => (
                <td key={listing.head[column]} className="py-1.5 [overflow-wrap:anywhere]">
                  {cell(value)}
                </td>
              ))}
            </tr>
          ))}
        </PlainTable>
      )}
      {rows.length > ROWS_FIRST && !whole && (
        <p className="no-print px-4 py-2">
          <Button size="small" onClick={() => setWhole(true)}>
            {t('machines.inventory.all', { count: rows.length })}
          </Button>
        </p>
      )}
    </>
  );
}
