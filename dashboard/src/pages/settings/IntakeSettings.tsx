/** Where agents of other makers deliver: the addresses, how each does, and the latest deliveries. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IntakeSite } from '@muster/shared/api/intake.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { intakeSitesQuery, useRevokeIntakeSite } from '../../parts/otherAgentsQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import type { StateLook } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { FormDialog } from './FormDialog.tsx';
import { IntakeDeliveriesCard } from './IntakeDeliveriesCard.tsx';
import { NewIntakeSiteDialog } from './NewIntakeSiteDialog.tsx';

export function IntakeSettings() {
  const t = useT();
  usePageTitle(t('intake.title'));
  const sites = useQuery(intakeSitesQuery);
  const refusal = useActionRefusal('enrolment.write');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<IntakeSite | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('intake.title')}</h1>
        <Button look="primary" icon="plus" disabledReason={refusal} onClick={() => setMaking(true)}>
          {t('intake.make')}
        </Button>
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('intake.intro')}</p>
      <section aria-label={t('intake.sites')} className="card mt-3 overflow-clip">
        {sites.data ? (
          sites.data.length === 0 ? (
            <EmptyState
              action={
                <Button disabledReason={refusal} onClick={() => setMaking(true)}>
                  {t('intake.make')}
                </Button>
              }
            >
              {t('intake.none')}
            </EmptyState>
          ) : (
            <ul>
              {sites.data.map((site) => (
                <SiteRow key={site.id} site={site} onRevoke={setRevoking} />
              ))}
            </ul>
          )
        ) : sites.error ? (
          <div className="px-4">
            <ErrorPanel error={sites.error} retry={() => void sites.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )}
      </section>
      <IntakeDeliveriesCard sites={sites.data ?? []} />
      {making && <NewIntakeSiteDialog onClose={() => setMaking(false)} />}
      {revoking && <RevokeDialog site={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

const LOOKS = {
  waiting: { word: 'intake.state.waiting', glyph: 'ring', tone: 'idle' },
  delivering: { word: 'intake.state.delivering', glyph: 'tick', tone: 'up' },
  failing: { word: 'intake.state.failing', glyph: 'square-x', tone: 'crit' },
  silent: { word: 'intake.state.silent', glyph: 'question', tone: 'unknown' },
  expired: { word: 'intake.state.expired', glyph: 'dash', tone: 'idle' },
  revoked: { word: 'intake.state.revoked', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<IntakeSite['state'], StateLook>;

interface SiteProps {
  readonly site: IntakeSite;
  readonly onRevoke: (site: IntakeSite) => void;
}

function SiteRow({ site, onRevoke }: SiteProps) {
  const t = useT();
  const refusal = useActionRefusal('enrolment.write');
  const over = site.state === 'revoked' || site.state === 'expired';
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 px-4 py-2.5 tablet:grid-cols-[minmax(0,1fr)_150px_minmax(0,1fr)_88px] [&+&]:border-t [&+&]:border-line">
      <span className="min-w-0">
        <span className={over ? 'block truncate text-text-3' : 'block truncate font-medium'}>
          {site.name}
        </span>
        <Scope site={site} />
      </span>
      <span className="max-tablet:col-span-2 max-tablet:row-start-2">
        <StatusBadge look={LOOKS[site.state]} />
      </span>
      <span className="text-12 text-text-2 max-tablet:col-span-2 max-tablet:row-start-3">
        <Figures site={site} />
      </span>
      <span className="text-right max-tablet:col-start-2 max-tablet:row-start-1">
        {site.state !== 'revoked' && (
          <Button
            size="small"
            aria-label={t('intake.revokeNamed', { name: site.name })}
            disabledReason={refusal}
            onClick={() => onRevoke(site)}
          >
            {t('intake.revoke')}
          </Button>
        )}
      </span>
      {site.lastError && (
        <p className="col-span-full text-12 leading-prose">
          <LastError error={site.lastError} />
        </p>
      )}
    </li>
  );
}

function Scope({ site }: { site: IntakeSite }) {
  const t = useT();
  const language = useLanguage();
  const parts = [
    site.site === null ? null : t('intake.scope.site', { name: site.site }),
    site.class === null ? null : t(`intake.class.${site.class}`),
    site.tags.length === 0 ? null : t('intake.scope.tags', { tags: site.tags.join(', ') }),
    t('intake.made', { date: dateText(millis(site.createdAt), language) }),
    site.expiresAt === null ? null : t('intake.until', { date: dateText(millis(site.expiresAt), language) }),
  ].filter((part) => part !== null);
  return <span className="block text-12 text-text-3">{parts.join(' · ')}</span>;
}

function Figures({ site }: { site: IntakeSite }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const { lastDeliveryAt } = site;
  return (
    <>
      <span className="block">
        {t('intake.taken', { count: site.deliveries })}
        {site.refused > 0 && ` · ${t('intake.refused', { count: site.refused })}`}
      </span>
      {lastDeliveryAt !== null && (
        <time
          dateTime={lastDeliveryAt}
          title={dateTimeText(millis(lastDeliveryAt), language)}
          className="block text-text-3"
        >
          {t('intake.last', { ago: agoText(millis(lastDeliveryAt), now, t) })}
        </time>
      )}
    </>
  );
}

function LastError({ error }: { error: NonNullable<IntakeSite['lastError']> }) {
  const t = useT();
  const now = useNow(30_000);
  return (
    <>
      <span className="text-text-3">{t('intake.lastError', { ago: agoText(millis(error.at), now, t) })}</span>{' '}
      <span className="font-medium">{t(`intake.error.${error.code}`)}</span>{' '}
      <span className="text-text-2">{t(`intake.hint.${error.code}`)}</span>
    </>
  );
}

function RevokeDialog({ site, onClose }: { site: IntakeSite; onClose: () => void }) {
  const t = useT();
  const revoke = useRevokeIntakeSite();
  return (
    <FormDialog
      title={t('intake.revokeTitle', { name: site.name })}
      text={t('intake.revokeText')}
      button={t('intake.revoke')}
      keep={t('intake.keep')}
      danger
      right="enrolment.write"
      state={revoke}
      onClose={onClose}
      onSubmit={() => revoke.mutate(site.id, { onSuccess: onClose })}
    />
  );
}
