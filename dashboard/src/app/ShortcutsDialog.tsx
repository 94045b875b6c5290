/** The list of keys. */
import { useT } from '../i18n/i18n.ts';
import type { Key as WordKey } from '../i18n/catalogue.ts';
import { Key } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { CheckField } from '../ui/Field.tsx';
import { useNavigation } from './navigation.ts';
import { setPreference, usePreference } from './preferences.ts';

const GENERAL: readonly (readonly [string, WordKey])[] = [
  ['Ctrl K', 'shell.keys.search'],
  ['/', 'shell.keys.filter'],
  ['[', 'shell.keys.navigation'],
  ['?', 'shell.keys.help'],
];
const LIST: readonly (readonly [string, WordKey])[] = [
  ['J K', 'shell.keys.row'],
  ['Enter', 'shell.keys.openRow'],
  ['X', 'shell.keys.select'],
];
const CHART: readonly (readonly [string, WordKey])[] = [
  ['← →', 'shell.keys.sample'],
  ['Shift ← →', 'shell.keys.tenSamples'],
  ['Home End', 'shell.keys.ends'],
];
const INCIDENT: readonly (readonly [string, WordKey])[] = [
  ['T', 'shell.keys.take'],
  ['A', 'shell.keys.assign'],
  ['N', 'shell.keys.note'],
  ['R', 'shell.keys.resolve'],
];

const SECTIONS = [
  ['shell.keys.anywhere', GENERAL],
  ['shell.keys.onList', LIST],
  ['shell.keys.onIncident', INCIDENT],
  ['shell.keys.onChart', CHART],
] as const;

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  const navigation = useNavigation();
  const off = usePreference('shortcuts') === 'off';
  return (
    <Dialog open={open} onClose={onClose} title={t('shell.keys.title')}>
      <KeyList rows={navigation.items.map((item) => [`g ${item.key}`, t(item.word)])} />
      {SECTIONS.map(([title, keys]) => (
        <section key={title}>
          <h3 className="mt-4 mb-1 text-12 font-medium text-text-3">{t(title)}</h3>
          <KeyList rows={keys.map(([key, word]) => [key, t(word)])} />
        </section>
      ))}
      <div className="mt-5 border-t border-line pt-4">
        <CheckField
          label={t('shell.keys.single')}
          checked={!off}
          onChange={(event) => setPreference('shortcuts', event.target.checked ? 'on' : 'off')}
        />
      </div>
    </Dialog>
  );
}

function KeyList({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl className="grid gap-1.5">
      {rows.map(([keys, meaning]) => (
        <div key={keys} className="flex items-center justify-between gap-4">
          <dt>{meaning}</dt>
          <dd className="flex gap-1">
            {keys.split(' ').map((key) => (
              <Key key={key}>{key}</Key>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
