/** What is odd about an agent, in words: what it means first, then what the server noted. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { dateTimeText, millis } from '../../util/time.ts';

/** The kinds the server tells; one that is newer than this page shows the server's own note. */
const WORDS: Readonly<Record<string, Key>> = {
  'cloned-identity': 'fleet.finding.cloned',
  'restored-image': 'fleet.finding.restored',
  'frames-missing': 'fleet.finding.missing',
  'frames-dropped': 'fleet.finding.dropped',
  'identity-contradicted': 'fleet.finding.contradicted',
  'inventory-refused': 'fleet.finding.inventory',
  'event-failed': 'fleet.finding.event',
  'clock-ahead': 'fleet.finding.clock',
  'series-left-out': 'fleet.finding.series',
};

export function FindingsDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  return (
    <Dialog open onClose={onClose} title={t('fleet.findingsOf', { name: agent.hostname })}>
      <ul className="grid gap-3">
        {agent.findings.map(({ kind, at, detail }) => {
          const word = WORDS[kind];
          return (
            <li key={kind} className="border-t border-line pt-3 first:border-t-0 first:pt-0">
              <p className="leading-prose font-medium">{word ? t(word) : detail}</p>
              {word && detail !== '' && (
                <p lang="en" className="mt-0.5 text-12 leading-prose break-words text-text-2">
                  {detail}
                </p>
              )}
              <time dateTime={at} className="text-12 text-text-3">
                {dateTimeText(millis(at), language)}
              </time>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
