/** What a finding rests on: before and after, candidates, sources; of any kind. */
import { Link } from '@tanstack/react-router';
import type { Finding } from '@muster/shared/api/findings.ts';
import { LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import { LICENCE_METRICS } from '@muster/shared/api/software.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { PlainTable } from '../ui/PlainTable.tsx';
import { valueText } from './valueWords.ts';

interface Item {
  readonly name: string;
  readonly attribute: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly more: string;
}

export function FindingEvidence({ finding }: { finding: Finding }) {
  const t = useT();
  const language = useLanguage();
  const { evidence, kind } = finding;
  const items = itemsOf(evidence['items']);
  const total = typeof evidence['total'] === 'number' ? evidence['total'] : items.length;
  const rest = FACTS.flatMap((name) => {
    const text = factText(name, evidence[name], t);
    return text === '' ? [] : [[name, text] as const];
  });
  const candidates = candidatesOf(evidence['candidates']);
  const shown = (attribute: string, value: unknown) =>
    value === null || value === undefined
      ? '–'
      : valueText(finding.ci?.class ?? '', attribute, value, t, language);
  return (
    <div className="grid gap-2">
      {items.length > 0 && (
        <PlainTable
          label={t('control.evidence')}
          head={[
            { id: 'name', label: t('control.what') },
            { id: 'before', label: t('control.before') },
            { id: 'after', label: t('control.after') },
          ]}
        >
          {items.map((item, index) => (
            <tr key={`${item.name} ${index}`}>
              <td className="break-all">
                {item.name}
                {item.more && <span className="block text-12 text-text-3">{item.more}</span>}
              </td>
              <td className="break-all text-text-2">{shown(item.attribute, item.before)}</td>
              <td className="break-all font-medium">{shown(item.attribute, item.after)}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {total > items.length && (
        <p className="text-12 text-text-3">{t('control.moreItems', { count: total - items.length })}</p>
      )}
      {rest.length > 0 && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-12">
          {rest.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-text-3">{t(`control.fact.${name}`)}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {candidates.length > 0 && (
        <ul className="text-12">
          {candidates.map(({ ciId, ciName, reason }) => (
            <li key={ciId}>
              <Link to="/cis/$id" params={{ id: ciId }} className="text-accent hover:underline">
                {ciName}
              </Link>{' '}
              <span className="text-text-3">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      {kind === 'identity-review' && (
        <p>
          <Link to="/reviews" className="text-accent hover:underline">
            {t('control.toReviews')}
          </Link>
        </p>
      )}
      {(kind === 'ghost-device' || kind === 'cloned-identity') && finding.ci && (
        <p>
          <Link to="/cis/$id" params={{ id: finding.ci.id }} className="text-accent hover:underline">
            {t(kind === 'ghost-device' ? 'control.toLifecycle' : 'control.toReporters')}
          </Link>
        </p>
      )}
    </div>
  );
}

/** What stands beside the table, in this order; ids and what the table holds are not of it. */
const FACTS = [
  'rule',
  'mode',
  'reason',
  'lifecycle',
  'source',
  'reporter',
  'keys',
  'metric',
  'entitled',
  'installed',
  'short',
  'unknown',
  'endsOn',
] as const;

function factText(name: (typeof FACTS)[number], value: unknown, t: Translate): string {
  if (Array.isArray(value)) return value.map(plainText).join(', ');
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : '';
  const said = <const Known extends string>(known: readonly Known[]) => known.find((one) => one === value);
  const lifecycle = name === 'lifecycle' ? said(LIFECYCLES) : undefined;
  if (lifecycle) return t(`machines.changes.lifecycle.${lifecycle}`);
  const metric = name === 'metric' ? said(LICENCE_METRICS) : undefined;
  if (metric) return t(`control.licences.metric.${metric}`);
  const source = name === 'source' ? said(['agent', 'third-party']) : undefined;
  if (source) return t(`history.source.${source}`);
  if (name === 'mode') return t(value === 'deny' ? 'control.fact.denied' : 'control.fact.notListed');
  return value;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.values(value)
    .filter((each) => typeof each === 'string')
    .join(' ');
}

function candidatesOf(value: unknown): { ciId: string; ciName: string; reason: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { ciId, ciName, reason } = one as Record<string, unknown>;
    if (typeof ciId !== 'string') return [];
    return [
      {
        ciId,
        ciName: typeof ciName === 'string' ? ciName : ciId,
        reason: typeof reason === 'string' ? reason : '',
      },
    ];
  });
}

function itemsOf(value: unknown): Item[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown): Item[] => {
    if (typeof one !== 'object' || one === null || !('name' in one)) return [];
    const { name, attribute, before, after, facts, publisher, source } = one as Record<string, unknown>;
    const more = [
      publisher,
      source,
      ...(typeof facts === 'object' && facts !== null ? Object.values(facts) : []),
    ];
    return [
      {
        name: String(name),
        attribute: typeof attribute === 'string' ? attribute : '',
        before,
        after,
        more: more.filter((each) => typeof each === 'string' && each !== name).join(' · '),
      },
    ];
  });
}
