/** Exchange with Prometheus: samples of its programs in, ours out to other stores. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Segmented } from '../../ui/Segmented.tsx';
import { IncomingTab } from './IncomingTab.tsx';
import { OutgoingTab } from './OutgoingTab.tsx';

export function ExchangeSettings() {
  const t = useT();
  usePageTitle(t('exchange.title'));
  const { show } = useSearch({ from: `/app${'/settings/exchange'}` });
  const navigate = useNavigate({ from: '/settings/exchange' });
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('exchange.title')}</h1>
        <Segmented
          label={t('exchange.direction')}
          value={show ?? 'in'}
          options={[
            { value: 'in', label: t('exchange.in') },
            { value: 'out', label: t('exchange.out') },
          ]}
          onChange={(value) =>
            void navigate({ search: { show: value === 'out' ? 'out' : undefined }, replace: true })
          }
        />
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('exchange.intro')}</p>
      {show === 'out' ? <OutgoingTab /> : <IncomingTab />}
    </>
  );
}
