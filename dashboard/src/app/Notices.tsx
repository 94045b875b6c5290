/** What outranks every page: the server's own faults, plain text on the wire, a newer dashboard than this one. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { statusQuery } from '../api/queries.ts';
import type { Key } from '../i18n/catalogue.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { Icon } from '../ui/Icon.tsx';

/** Faults of the server that have a sentence of their own; others are told as the server says them. */
const TROUBLES = {
  'disk-nearly-full': 'shell.trouble.diskNearlyFull',
  'disk-slow': 'shell.trouble.diskSlow',
  'data-damaged': 'shell.trouble.dataDamaged',
  'exchange-in': 'shell.trouble.exchangeIn',
  'exchange-out': 'shell.trouble.exchangeOut',
} as const satisfies Record<string, Key>;

export function Notices() {
  const t = useT();
  const { data } = useQuery(statusQuery);
  const updated = useNewerServer(data?.version);
  if (data === undefined) return null;
  const [first] = data.troubles;
  const word = first && troubleWord(first.code);
  return (
    <>
      {first && (
        <Notice tone={first.code.startsWith('exchange') ? 'warn' : 'crit'}>
          <span title={first.detail}>
            {word ? t(word) : t('shell.serverTrouble', { detail: first.detail })}
          </span>{' '}
          {data.troubles.length > 1 && (
            <span>{t('shell.trouble.more', { count: data.troubles.length - 1 })} </span>
          )}
          <Link to="/settings/engine" className="underline">
            {t('shell.trouble.look')}
          </Link>
        </Notice>
      )}
      {data.insecure && <Notice tone="warn">{t('shell.insecure')}</Notice>}
      {updated && (
        <Notice tone="info">
          {t('shell.updated', { version: data.version })}{' '}
          <Button size="small" className="ml-1" onClick={() => window.location.reload()}>
            {t('shell.reload')}
          </Button>
        </Notice>
      )}
    </>
  );
}

function troubleWord(code: string): Key | undefined {
  return code in TROUBLES ? TROUBLES[code as keyof typeof TROUBLES] : undefined;
}

/** True once the server has another version than when this page was loaded: the page is then the older one. */
function useNewerServer(version: string | undefined): boolean {
  const [loaded, setLoaded] = useState(version);
  if (loaded === undefined && version !== undefined) setLoaded(version);
  return version !== undefined && loaded !== undefined && version !== loaded;
}

const TONES = {
  crit: 'bg-crit-weak font-medium text-crit-fg',
  warn: 'bg-warn-weak text-warn-fg',
  info: 'bg-accent-weak',
} as const;

function Notice({ tone, children }: { tone: keyof typeof TONES; children: React.ReactNode }) {
  return (
    <div
      role={tone === 'crit' ? 'alert' : 'status'}
      className={cx(
        'no-print flex items-start gap-2 border-b border-line px-4 py-2 tablet:px-6',
        TONES[tone],
      )}
    >
      <span className="grid h-5 flex-none place-items-center">
        {tone === 'info' ? (
          <Icon name="change" />
        ) : (
          <Glyph name={tone === 'crit' ? 'square-x' : 'triangle'} />
        )}
      </span>
      <p className="min-w-0 leading-5">{children}</p>
    </div>
  );
}
