/** Whether what is shown is live: disc and age, or since when not and when the next try is. */
import { useLanguage, useT } from '../i18n/i18n.ts';
import { cx } from '../ui/cx.ts';
import { useNow } from '../util/clock.ts';
import { clockTime } from '../util/time.ts';
import { retryLive, useLiveState } from './live.ts';

export function LiveDisc() {
  const t = useT();
  const language = useLanguage();
  const live = useLiveState();
  const now = useNow();
  const spoken =
    live.state === 'live'
      ? t('shell.live')
      : live.state === 'lost'
        ? t('shell.notLiveSince', { time: clockTime(live.sinceMs, true) })
        : '';
  return (
    <div
      className="flex flex-none items-center justify-end gap-2 text-12 desk:min-w-[124px] whitespace-nowrap text-text-2"
      lang={language === 'zh' ? 'zh-CN' : 'en'}
    >
      <span
        aria-hidden="true"
        className={cx(
          'size-[9px] flex-none rounded-full',
          live.state === 'live' ? 'bg-up-solid ring-3 ring-up-weak' : 'border-[1.5px] border-idle-solid',
        )}
      />
      {live.state === 'live' && (
        <span className="max-tablet:hidden">
          {t('shell.live')}
          <span className="ml-1.5 inline-block min-w-16 text-text-3">
            {t('time.ago', {
              span: t('time.seconds', { value: Math.max(0, (now - live.heardMs) / 1000).toFixed(1) }),
            })}
          </span>
        </span>
      )}
      {live.state === 'live' && <span className="tablet:hidden">{t('shell.live')}</span>}
      {live.state === 'connecting' && t('shell.connecting')}
      {live.state === 'lost' && (
        <button
          type="button"
          onClick={retryLive}
          title={t('shell.retryNow')}
          className="font-medium text-warn-fg"
        >
          <span className="max-desk:hidden">
            {t('shell.notLiveRetry', {
              time: clockTime(live.sinceMs, true),
              seconds: Math.max(0, Math.ceil((live.retryMs - now) / 1000)),
            })}
          </span>
          <span className="desk:hidden">{t('shell.notLive')}</span>
        </button>
      )}
      <span role="status" className="sr-only">
        {spoken}
      </span>
    </div>
  );
}
