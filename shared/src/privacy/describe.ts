/** Everything that is collected, in the form in which the API tells it. */
import type { Collected } from '../api/agent-config.ts';
import { collectedKinds, collectedMetrics } from './collected.ts';
import { COLLECTOR_PURPOSES } from './collectors.ts';
import { FIELD_DECISIONS } from './decisions.ts';
import { FIELD_WORDS } from './words.ts';

export function describeCollected(): Collected {
  const metrics = collectedMetrics();
  return {
    kinds: collectedKinds().map(({ fields, ...kind }) => ({
      ...kind,
      fields: fields.map((field) => ({
        ...field,
        title: titleOf(field.path),
        personal: FIELD_DECISIONS[field.path]?.personal ?? null,
      })),
    })),
    collectors: Object.entries(COLLECTOR_PURPOSES).map(([name, { title }]) => ({
      name,
      title,
      metrics: metrics
        .filter(({ collector }) => collector === name)
        .map((metric) => ({ name: metric.name, title: metric.title })),
    })),
  };
}

function titleOf(path: string): { en: string; zh: string } {
  const leaf = path.slice(path.lastIndexOf('.') + 1);
  return FIELD_DECISIONS[path]?.title ?? FIELD_WORDS[leaf] ?? { en: leaf, zh: leaf };
}
