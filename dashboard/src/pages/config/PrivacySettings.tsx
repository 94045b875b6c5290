/** Everything that agents may collect, why, where it goes, what is personal; and the switches of one group for each of it. */
import { configQuery, STANDINGS_FRESH_MS } from '../../parts/machineConfig.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Collected, ConfigSettings, ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { type SwitchKind, withSettings, withSwitch } from './changes.ts';
import { useDraft } from './draft.tsx';
import { collectedQuery } from './queries.ts';
import { SwitchSelect } from './SwitchSelect.tsx';

type Kind = Collected['kinds'][number];
type Field = Kind['fields'][number];

/** The switches of the chosen group. */
interface Switches {
  readonly settings: ConfigSettings;
  readonly first: boolean;
  readonly refusal: string | undefined;
  readonly put: (kind: SwitchKind, name: string, value: boolean | null) => void;
}

export function PrivacySettings() {
  const t = useT();
  usePageTitle(t('config.privacy.title'));
  const config = useQuery({ ...configQuery, refetchInterval: STANDINGS_FRESH_MS });
  const collected = useQuery(collectedQuery);
  const error = config.error ?? collected.error;
  return (
    <>
      <h1>{t('config.privacy.title')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('config.privacy.intro')}</p>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('config.privacy.never')}</p>
      <div className="mt-4 grid gap-4 desk:grid-cols-2">
        <Card title={t('config.privacy.where')}>
          <p className="leading-prose text-text-2">{t('config.privacy.whereText')}</p>
        </Card>
        <Card title={t('config.privacy.kept')}>
          <p className="leading-prose text-text-2">
            {t('config.privacy.keptText')}{' '}
            <Link to="/settings/history" className="text-accent underline">
              {t('config.privacy.keptLink')}
            </Link>
          </p>
        </Card>
      </div>
      {config.data && collected.data ? (
        <Page held={config.data} collected={collected.data} />
      ) : (
        <Card className="mt-4" flush={error === null}>
          {error ? (
            <ErrorPanel
              error={error}
              retry={() => void Promise.all([config.refetch(), collected.refetch()])}
            />
          ) : (
            <SkeletonRows rows={10} />
          )}
        </Card>
      )}
    </>
  );
}

const INVENTORY_LAST = 'processes';
/** No group is called so. */
const EVERYBODY = '';

function Page({ held, collected }: { held: ConfigVersion; collected: Collected }) {
  const t = useT();
  const refusal = useActionRefusal('config.write');
  const { content, change, bar } = useDraft(held);
  const search = useSearch({ from: `/app${'/settings'}${'/privacy'}` });
  const chosen = search.group || undefined;
  const navigate = useNavigate({ from: '/settings/privacy' });
  const [personalOnly, setPersonalOnly] = useState(false);
  const group = content.groups.find(({ name }) => name === chosen);
  // Somebody has renamed or removed it, or the address is wrong: neither shown nor switched is everybody's.
  const lost =
    chosen !== undefined && group === undefined ? t('config.privacy.groupGone', { name: chosen }) : null;
  const settings = lost === null ? (group?.settings ?? content.everybody) : {};
  const switches: Switches = {
    settings,
    first: group === undefined && lost === null,
    refusal: lost ?? refusal,
    put: (kind, name, value) =>
      change(withSettings(content, group?.name ?? null, withSwitch(settings, kind, name, value))),
  };
  const choose = (name: string) =>
    void navigate({
      search: { group: name === EVERYBODY ? undefined : name },
      replace: true,
      resetScroll: false,
      // What is not saved of one group stays while another one is looked at.
      ignoreBlocker: true,
    });
  const shown = collected.kinds.filter(
    ({ fields }) => !personalOnly || fields.some(({ personal }) => personal !== null),
  );
  const besides = collected.kinds.findIndex(({ name }) => name === INVENTORY_LAST);
  const isInventory = (kind: Kind) => collected.kinds.indexOf(kind) < besides;
  return (
    <>
      <div className="mt-4 flex flex-wrap items-end gap-x-6 gap-y-3">
        <div className="w-64 max-w-full">
          <SelectField
            label={t('config.privacy.group')}
            value={chosen ?? EVERYBODY}
            options={[
              { value: EVERYBODY, label: t('config.everybody') },
              ...content.groups.map(({ name }) => ({ value: name, label: name })),
              ...(lost !== null && chosen !== undefined ? [{ value: chosen, label: chosen }] : []),
            ]}
            onChange={choose}
          />
        </div>
        <div className="pb-1.5">
          <CheckField
            label={t('config.privacy.personalOnly')}
            checked={personalOnly}
            onChange={({ target }) => setPersonalOnly(target.checked)}
          />
        </div>
        <Link to="/settings/agent-config" className="pb-1.5 text-accent hover:underline">
          {t('config.title')}
        </Link>
      </div>
      {lost !== null && (
        <p role="alert" className="mt-3 flex gap-2 rounded-md bg-warn-weak px-3 py-2 text-warn-fg">
          <Glyph name="triangle" className="mt-1 flex-none" />
          <span className="min-w-0 break-words">
            {t('config.privacy.groupGoneText', { name: chosen ?? '' })}
          </span>
        </p>
      )}
      <p className="mt-2 text-12 text-text-3">{t('config.privacy.tooOld')}</p>
      <Card className="mt-3" flush title={t('config.privacy.everySection')}>
        <Kinds kinds={shown.filter(isInventory)} personalOnly={personalOnly} switches={switches} />
      </Card>
      <Card className="mt-4" flush title={t('config.privacy.besides')}>
        <Kinds
          kinds={shown.filter((kind) => !isInventory(kind))}
          personalOnly={personalOnly}
          switches={switches}
        />
      </Card>
      {!personalOnly && (
        <Card className="mt-4" flush title={t('config.privacy.metrics')}>
          <p className="max-w-[80ch] px-4 pb-3 text-text-2">{t('config.privacy.metricsWhy')}</p>
          <ul>
            {collected.collectors.map((collector) => (
              <Collector key={collector.name} collector={collector} switches={switches} />
            ))}
          </ul>
        </Card>
      )}
      {bar}
    </>
  );
}

function Kinds({
  kinds,
  personalOnly,
  switches,
}: {
  kinds: readonly Kind[];
  personalOnly: boolean;
  switches: Switches;
}) {
  return (
    <ul>
      {kinds.map((kind) => (
        <KindRow key={kind.name} kind={kind} personalOnly={personalOnly} switches={switches} />
      ))}
    </ul>
  );
}

function KindRow({
  kind,
  personalOnly,
  switches,
}: {
  kind: Kind;
  personalOnly: boolean;
  switches: Switches;
}) {
  const t = useT();
  const words = useWords();
  const personal = kind.fields.filter((field) => field.personal !== null);
  const isProcesses = kind.name === 'processes';
  const value = (isProcesses ? switches.settings.fields : switches.settings.sections)?.[kind.name];
  return (
    <Row
      title={words(kind.title)}
      why={words(kind.why)}
      note={
        <>
          {t('config.privacy.fields', { count: kind.fields.length })}
          {personal.length > 0 && (
            <span className="text-warn-fg">
              {' · '}
              {t('config.privacy.personalCount', { count: personal.length })}
            </span>
          )}
        </>
      }
      control={
        kind.switchable ? (
          <SwitchSelect
            label={words(kind.title)}
            value={value}
            first={switches.first}
            refusal={switches.refusal}
            onChange={(next) => switches.put(isProcesses ? 'fields' : 'sections', kind.name, next)}
          />
        ) : (
          <Unswitchable
            kind={kind}
            why={t(isOfSchema(kind) ? 'config.privacy.neededSection' : 'config.privacy.neededKind')}
          />
        )
      }
    >
      <Fields kind={kind} fields={personalOnly ? personal : kind.fields} switches={switches} />
    </Row>
  );
}

/** Why a field has no switch of its own. */
function whyAlways(kind: Kind) {
  if (kind.switchable) return 'neededWith';
  return isOfSchema(kind) ? 'neededField' : 'neededKind';
}

/** A section that cannot be switched off has fields that can. */
function isOfSchema({ fields }: Kind): boolean {
  return fields.some(({ switchable }) => switchable);
}

/** What only the owner of the machine switches on. */
const OPT_IN = 'witness';

/** `why`: what needs it, where it always comes. */
function Unswitchable({ kind, why }: { kind: Kind; why: string }) {
  const t = useT();
  const isOptIn = kind.name === OPT_IN;
  const told = isOptIn ? t('config.privacy.optInWhy') : why;
  return (
    <span title={told} className="cursor-help text-12 text-text-3">
      {t(isOptIn ? 'config.privacy.optIn' : 'config.privacy.needed')}
      <span className="sr-only">{told}</span>
    </span>
  );
}

function Row({
  title,
  why,
  note,
  control,
  children,
}: {
  title: string;
  why?: string;
  note: React.ReactNode;
  control: React.ReactNode;
  children: React.ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <li className="border-t border-line">
      <div className="flex items-start gap-3 px-4 py-2.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-start gap-2 text-left"
        >
          <Icon name="chevron" className={cx('mt-0.5 flex-none text-text-3', !open && '-rotate-90')} />
          <span className="min-w-0">
            <span className="font-medium">{title}</span>
            <span className="ml-2 text-12 text-text-3">{note}</span>
            {why && <span className="block text-12 text-text-2">{why}</span>}
          </span>
        </button>
        <div className="flex min-h-7 flex-none items-center">{control}</div>
      </div>
      {open && <div className="border-t border-line bg-sunken">{children}</div>}
    </li>
  );
}

function Fields({ kind, fields, switches }: { kind: Kind; fields: readonly Field[]; switches: Switches }) {
  const t = useT();
  const words = useWords();
  return (
    <PlainTable
      label={words(kind.title)}
      head={[
        { id: 'field', label: t('config.privacy.field') },
        { id: 'form', label: t('config.privacy.form'), className: 'max-tablet:hidden' },
        { id: 'why', label: t('config.privacy.why'), className: 'max-tablet:hidden' },
        { id: 'switch', label: t('config.privacy.switch'), align: 'right' },
      ]}
    >
      {fields.map((field) => (
        <tr key={field.path}>
          <td className="py-1.5">
            <span className={cx(depthOf(field) > 0 && 'pl-4')}>{words(field.title)}</span>
            {field.personal && (
              <span className="ml-2 text-12 text-warn-fg">{t('config.privacy.personal')}</span>
            )}
            <span className={cx('block text-11 text-text-3', depthOf(field) > 0 && 'pl-4')}>
              {field.path}
            </span>
            {field.personal && (
              <span className={cx('block text-12 text-text-2 tablet:hidden', depthOf(field) > 0 && 'pl-4')}>
                {words(field.personal)}
              </span>
            )}
          </td>
          <td className="text-text-2 max-tablet:hidden">{t(`config.privacy.kind.${field.kind}`)}</td>
          <td className="text-text-2 max-tablet:hidden">{field.personal && words(field.personal)}</td>
          <td className="text-right">
            {field.switchable ? (
              <SwitchSelect
                label={t('config.setting.field', { section: words(kind.title), name: words(field.title) })}
                value={switches.settings.fields?.[field.path]}
                first={switches.first}
                refusal={switches.refusal}
                onChange={(value) => switches.put('fields', field.path, value)}
              />
            ) : (
              <Unswitchable kind={kind} why={t(`config.privacy.${whyAlways(kind)}`)} />
            )}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

/** Below the section. */
function depthOf({ path }: Field): number {
  return path.split('.').length - 2;
}

function Collector({
  collector,
  switches,
}: {
  collector: Collected['collectors'][number];
  switches: Switches;
}) {
  const t = useT();
  const words = useWords();
  return (
    <Row
      title={words(collector.title)}
      note={t('config.privacy.metricCount', { count: collector.metrics.length })}
      control={
        <SwitchSelect
          label={words(collector.title)}
          value={switches.settings.collectors?.[collector.name]}
          first={switches.first}
          refusal={switches.refusal}
          onChange={(value) => switches.put('collectors', collector.name, value)}
        />
      }
    >
      <ul className="grid gap-x-6 px-4 py-3 tablet:grid-cols-2">
        {collector.metrics.map(({ name, title }) => (
          <li key={name} className="min-w-0 truncate py-0.5">
            {words(title)} <span className="text-11 text-text-3">{name}</span>
          </li>
        ))}
      </ul>
    </Row>
  );
}
