/** What a finding rests on: before and after, candidates, sources; of any kind. */
import { Link } from '@tanstack/react-router';
import type { Finding } from '@muster/shared/api/findings.ts';
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
  const rest = Object.entries(evidence).filter(
    ([name, value]) =>
      !['items', 'total', 'kind', 'ruleId', 'productId', 'reviewId', 'candidates'].includes(name) &&
      value !== null &&
      value !== '',
  );
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
              <dt className="text-text-3">{name}</dt>
              <dd className="break-words">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {kind === 'identity-review' && (
        <p>
          <Link
            to="/reviews"
            {...(typeof evidence['reviewId'] === 'string' ? { hash: evidence['reviewId'] } : {})}
            className="text-accent hover:underline"
          >
            {t('control.toReviews')}
          </Link>
        </p>
      )}
    </div>
  );
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
