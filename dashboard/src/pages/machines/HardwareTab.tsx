/** What the machine is: each value with where it comes from and when it was last confirmed. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { ciQuery } from '../../api/queries.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useNow } from '../../util/clock.ts';
import { PATHS } from '../../util/paths.ts';
import { ABSENT, quantityText } from '../../util/quantity.ts';
import { agoText, dateTimeText, millis } from '../../util/time.ts';
import { attributeText, attributeTitle } from '../../parts/attributes.ts';

type Attribute = CiDetail['details'][number];
type Part = CiDetail['parts'][number];

const SECTIONS: readonly { readonly title: Key; readonly names: readonly string[] }[] = [
  {
    title: 'machines.hardware.system',
    names: [
      'manufacturer',
      'model',
      'serial',
      'uuid',
      'chassisType',
      'chassisSerial',
      'boardSerial',
      'virtualisation',
      'biosVendor',
      'biosVersion',
      'biosDate',
    ],
  },
  {
    title: 'machines.hardware.os',
    names: [
      'osName',
      'osVersion',
      'kernel',
      'architecture',
      'hostname',
      'domain',
      'machineId',
      'timeZone',
      'bootedAt',
      'lastUser',
    ],
  },
  { title: 'machines.hardware.network', names: ['ipAddresses', 'macAddresses', 'gateways', 'dnsServers'] },
];

export function HardwareTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${PATHS.machine}` });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  if (ci.details.length === 0) {
    return (
      <Card>
        <EmptyState>{t('machines.hardware.none')}</EmptyState>
      </Card>
    );
  }
  const kind = (part: Part) => String(part.details.find(({ name }) => name === 'kind')?.value ?? '');
  const components = ci.parts.filter((part) => part.class === 'Component');
  return (
    <div className="grid items-start gap-4 desk:grid-cols-2">
      {SECTIONS.map(({ title, names }) => (
        <Card key={title} title={t(title)} flush>
          <Attributes
            ciClass={ci.class}
            attributes={names.flatMap((name) => ci.details.find((each) => each.name === name) ?? [])}
          />
        </Card>
      ))}
      <Parts title={t('machines.hardware.cpus')} parts={components.filter((part) => kind(part) === 'cpu')} />
      <Memory parts={components.filter((part) => kind(part) === 'memory')} />
      <Parts
        title={t('machines.hardware.disks')}
        parts={components.filter((part) => kind(part).startsWith('disk'))}
      />
      <Parts
        title={t('machines.hardware.interfaces')}
        parts={ci.parts.filter((part) => part.class === 'NetworkInterface')}
      />
      <Parts
        title={t('machines.fileSystems')}
        parts={ci.parts.filter((part) => part.class === 'FileSystem')}
      />
    </div>
  );
}

function Attributes({ ciClass, attributes }: { ciClass: string; attributes: readonly Attribute[] }) {
  const t = useT();
  const language = useLanguage();
  if (attributes.length === 0)
    return <p className="px-4 pb-3.5 text-text-2">{t('machines.hardware.notReported')}</p>;
  return (
    <dl>
      {attributes.map((attribute) => (
        <div
          key={attribute.name}
          className="grid min-h-(--row) grid-cols-[minmax(96px,34%)_minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line px-4 py-1.5"
        >
          <dt className="text-text-3">{attributeTitle(ciClass, attribute.name, language)}</dt>
          <dd className="min-w-0 break-words">
            {attributeText(ciClass, attribute.name, attribute.value, t, language)}
            {attribute.observedValue !== undefined && (
              <span className="block text-12 text-warn-fg">
                {t('machines.hardware.observed', {
                  value: attributeText(ciClass, attribute.name, attribute.observedValue, t, language),
                })}
              </span>
            )}
          </dd>
          <dd className="text-12 text-text-3">
            <Source attribute={attribute} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Source({ attribute }: { attribute: Attribute }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const confirmedMs = millis(attribute.confirmedAt);
  const source = t(`machines.source.${attribute.source}`);
  return (
    <span
      title={t('machines.hardware.since', {
        source,
        time: dateTimeText(millis(attribute.observedAt), language, false),
      })}
      className="flex items-center gap-1.5 whitespace-nowrap"
    >
      {attribute.lockedBy !== null && (
        <span>{t('machines.hardware.locked', { who: attribute.lockedBy })}</span>
      )}
      <Icon name={attribute.source === 'human' ? 'user' : 'agent'} size={12} />
      <span className="sr-only">{source}</span>
      <time dateTime={attribute.confirmedAt} className="max-tablet:hidden">
        {agoText(confirmedMs, now, t)}
      </time>
    </span>
  );
}

/** Parts of one kind, each with what tells it apart first. */
function Parts({ title, parts }: { title: string; parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  if (parts.length === 0) return null;
  return (
    <Card title={title} note={String(parts.length)} flush>
      <ul>
        {parts.map((part) => (
          <li key={part.id} className="border-t border-line px-4 py-2.5">
            <p className="font-medium break-words">{part.name}</p>
            <dl className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5 text-12">
              {part.details
                .filter(
                  ({ name, value }) =>
                    name !== 'kind' && value !== part.name && value !== null && value !== '',
                )
                .map(({ name, value }) => (
                  <div key={name} className="flex gap-1.5">
                    <dt className="text-text-3">{attributeTitle(part.class, name, language)}</dt>
                    <dd className="break-all">{attributeText(part.class, name, value, t, language)}</dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Modules as they stand in their slots. */
function Memory({ parts }: { parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  if (parts.length === 0) return null;
  const value = (part: Part, name: string) => part.details.find((each) => each.name === name)?.value;
  return (
    <Card title={t('machines.chart.memory')} note={String(parts.length)}>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-2">
        {parts.map((part) => {
          const sizeBytes = value(part, 'sizeBytes');
          const filled = typeof sizeBytes === 'number' && sizeBytes > 0;
          return (
            <li
              key={part.id}
              className={cx(
                'rounded-md border px-3 py-2',
                filled ? 'border-line-strong' : 'border-dashed border-line text-text-3',
              )}
            >
              <span className="block text-12 text-text-3">{part.name}</span>
              <span className="block font-semibold">
                {filled
                  ? quantityText(sizeBytes, 'B', language).replace('.0 ', ' ')
                  : t('machines.hardware.emptySlot')}
              </span>
              <span className="block truncate text-12 text-text-2">
                {[value(part, 'type'), value(part, 'manufacturer'), value(part, 'partNumber')]
                  .filter((each) => typeof each === 'string')
                  .join(' · ') || ABSENT}
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
