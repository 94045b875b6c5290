/** What the machine is made of: each value with where it comes from and when it was last confirmed. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { ciQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { DevicesTable } from './DevicesTable.tsx';
import { FactList, isKnown } from './FactList.tsx';
import { MemoryCard } from './MemoryCard.tsx';
import { type Part, type PartColumn, PartsTable, partTerm, partValue } from './PartsTable.tsx';
import { ReportedSections } from './ReportedSections.tsx';
import { useSourceLine } from './SourceMark.tsx';
import { valueText, valueTitle } from '../../parts/valueWords.ts';

const SYSTEM = ['manufacturer', 'model', 'serial', 'uuid', 'chassisType', 'chassisSerial', 'virtualisation'];
const SYSTEM_OPTIONAL = ['chassisSerial', 'virtualisation'];
const BOARD = ['boardSerial', 'biosVendor', 'biosVersion', 'biosDate'];
const SYSTEM_SOFTWARE = ['osName', 'osVersion', 'kernel', 'architecture', 'hostname', 'domain', 'machineId'];
const SYSTEM_USE = ['timeZone', 'bootedAt', 'lastUser'];
const ADDRESSES = ['ipAddresses', 'macAddresses', 'gateways', 'dnsServers'];

export function HardwareTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  if (ci.parts.length === 0 && !ci.details.some(({ name }) => name === 'cpuModel' || name === 'osName')) {
    return (
      <Card>
        <EmptyState>
          {t(ci.agentId === null ? 'machines.hardware.noAgent' : 'machines.hardware.none')}
        </EmptyState>
      </Card>
    );
  }
  const ofKind = (wanted: (kind: string) => boolean) =>
    ci.parts.filter((part) => part.class === 'Component' && wanted(partTerm(part, 'kind') ?? ''));
  return (
    <div className="grid gap-4">
      <div className="-mb-4 gap-4 desk:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
        <div className="flex min-w-0 flex-col gap-4">
          <Facts ci={ci} title={t('machines.hardware.system')} names={SYSTEM} optional={SYSTEM_OPTIONAL} />
          <Processor ci={ci} cpus={ofKind((kind) => kind === 'cpu')} />
          <MemoryCard ci={ci} modules={ofKind((kind) => kind === 'memory')} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <OperatingSystem ci={ci} />
          <Board ci={ci} />
          <Facts ci={ci} title={t('machines.hardware.network')} names={ADDRESSES} />
        </div>
      </div>
      <Disks parts={ofKind((kind) => kind.startsWith('disk'))} />
      <Interfaces parts={ci.parts.filter((part) => part.class === 'NetworkInterface')} />
      <FileSystems parts={ci.parts.filter((part) => part.class === 'FileSystem')} />
      <DevicesTable parts={ci.parts} />
      {ci.agentId !== null && <ReportedSections ciId={ci.id} />}
    </div>
  );
}

interface FactsProps {
  readonly ci: CiDetail;
  readonly title: string;
  readonly names: readonly string[];
  readonly optional?: readonly string[];
}

function Facts({ ci, title, names, optional = [] }: FactsProps) {
  const line = useSourceLine();
  const note = line(ci.details.filter((attribute) => names.includes(attribute.name) && isKnown(attribute)));
  return (
    <Card title={title} note={note} flush>
      <FactList ci={ci} names={names} optional={optional} />
    </Card>
  );
}

/** Four dashes say less than one sentence: the firmware of a virtual machine has nothing to tell. */
function Board({ ci }: { ci: CiDetail }) {
  const t = useT();
  const title = t('machines.hardware.board');
  if (ci.details.some((attribute) => BOARD.includes(attribute.name) && isKnown(attribute)))
    return <Facts ci={ci} title={title} names={BOARD} />;
  return (
    <Card title={title}>
      <p className="text-12 text-text-3">{t('machines.hardware.noFirmware')}</p>
    </Card>
  );
}

/** The machine's own attributes, and of the part what only it knows: code name, build, day of installation. */
function OperatingSystem({ ci }: { ci: CiDetail }) {
  const t = useT();
  const line = useSourceLine();
  const system = ci.parts.find((part) => part.class === 'OperatingSystem');
  const names = [...SYSTEM_SOFTWARE, ...SYSTEM_USE];
  const note = line(ci.details.filter((attribute) => names.includes(attribute.name) && isKnown(attribute)));
  return (
    <Card title={t('machines.hardware.os')} note={note} flush>
      <FactList ci={ci} names={SYSTEM_SOFTWARE} optional={['domain']} />
      {system && (
        <FactList
          ci={system}
          names={['codename', 'build', 'installedAt']}
          optional={['codename', 'build', 'installedAt']}
        />
      )}
      <FactList ci={ci} names={SYSTEM_USE} optional={['lastUser']} />
    </Card>
  );
}

/** One socket is a list of facts, several are a table. */
function Processor({ ci, cpus }: { ci: CiDetail; cpus: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  const [only] = cpus;
  if (only === undefined)
    return <Facts ci={ci} title={t('machines.hardware.cpu')} names={['cpuModel', 'cpuCores']} />;
  if (cpus.length === 1) {
    return (
      <Card
        title={t('machines.hardware.cpu')}
        note={valueText(only.class, 'slot', partValue(only, 'slot'), t, language)}
        flush
      >
        <FactList ci={ci} names={['cpuModel']} />
        <FactList ci={only} names={['manufacturer', 'cores', 'threads', 'maxHz']} optional={['maxHz']} />
      </Card>
    );
  }
  return (
    <PartsTable
      title={t('machines.hardware.cpus')}
      parts={cpus}
      empty={t('machines.hardware.noCpus')}
      columns={[
        { id: 'slot', label: valueTitle('Component', 'slot', t, language), cell: nameCell('slot', 'model') },
        column('cores', t, language, 'right'),
        column('threads', t, language, 'right'),
        column('maxHz', t, language, 'right'),
      ]}
      narrow={(part) => ({
        line: valueText(part.class, 'maxHz', partValue(part, 'maxHz'), t, language),
        end: valueText(part.class, 'cores', partValue(part, 'cores'), t, language),
      })}
    />
  );
}

function Disks({ parts }: { parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  const text = (part: Part, name: string) => valueText(part.class, name, partValue(part, name), t, language);
  return (
    <PartsTable
      title={t('machines.hardware.disks')}
      parts={parts}
      empty={t('machines.hardware.noDisks')}
      columns={[
        {
          id: 'name',
          label: t('machines.hardware.name'),
          cell: (part) => <Named name={part.name} kind={text(part, 'kind')} mono />,
        },
        column('model', t, language),
        column('serial', t, language, 'mono'),
        column('firmware', t, language, 'mono', 'max-desk:hidden'),
        {
          id: 'bus',
          label: valueTitle('Component', 'bus', t, language),
          cell: (part) => text(part, 'bus'),
          className: 'max-desk:hidden',
        },
        column('health', t, language),
        column('sizeBytes', t, language, 'right'),
      ]}
      narrow={(part) => ({
        line: partValue(part, 'model') === null ? text(part, 'serial') : text(part, 'model'),
        end: text(part, 'sizeBytes'),
      })}
    />
  );
}

/** Ports first; what is only software is folded, as a container host has dozens. */
function Interfaces({ parts }: { parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  const [all, setAll] = useState(false);
  const ports = parts.filter((part) => partValue(part, 'virtual') !== true);
  const virtual = parts.length - ports.length;
  const shown =
    all || ports.length === 0 ? [...ports, ...parts.filter((part) => !ports.includes(part))] : ports;
  const text = (part: Part, name: string) => valueText(part.class, name, partValue(part, name), t, language);
  return (
    <PartsTable
      title={t('machines.hardware.interfaces')}
      parts={shown}
      empty={t('machines.hardware.noInterfaces')}
      action={
        virtual > 0 &&
        ports.length > 0 && (
          <Button size="small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all
              ? t('machines.hardware.virtualHide')
              : t('machines.hardware.virtualShow', { count: virtual })}
          </Button>
        )
      }
      columns={[
        {
          id: 'name',
          label: t('machines.hardware.name'),
          cell: (part) => <Named name={part.name} kind={text(part, 'kind')} mono />,
        },
        {
          id: 'state',
          label: t('machines.hardware.state'),
          cell: (part) => <Link state={partValue(part, 'state')} />,
        },
        {
          id: 'addresses',
          label: valueTitle('NetworkInterface', 'addresses', t, language),
          cell: (part) => <Lines value={partValue(part, 'addresses')} />,
        },
        column('mac', t, language, 'mono', undefined, 'NetworkInterface'),
        column('driver', t, language, undefined, 'max-desk:hidden', 'NetworkInterface'),
        column('mtu', t, language, 'right', 'max-desk:hidden', 'NetworkInterface'),
        column('speedBitsPerSecond', t, language, 'right', undefined, 'NetworkInterface'),
      ]}
      narrow={(part) => ({
        line: <Lines value={partValue(part, 'addresses')} />,
        end: <Link state={partValue(part, 'state')} />,
      })}
    />
  );
}

function FileSystems({ parts }: { parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  const text = (part: Part, name: string) => valueText(part.class, name, partValue(part, name), t, language);
  const access = (part: Part) =>
    t(partValue(part, 'readOnly') === true ? 'machines.hardware.readOnly' : 'machines.hardware.readWrite');
  return (
    <PartsTable
      title={t('machines.hardware.fileSystems')}
      parts={parts}
      empty={t('machines.hardware.noFileSystems')}
      columns={[
        {
          id: 'mount',
          label: valueTitle('FileSystem', 'mount', t, language),
          cell: (part) => <span className="font-mono text-12 font-medium break-all">{part.name}</span>,
        },
        column('type', t, language, undefined, undefined, 'FileSystem'),
        column('device', t, language, 'mono', undefined, 'FileSystem'),
        column('uuid', t, language, 'mono', 'max-wide:hidden', 'FileSystem'),
        { id: 'access', label: t('machines.hardware.access'), cell: access, className: 'max-desk:hidden' },
        column('sizeBytes', t, language, 'right', undefined, 'FileSystem'),
      ]}
      narrow={(part) => ({
        line: `${text(part, 'type')} · ${text(part, 'device')}`,
        end: text(part, 'sizeBytes'),
      })}
    />
  );
}

function column(
  name: string,
  t: ReturnType<typeof useT>,
  language: ReturnType<typeof useLanguage>,
  look?: 'right' | 'mono',
  className?: string,
  ciClass = 'Component',
): PartColumn {
  return {
    id: name,
    label: valueTitle(ciClass, name, t, language),
    ...(look === 'right' ? { align: 'right' } : {}),
    ...(className ? { className } : {}),
    cell: (part) => (
      <span
        className={cx(
          look === 'mono' && 'font-mono text-12 break-all',
          look === 'right' && 'whitespace-nowrap',
        )}
      >
        {valueText(ciClass, name, partValue(part, name), t, language)}
      </span>
    ),
  };
}

function nameCell(first: string, second: string): (part: Part) => React.ReactNode {
  return (part) => <Named name={partTerm(part, first) ?? part.name} kind={partTerm(part, second) ?? ''} />;
}

function Named({ name, kind, mono = false }: { name: string; kind: string; mono?: boolean }) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      <span className={cx('font-medium', mono && 'font-mono text-12')}>{name}</span>
      <span className="text-12 text-text-3">{kind}</span>
    </span>
  );
}

function Link({ state }: { state: unknown }) {
  const t = useT();
  const language = useLanguage();
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-text-2">
      <Glyph
        name={state === 'up' ? 'disc' : state === 'down' ? 'ring' : 'question'}
        className={
          state === 'up' ? 'text-up-solid' : state === 'down' ? 'text-idle-solid' : 'text-unknown-fg'
        }
      />
      {valueText('NetworkInterface', 'state', state ?? 'unknown', t, language)}
    </span>
  );
}

function Lines({ value }: { value: unknown }) {
  const t = useT();
  const language = useLanguage();
  const lines: unknown[] = Array.isArray(value) ? value : [];
  if (lines.length === 0) return valueText('NetworkInterface', 'addresses', null, t, language);
  return lines.map((line) => (
    <span key={String(line)} className="block text-12 break-all">
      {String(line)}
    </span>
  ));
}
