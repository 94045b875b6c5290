/** One command in a mono block with Copy. */
import { useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { Button } from './Button.tsx';
import { commandParts } from './commandParts.ts';

const COPIED_MS = 2_000;

export function CodeLine({ code, label }: { code: string; label: string }) {
  const t = useT();
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied('yes');
    } catch {
      // Without TLS browsers offer no clipboard; the text is there to be marked.
      setCopied('failed');
    }
    window.setTimeout(() => setCopied('no'), COPIED_MS);
  };
  return (
    <div className="flex items-start gap-3 rounded-md border border-line bg-sunken p-3">
      <code
        aria-label={label}
        className="min-w-0 flex-1 py-1 text-12 leading-5 [overflow-wrap:anywhere] whitespace-pre-wrap select-all"
      >
        {commandParts(code).map(({ text, whole }, index) =>
          whole ? (
            <span key={index} className="whitespace-pre">
              {text}
            </span>
          ) : (
            text
          ),
        )}
      </code>
      <Button size="small" icon={copied === 'yes' ? 'check' : 'copy'} onClick={() => void copy()}>
        {copied === 'yes' ? t('ui.copied') : t('ui.copy')}
      </Button>
      <span role="status" className="sr-only">
        {copied === 'yes' ? t('ui.copied') : copied === 'failed' ? t('ui.copyFailed') : ''}
      </span>
    </div>
  );
}
