/** Everything that is collected, in the form in which the API tells it. */
import type { Collected } from '../api/agent-config.ts';
import { collectedKinds, collectedMetrics } from './collected.ts';
import { COLLECTOR_PURPOSES } from './collectors.ts';
import { FIELD_DECISIONS } from './decisions.ts';
import { FIELD_WORDS, type Words } from './words.ts';

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

/** What holds fields that are called alike elsewhere, and is no field of its own. */
const PARTS: Readonly<Record<string, Words>> = {
  'hardware.system': { en: 'Machine', zh: '整机' },
  'hardware.board': { en: 'Main board', zh: '主板' },
  'hardware.bios': { en: 'BIOS', zh: 'BIOS' },
  'hardware.chassis': { en: 'Chassis', zh: '机箱' },
  'connection.release': { en: 'Installed release', zh: '已安装的发布' },
};

function titleOf(path: string): Words {
  const dot = path.lastIndexOf('.');
  const leaf = path.slice(dot + 1);
  const own = FIELD_DECISIONS[path]?.title;
  if (own) return own;
  const title = FIELD_WORDS[leaf] ?? { en: leaf, zh: leaf };
  const part = PARTS[path.slice(0, dot)];
  return part ? { en: `${part.en}: ${title.en}`, zh: `${part.zh}：${title.zh}` } : title;
}
