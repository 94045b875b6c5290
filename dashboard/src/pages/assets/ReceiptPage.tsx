/** The receipt of a handing over, to be printed and signed by both. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { classTitle } from '../../parts/attributes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { Waiting } from './Waiting.tsx';
import { assignmentQuery } from './queries.ts';

export function ReceiptPage() {
  const { id } = useParams({ from: `/app${'/assignments/$id'}` });
  const t = useT();
  const language = useLanguage();
  const receipt = useQuery(assignmentQuery(id));
  const title = t(receipt.data?.kind === 'in' ? 'assets.receipt.in' : 'assets.receipt.out');
  usePageTitle(title);
  if (receipt.data === undefined)
    return <Waiting error={receipt.error} retry={() => void receipt.refetch()} />;
  const { ci, person, at, due, condition, note, actor } = receipt.data;
  const facts = [
    [t('assets.name'), ci.name],
    [t('assets.class'), classTitle(ci.class, language)],
    [t('assets.number'), ci.assetNumber ?? ABSENT],
    [t('assets.user'), person.name],
    [t('assets.handedOn'), dateTimeText(millis(at), language, false)],
    [t('assets.due'), due ?? ABSENT],
    [t('assets.condition'), t(`assets.conditions.${condition}`)],
    [t('assets.note'), note || ABSENT],
    [t('assets.receipt.by'), actorWord(actor, t)],
  ] as const;
  return (
    <>
      <PrintHeader
        title={title}
        purpose={t('assets.receipt.purpose', { name: ci.name, person: person.name })}
      />
      <div className="flex flex-wrap items-center gap-3 print:hidden">
        <h1 className="mr-auto">{title}</h1>
        <Link
          to="/cis/$id"
          params={{ id: ci.id }}
          search={{ tab: 'asset' }}
          className="text-accent hover:underline"
        >
          {ci.name}
        </Link>
        <Button look="primary" onClick={() => window.print()}>
          {t('assets.receipt.print')}
        </Button>
      </div>
      <Card className="mt-4 max-w-[640px]" flush>
        <dl>
          {facts.map(([label, value]) => (
            <div
              key={label}
              className="grid grid-cols-[160px_minmax(0,1fr)] gap-3 border-t border-line px-4 py-2"
            >
              <dt className="text-text-3">{label}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
        </dl>
        <div className="grid grid-cols-2 gap-8 px-4 pt-16 pb-4 text-12 text-text-2">
          <p className="border-t border-line-strong pt-1">{t('assets.receipt.signGiver')}</p>
          <p className="border-t border-line-strong pt-1">{t('assets.receipt.signTaker')}</p>
        </div>
      </Card>
    </>
  );
}
