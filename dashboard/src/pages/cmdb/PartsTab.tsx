/** What a machine is made of: every part by class, each with its own page. */
import { Link } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { CI_CLASSES, PART_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { valueText } from '../../parts/valueWords.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ciIcon } from './ClassTree.tsx';
import { listFieldsOf } from './listFields.ts';

export function PartsTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const words = useWords();
  if (ci.parts.length === 0) {
    return (
      <Card>
        <EmptyState>{t('cmdb.partsNone')}</EmptyState>
      </Card>
    );
  }
  const groups = PART_CLASSES.map((name) => ({
    name,
    parts: ci.parts.filter((part) => part.class === name),
  })).filter(({ parts }) => parts.length > 0);
  return (
    <div className="-mb-4 gap-4 desk:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
      {groups.map(({ name, parts }) => (
        <Card key={name} title={words(CI_CLASSES[name].title)} note={parts.length} flush>
          <ul>
            {parts.map((part) => (
              <PartRow key={part.id} part={part} />
            ))}
          </ul>
        </Card>
      ))}
    </div>
  );
}

function PartRow({ part }: { part: CiDetail['parts'][number] }) {
  const t = useT();
  const language = useLanguage();
  const facts = listFieldsOf(part.class, NO_OWN_CLASSES)
    .map(({ name }) => part.details.find((each) => each.name === name))
    .filter((attribute) => attribute !== undefined && attribute.value !== part.name)
    .map((attribute) => attribute && valueText(part.class, attribute.name, attribute.value, t, language));
  return (
    <li className="border-t border-line">
      <Link
        to="/cis/$id"
        params={{ id: part.id }}
        className="flex min-h-(--row) items-center gap-2.5 px-4 py-1.5 -outline-offset-2 hover:bg-hover"
      >
        <Icon name={ciIcon(part.class)} className="text-text-3" />
        <span className="min-w-0 flex-none max-w-[50%] truncate font-medium">{part.name}</span>
        <span className="min-w-0 flex-1 truncate text-right text-12 text-text-3">{facts.join(' · ')}</span>
      </Link>
    </li>
  );
}
