/** Devices with a number of their own: graphics cards, monitors, USB devices, printers, batteries, power supplies. */
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { type Part, PartsTable, partTerm, partValue } from './PartsTable.tsx';

/** In the order in which people ask for them. */
const KINDS = ['monitor', 'gpu', 'printer', 'usb', 'battery', 'psu'];

export function DevicesTable({ parts }: { readonly parts: readonly Part[] }) {
  const t = useT();
  const language = useLanguage();
  const text = (part: Part, name: string) => valueText(part.class, name, partValue(part, name), t, language);
  const rank = (part: Part) => KINDS.indexOf(partTerm(part, 'kind') ?? '');
  const devices = parts
    .filter((part) => part.class === 'Component' && rank(part) >= 0)
    .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const title = (name: string) => valueTitle('Component', name, t, language);
  return (
    <PartsTable
      title={t('machines.hardware.devices')}
      parts={devices}
      empty={t('machines.hardware.noDevices')}
      columns={[
        {
          id: 'name',
          label: t('machines.hardware.name'),
          cell: (part) => <span className="font-medium">{part.name}</span>,
        },
        { id: 'kind', label: title('kind'), cell: (part) => text(part, 'kind') },
        { id: 'manufacturer', label: title('manufacturer'), cell: (part) => text(part, 'manufacturer') },
        {
          id: 'serial',
          label: title('serial'),
          cell: (part) => <span className="font-mono text-12 break-all">{text(part, 'serial')}</span>,
        },
        {
          id: 'driver',
          label: title('driver'),
          cell: (part) => text(part, 'driver'),
          className: 'max-desk:hidden',
        },
      ]}
      narrow={(part) => ({ line: text(part, 'serial'), end: text(part, 'kind') })}
    />
  );
}
