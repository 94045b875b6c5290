/** Reports that could be of a known item, with the evidence side by side; and the values that caused such doubt. */
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type IdentityReview, JUNK_KINDS, type JunkValue } from '@muster/shared/api/identity.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { junkQuery, reviewsQuery, useIdentityAction } from '../../parts/identityActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { rejectedText, ruleKey } from './identityWords.ts';
import { KeyTable } from './KeyTable.tsx';

export function ReviewsPage() {
  const t = useT();
  const title = t('identity.reviews.title');
  usePageTitle(title);
  const reviews = useQuery(reviewsQuery);
  const asked = useLocation({ select: ({ hash }) => hash });
  const isAnswered =
    asked !== '' && reviews.data !== undefined && !reviews.data.items.some(({ id }) => id === asked);
  return (
    <>
      <h1>{title}</h1>
      <p className="mt-1 max-w-[72ch] leading-prose text-text-2">{t('identity.reviews.about')}</p>
      <div className="mt-4 grid gap-4">
        {isAnswered && (
          <p role="status" className="rounded-md bg-planned-weak px-3 py-2 text-planned-fg">
            {t('identity.reviews.answered')}
          </p>
        )}
        {reviews.data === undefined ? (
          <Card flush={reviews.error === null}>
            {reviews.error ? (
              <ErrorPanel error={reviews.error} retry={() => void reviews.refetch()} />
            ) : (
              <SkeletonRows rows={6} />
            )}
          </Card>
        ) : reviews.data.items.length === 0 ? (
          <Card>
            <EmptyState>{t('identity.reviews.none')}</EmptyState>
          </Card>
        ) : (
          <>
            <p role="status" className="text-12 text-text-2">
              {t('identity.reviews.count', { count: reviews.data.open })}
            </p>
            {reviews.data.items.map((review) => (
              <div
                key={review.id}
                id={review.id}
                ref={review.id === asked ? intoView : undefined}
                className={
                  review.id === asked ? 'rounded-lg outline-2 outline-offset-2 outline-accent' : undefined
                }
              >
                <ReviewCard review={review} />
              </div>
            ))}
          </>
        )}
        <JunkCard />
      </div>
    </>
  );
}

/** The question that a finding led here for. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'start' });
}

function ReviewCard({ review }: { review: IdentityReview }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const act = useIdentityAction();
  const why = ruleKey({ ...review, decision: 'ambiguous' });
  const params = { id: review.id };
  const undo = (mergeId: string) =>
    act.mutate(() => call(ENDPOINTS.undoMerge, { params: { id: mergeId } }), {
      onSuccess: () => say(t('identity.reviews.undone')),
    });
  const same = (id: string, name: string) =>
    act.mutate(async () => {
      const { mergeId } = await call(ENDPOINTS.decideIdentityReview, { params, body: { same: id } });
      const action = mergeId
        ? { label: t('identity.reviews.undo'), onPress: () => undo(mergeId) }
        : undefined;
      say(t('identity.reviews.saidSame', { name }), action);
    });
  const isNew = () =>
    act.mutate(() => call(ENDPOINTS.decideIdentityReview, { params, body: { new: true } }), {
      onSuccess: () => say(t('identity.reviews.saidNew', { name: review.ci.name })),
    });
  return (
    <Card
      title={t('identity.reviews.asks', { name: review.ci.name })}
      action={
        <time dateTime={review.openedAt} className="text-12 text-text-3">
          {t('identity.reviews.since', { when: dateTimeText(millis(review.openedAt), language) })}
        </time>
      }
      flush
    >
      <p className="px-4 pb-3 leading-prose">
        {why === null ? <span lang="en">{review.reason}</span> : t(why)}{' '}
        <span className="text-12 break-all text-text-3">
          {t('identity.reviews.reporter', {
            reporter: t(`identity.source.${review.reporter.source}`, { id: review.reporter.id }),
          })}
        </span>
      </p>
      {review.candidates.map((one) => (
        <section key={one.id} className="border-t border-line pt-3">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 pb-2">
            <h3 className="font-medium">
              <Link to="/cis/$id" params={{ id: one.id }} className="hover:text-accent">
                {t('identity.reviews.candidate', { name: one.name })}
              </Link>
            </h3>
            <span className="text-12 text-text-2">{rejectedText(one.reason, t, language)}</span>
            <span className="text-12 text-text-3">
              {one.lastSeenAt === null
                ? t('identity.reviews.neverSeen')
                : t('identity.reviews.lastSeen', { when: dateTimeText(millis(one.lastSeenAt), language) })}
            </span>
            <Button
              size="small"
              className="ml-auto"
              disabled={act.isPending}
              disabledReason={refusal}
              onClick={() => same(one.id, one.name)}
            >
              {t('identity.reviews.same', { name: one.name })}
            </Button>
          </div>
          <KeyTable keys={one.keys} />
        </section>
      ))}
      <div className="flex flex-wrap items-center justify-end gap-3 border-t border-line px-4 py-3">
        <Link to="/cis/$id" params={{ id: review.ci.id }} className="mr-auto break-all hover:text-accent">
          {review.ci.name}
        </Link>
        <Button disabled={act.isPending} disabledReason={refusal} onClick={isNew}>
          {t('identity.reviews.new')}
        </Button>
      </div>
    </Card>
  );
}

function JunkCard() {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const act = useIdentityAction();
  const junk = useQuery(junkQuery);
  const [kind, setKind] = useState<JunkValue['kind']>('serial');
  const [value, setValue] = useState('');
  const add = () =>
    act.mutate(() => call(ENDPOINTS.addJunkValue, { body: { kind, value, note: null } }), {
      onSuccess: () => {
        say(t('identity.junk.added', { value }));
        setValue('');
      },
    });
  return (
    <Card title={t('identity.junk.title')}>
      <p className="max-w-[72ch] leading-prose text-text-2">{t('identity.junk.about')}</p>
      <form
        className="mt-3 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <SelectField
          label={t('identity.junk.kind')}
          value={kind}
          options={JUNK_KINDS.map((each) => ({ value: each, label: t(`identity.junk.kinds.${each}`) }))}
          onChange={setKind}
        />
        <TextField
          label={t('identity.junk.value')}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
        <Button type="submit" disabled={act.isPending || value.trim().length < 2} disabledReason={refusal}>
          {t('identity.junk.add')}
        </Button>
      </form>
      {junk.error && <ErrorPanel error={junk.error} retry={() => void junk.refetch()} />}
      {junk.data?.items.length === 0 && <p className="mt-3 text-text-3">{t('identity.junk.none')}</p>}
      <ul className="mt-3 grid gap-1.5">
        {junk.data?.items.map((one) => (
          <li key={one.id} className="flex items-center gap-3">
            <span className="w-32 flex-none text-text-3">{t(`identity.junk.kinds.${one.kind}`)}</span>
            <span className="min-w-0 flex-1 font-mono text-12 break-all">{one.value}</span>
            <Button
              size="small"
              aria-label={t('identity.junk.removeOf', { value: one.value })}
              disabled={act.isPending}
              disabledReason={refusal}
              onClick={() =>
                act.mutate(() => call(ENDPOINTS.removeJunkValue, { params: { id: one.id } }), {
                  onSuccess: () => say(t('identity.junk.removed', { value: one.value })),
                })
              }
            >
              {t('identity.junk.remove')}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
