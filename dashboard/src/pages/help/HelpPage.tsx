/** The glossary: every term the product shows, what exactly it means here, and the standard it follows. */
import { useLocation } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useState } from 'react';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Key } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { termSource } from '../../ui/Term.tsx';
import { TERM_GROUPS, TERM_IDS, type TermId, TERMS } from '../../ui/terms.ts';

export function HelpPage() {
  const t = useT();
  usePageTitle(t('help.title'));
  const [text, setText] = useState('');
  const needle = useDeferredValue(text.trim().toLocaleLowerCase());
  const chosen = useLocation({ select: ({ hash }) => hash });
  useEffect(() => {
    if (chosen !== '') document.getElementById(chosen)?.scrollIntoView({ block: 'start' });
  }, [chosen]);
  const shown = TERM_IDS.filter((id) =>
    `${t(`help.term.${id}.name`)} ${t(`help.term.${id}.text`)}`.toLocaleLowerCase().includes(needle),
  );
  return (
    <div className="mx-auto max-w-5xl">
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h1>{t('help.title')}</h1>
          <p className="mt-0.5 max-w-[70ch] leading-prose text-text-2">{t('help.intro')}</p>
        </div>
        <div className="no-print flex min-w-56 max-tablet:w-full">
          <SearchField label={t('help.search')} value={text} onChange={setText} shortcut={<Key>/</Key>} />
        </div>
      </div>
      {shown.length === 0 && (
        <Card className="mt-4">
          <EmptyState>{t('help.nothing', { text: text.trim() })}</EmptyState>
        </Card>
      )}
      <div className="mt-4 grid grid-cols-1 gap-4">
        {TERM_GROUPS.map((group) => {
          const terms = shown.filter((id) => TERMS[id].group === group);
          return terms.length === 0 ? null : (
            <Card key={group} title={t(`help.group.${group}`)} flush>
              <dl>
                {terms.map((id) => (
                  <Entry key={id} id={id} chosen={chosen === id} />
                ))}
              </dl>
            </Card>
          );
        })}
      </div>
    </div>
  );
}

function Entry({ id, chosen }: { id: TermId; chosen: boolean }) {
  const t = useT();
  const name = t(`help.term.${id}.name`);
  return (
    <div
      id={id}
      className={cx(
        'grid gap-x-6 gap-y-0.5 border-t border-line px-4 py-3 tablet:grid-cols-[minmax(0,13rem)_minmax(0,1fr)]',
        chosen && 'bg-selected',
      )}
    >
      <dt className="text-14 leading-5 font-semibold">
        <a href={`#${id}`} title={t('help.linkTo', { term: name })} className="hover:text-accent">
          {name}
        </a>
      </dt>
      <dd>
        <p className="max-w-[72ch] leading-prose text-text-2">{t(`help.term.${id}.text`)}</p>
        <p className="mt-0.5 text-12 text-text-3">{termSource(id, t)}</p>
      </dd>
    </div>
  );
}
