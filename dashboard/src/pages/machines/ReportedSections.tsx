/** Sections of the inventory that are lists of many small things: folded, and read when somebody opens one. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SectionData, Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/control.ts';
import { call } from '../../api/client.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ABSENT } from '../../util/quantity.ts';

/** Rows shown at once; a list of 10,000 files is for the export, not for the eye. */
const ROWS_MAX = 200;

type Cell = string | number | boolean | null | undefined;

interface Listing {
  readonly section: InventorySection;
  readonly title: Key;
  readonly head: readonly Key[];
  readonly rows: (data: Snapshot) => readonly (readonly Cell[])[];
}

const LISTINGS: readonly Listing[] = [
  {
    section: 'guests',
    title: 'machines.inventory.guests',
    head: ['machines.inventory.name', 'machines.inventory.platform', 'machines.inventory.image'],
    rows: ({ guests }) => guests?.guests.map((one) => [one.name, one.hypervisor, one.image]) ?? [],
  },
  {
    section: 'security',
    title: 'machines.inventory.security',
    head: ['machines.inventory.name', 'machines.inventory.version', 'machines.inventory.enabled'],
    rows: ({ security }) => (security ? protection(security) : []),
  },
  {
    section: 'sockets',
    title: 'machines.inventory.listening',
    head: ['machines.inventory.port', 'machines.inventory.address', 'machines.inventory.program'],
    rows: ({ sockets }) =>
      sockets?.listening.map((one) => [`${one.port}/${one.protocol}`, one.address, one.process]) ?? [],
  },
  {
    section: 'storage',
    title: 'machines.inventory.volumes',
    head: ['machines.inventory.name', 'machines.inventory.group', 'machines.inventory.state'],
    rows: ({ storage }) => [
      ...(storage?.logicalVolumes.map((one) => [one.name, one.volumeGroup, one.kind]) ?? []),
      ...(storage?.raids.map((one) => [one.name, one.level, one.state]) ?? []),
    ],
  },
  {
    section: 'drivers',
    title: 'machines.inventory.drivers',
    head: ['machines.inventory.name', 'machines.inventory.version', 'machines.inventory.provider'],
    rows: ({ drivers }) => drivers?.drivers.map((one) => [one.name, one.version, one.provider]) ?? [],
  },
  {
    section: 'devices',
    title: 'machines.inventory.controllers',
    head: ['machines.inventory.name', 'machines.inventory.provider', 'machines.inventory.driver'],
    rows: ({ devices }) =>
      devices?.controllers.map((one) => [one.product ?? one.class, one.vendor, one.driver]) ?? [],
  },
  {
    section: 'fingerprints',
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
  return LISTINGS.map((listing) => <Reported key={listing.section} ciId={ciId} listing={listing} />);
}

function Reported({ ciId, listing }: { ciId: string; listing: Listing }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const action = (
    <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
      {t(open ? 'machines.inventory.hide' : 'machines.inventory.show')}
      <span className="sr-only"> {t(listing.title)}</span>
    </Button>
  );
  return (
    <Card title={t(listing.title)} action={action} flush>
      {open && <Rows ciId={ciId} listing={listing} />}
    </Card>
  );
}

function Rows({ ciId, listing }: { ciId: string; listing: Listing }) {
  const t = useT();
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
  const rows = listing.rows({ [section]: query.data.data ?? undefined });
  if (rows.length === 0) {
    return (
      <p className="px-4 pb-3.5 text-text-2">
        {t(query.data.reportedAt === null ? 'machines.inventory.never' : 'machines.inventory.none')}
      </p>
    );
  }
  const cell = (value: Cell) =>
    typeof value === 'boolean'
      ? t(value ? 'machines.inventory.on' : 'machines.inventory.off')
      : value === null || value === undefined || value === ''
        ? ABSENT
        : String(value);
  return (
    <>
      <PlainTable label={t(listing.title)} head={listing.head.map((key) => ({ id: key, label: t(key) }))}>
        {rows.slice(0, ROWS_MAX).map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list is replaced whole, and nothing in it keeps state
          <tr key={index}>
            {row.map((value, column) => (
              <td key={listing.head[column]} className="py-1.5 break-all">
                {cell(value)}
              </td>
            ))}
          </tr>
        ))}
      </PlainTable>
      {rows.length > ROWS_MAX && (
        <p className="px-4 py-2 text-12 text-text-3">
          {t('machines.inventory.more', { count: rows.length - ROWS_MAX })}
        </p>
      )}
    </>
  );
}
