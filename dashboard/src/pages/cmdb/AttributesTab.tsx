/** The attributes in sections: what people keep first, then what reports tell, each with source, age and lock. */
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import {
  attributeDefinition,
  CI_CLASSES,
  isIndependentClass,
  isMachineClass,
} from '@muster/shared/cmdb/classes.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { isCiClass, ownClasses } from '../../parts/attributes.ts';
import { actorWord } from '../../parts/changes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT } from '../../util/quantity.ts';
import { agoText, dateTimeText, millis } from '../../util/time.ts';
import { AccuracyCard } from './AccuracyCard.tsx';
import { ValuesDialog } from './AssetTab.tsx';
import { LockDialog } from './LockDialog.tsx';
import { RecordCard } from './RecordCard.tsx';

type Attribute = CiDetail['details'][number];

const SECTIONS: readonly { readonly title: Key; readonly names: readonly string[] }[] = [
  {
    title: 'cmdb.section.system',
    names: ['manufacturer', 'model', 'serial', 'uuid', 'chassisType', 'chassisSerial', 'virtualisation'],
  },
  {
    title: 'cmdb.section.board',
    names: [
      'cpuModel',
      'cpuCores',
      'memoryBytes',
      'memorySlots',
      'boardSerial',
      'biosVendor',
      'biosVersion',
      'biosDate',
    ],
  },
  {
    title: 'cmdb.section.os',
    names: ['osName', 'osVersion', 'kernel', 'architecture', 'hostname', 'domain', 'machineId', 'timeZone'],
  },
  { title: 'cmdb.section.network', names: ['ipAddresses', 'macAddresses', 'gateways', 'dnsServers'] },
  { title: 'cmdb.section.use', names: ['lastUser', 'bootedAt'] },
];

/** Identifiers are compared sign by sign. */
const MONO = ['uuid', 'machineId', 'macAddresses', 'serial', 'boardSerial', 'chassisSerial', 'mac', 'device'];

export function AttributesTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const [locking, setLocking] = useState<string | null>(null);
  const machine = isMachineClass(ci.class);
  const kept = isIndependentClass(ci.class);
  const [editing, setEditing] = useState(false);
  const refusal = useRefusal('cis.write');
  const sections = machine ? SECTIONS : [{ title: 'cmdb.section.part' as const, names: attributeNames(ci) }];
  return (
    <>
      <div className="-mb-4 gap-4 desk:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
        {kept && <RecordCard ci={ci} />}
        {kept && ci.removedAt == null && !ci.mergedInto && <AccuracyCard ci={ci} />}
        {sections.map(({ title, names }) => (
          <Section
            key={title}
            ci={ci}
            title={title}
            names={names}
            onLock={machine ? setLocking : undefined}
          />
        ))}
      </div>
      {kept && !machine && (
        <div className="no-print mt-4">
          <Button disabledReason={refusal} onClick={() => setEditing(true)}>
            {t('cmdb.editValues')}
          </Button>
        </div>
      )}
      {editing && <ValuesDialog ci={ci} names={attributeNames(ci)} onClose={() => setEditing(false)} />}
      {locking !== null && <LockDialog ci={ci} name={locking} onClose={() => setLocking(null)} />}
    </>
  );
}

function attributeNames(ci: CiDetail): string[] {
  const builtIn: Record<string, unknown> = isCiClass(ci.class) ? CI_CLASSES[ci.class].attributes : {};
  const own = ownClasses().attributesOf(ci.subclass ?? ci.class);
  const held = ci.details.map(({ name }) => name);
  return [...new Set([...Object.keys(builtIn), ...own.map(({ name }) => name), ...held])];
}

interface SectionProps {
  readonly ci: CiDetail;
  readonly title: Key;
  readonly names: readonly string[];
  /** Missing: nobody can lock values of this class. */
  readonly onLock: ((name: string) => void) | undefined;
}

function Section({ ci, title, names, onLock }: SectionProps) {
  const t = useT();
  return (
    <Card title={t(title)} flush>
      <dl>
        {names.map((name) => (
          <Row
            key={name}
            ci={ci}
            name={name}
            attribute={ci.details.find((each) => each.name === name)}
            onLock={onLock}
          />
        ))}
      </dl>
    </Card>
  );
}

function Row({
  ci,
  name,
  attribute,
  onLock,
}: {
  ci: CiDetail;
  name: string;
  attribute: Attribute | undefined;
  onLock: ((name: string) => void) | undefined;
}) {
  const t = useT();
  const language = useLanguage();
  const refusal = useRefusal('cis.write');
  const title = valueTitle(ci.class, name, t, language);
  const locked = attribute?.lockedBy != null;
  const label = t(locked ? 'cmdb.lock.changeOf' : 'cmdb.lock.lockOf', { name: title });
  return (
    <div className="group grid min-h-(--row) grid-cols-[minmax(96px,30%)_minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line py-1 pr-2 pl-4">
      <dt className="text-text-3">{title}</dt>
      <dd className="min-w-0">
        {attribute === undefined ? (
          <span className="text-text-3">
            <span aria-hidden="true">{ABSENT}</span>
            <span className="sr-only">{t('cmdb.unknown')}</span>
          </span>
        ) : (
          <Value ci={ci} attribute={attribute} />
        )}
      </dd>
      <dd className="flex items-center gap-1">
        {attribute && <Source attribute={attribute} />}
        {onLock && refusal === undefined && !lockable(ci, name) && (
          <span className="size-7 flex-none coarse:size-11" />
        )}
        {onLock && refusal === undefined && lockable(ci, name) && (
          <button
            type="button"
            aria-label={label}
            title={label}
            onClick={() => onLock(name)}
            className={cx(
              'no-print grid size-7 flex-none place-items-center rounded-md hover:bg-hover coarse:size-11',
              locked
                ? 'text-accent'
                : 'text-text-3 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 coarse:opacity-100',
            )}
          >
            <Icon name={locked ? 'lock' : 'pencil'} size={14} />
          </button>
        )}
      </dd>
    </div>
  );
}

/** Times are told by the machine alone. */
function lockable(ci: CiDetail, name: string): boolean {
  if (!isCiClass(ci.class)) return false;
  const definition = attributeDefinition(ci.class, name);
  return definition !== undefined && definition.form !== 'time';
}

function Value({ ci, attribute }: { ci: CiDetail; attribute: Attribute }) {
  const t = useT();
  const language = useLanguage();
  const text = (value: unknown) => valueText(ci.class, attribute.name, value, t, language);
  const lines = Array.isArray(attribute.value) ? attribute.value.map(text) : [text(attribute.value)];
  const { observedValue, lockedBy } = attribute;
  // Under a lock the strongest observed value has a line of its own.
  const others = (attribute.others ?? []).filter(({ value }) => text(value) !== text(observedValue ?? null));
  return (
    <>
      <span
        className={cx('block break-words', MONO.includes(attribute.name) && 'font-mono text-12 break-all')}
      >
        {lines.length === 0
          ? ABSENT
          : lines.map((line) => (
              <span key={line} className="block">
                {line}
              </span>
            ))}
      </span>
      {lockedBy !== null && (
        <span className="block text-12 text-text-3">
          {t('cmdb.lock.by', { who: actorWord(lockedBy, t) })}
        </span>
      )}
      {observedValue === null && (
        <span className="block text-12 text-text-3">{t('cmdb.lock.observedNothing')}</span>
      )}
      {observedValue !== undefined && observedValue !== null && (
        <span className="flex items-start gap-1 text-12 text-warn-fg">
          <Glyph name="triangle" className="mt-1" />
          <span className="min-w-0 break-words">
            {t('cmdb.lock.observed', { value: text(observedValue) })}
          </span>
        </span>
      )}
      {others.map(({ source, value, observedAt }) => (
        <span
          key={source}
          title={dateTimeText(millis(observedAt), language, false)}
          className="block text-12 break-words text-text-3"
        >
          {t('identity.otherSays', { source: t(`machines.source.${source}`), value: text(value) })}
        </span>
      ))}
    </>
  );
}

const SOURCE_ICONS = {
  human: 'user',
  agent: 'agent',
  'third-party': 'agent',
  'network-scan': 'network',
  import: 'external',
} as const satisfies Record<Attribute['source'], IconName>;

/** Glyph of the source and the age of the last confirmation; the whole sentence for screen readers and on hover. */
function Source({ attribute }: { attribute: Attribute }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const confirmedMs = millis(attribute.confirmedAt);
  const sentence = t('cmdb.sourceSentence', {
    source: t(`machines.source.${attribute.source}`),
    confirmed: dateTimeText(confirmedMs, language, false),
    since: dateTimeText(millis(attribute.observedAt), language, false),
  });
  return (
    <span title={sentence} className="flex items-center gap-1.5 text-11 whitespace-nowrap text-text-3">
      <span aria-hidden="true" className="flex items-center gap-1.5">
        {agoText(confirmedMs, now, t)}
        <Icon name={SOURCE_ICONS[attribute.source]} size={14} />
      </span>
      <span className="sr-only">{sentence}</span>
    </span>
  );
}
