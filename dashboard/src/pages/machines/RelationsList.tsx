/** The relations of a machine as a list, which is a file too. */
import { Link } from '@tanstack/react-router';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Button } from '../../ui/Button.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { fileName, saveCsv } from '../../util/csv.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import type { Edge } from './relationsLayout.ts';

export function RelationsList({ edges, name }: { edges: readonly Edge[]; name: string }) {
  const t = useT();
  const language = useLanguage();
  const classWord = useClassWord();
  const source = (edge: Edge) =>
    edge.source === 'agent' || edge.source === 'human' ? t(`machines.source.${edge.source}`) : edge.source;
  const columns = [
    { id: 'from', label: t('machines.relations.from') },
    { id: 'type', label: t('machines.relations.type.title') },
    { id: 'to', label: t('machines.relations.to') },
    { id: 'source', label: t('machines.software.source'), className: 'max-tablet:hidden' },
    { id: 'since', label: t('machines.relations.since'), align: 'right' as const },
  ];
  const save = () =>
    saveCsv(fileName(name, t('machines.tab.relations')), [
      columns.map(({ label }) => label),
      ...edges.map((edge) => [edge.fromName, typeWord(edge.type, t), edge.toName, source(edge), edge.since]),
    ]);
  return (
    <>
      <PlainTable label={t('machines.tab.relations')} head={columns}>
        {edges.map((edge) => (
          <tr key={edge.id}>
            <td>
              <End id={edge.fromId} name={edge.fromName} word={classWord(edge.fromClass)} />
            </td>
            <td className="whitespace-nowrap text-text-2">{typeWord(edge.type, t)}</td>
            <td>
              <End id={edge.toId} name={edge.toName} word={classWord(edge.toClass)} />
            </td>
            <td className="text-text-2 max-tablet:hidden">{source(edge)}</td>
            <td className="text-right whitespace-nowrap text-text-2">
              <time dateTime={edge.since}>{dateTimeText(millis(edge.since), language, false)}</time>
            </td>
          </tr>
        ))}
      </PlainTable>
      <div className="no-print border-t border-line px-4 py-2.5">
        <Button size="small" onClick={save}>
          {t('machines.saveCsv')}
        </Button>
      </div>
    </>
  );
}

function End({ id, name, word }: { id: string; name: string; word: string }) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      <Link to="/cis/$id" params={{ id }} className="font-medium break-all hover:underline">
        {name}
      </Link>
      <span className="text-12 text-text-3 max-tablet:hidden">{word}</span>
    </span>
  );
}

function typeWord(type: string, t: Translate): string {
  return type === 'composes' || type === 'dependsOn' ? t(`machines.relations.type.${type}`) : type;
}

export function useClassWord(): (ciClass: string) => string {
  const language = useLanguage();
  return (ciClass) => (isCiClass(ciClass) ? CI_CLASSES[ciClass].title[language] : ciClass);
}
