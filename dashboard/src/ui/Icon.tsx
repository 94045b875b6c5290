/** Line icons, 16 × 16, drawn for this product. Always beside a word or with a label on the control. */
import { cx } from './cx.ts';

const PATHS = {
  home: 'M2.5 7.2 8 2.6l5.5 4.6M4 6.4v6.8h8V6.4M6.7 13V9.4h2.6V13',
  alert: 'M8 2.2 14.3 13.2H1.7ZM8 6.3v3.2M8 11.4v.1',
  monitor: 'M1.8 3h12.4v7.6H1.8ZM5.4 13.4h5.2M8 10.8v2.4',
  rules: 'M1.8 4.6h12.4M1.8 11.4h12.4M5.4 2.6v4M10.6 9.4v4',
  agent: 'M3 6h10v6.8H3ZM8 6V3.2M8 3V1.9M6 9v.6M10 9v.6M1.4 8.2v2.4M14.6 8.2v2.4',
  server: 'M2 2.6h12v4.4H2ZM2 9h12v4.4H2ZM4.6 4.8h.1M4.6 11.2h.1M7 4.8h4.6M7 11.2h4.6',
  laptop: 'M3.2 3.4h9.6v6.8H3.2ZM1.4 12.6h13.2',
  virtual: 'M1.8 2.6h8.4v6.6H1.8ZM12.6 5.6h1.6v7.8H5.8v-1.8',
  box: 'M8 1.9 13.7 5v6L8 14.1 2.3 11V5ZM2.5 5.1 8 8.1l5.5-3M8 8.2v5.6',
  search: 'M7.2 2.6a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2ZM10.6 10.6l3.2 3.2',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1',
  moon: 'M6.2 2.2a6 6 0 1 0 7.6 7.6 5 5 0 0 1-7.6-7.6Z',
  system: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 2.4v11.2',
  plus: 'M8 3v10M3 8h10',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'm3 8.6 3.3 3.3L13 4.8',
  copy: 'M5.4 5.4h8v8h-8ZM10.6 5.2V2.6h-8v8h2.6',
  chevron: 'm4.4 6.2 3.6 3.6 3.6-3.6',
  back: 'M9.8 3.4 5.2 8l4.6 4.6',
  menu: 'M2.4 4.4h11.2M2.4 8h11.2M2.4 11.6h11.2',
  more: 'M3.4 8h.1M8 8h.1M12.6 8h.1',
  columns: 'M2.2 3h11.6v10H2.2ZM6 3v10M10 3v10',
  pause: 'M5.6 3.6v8.8M10.4 3.6v8.8',
  play: 'M5 3.2v9.6L12.6 8Z',
  table: 'M2.2 3h11.6v10H2.2ZM2.2 6.4h11.6M2.2 9.7h11.6M6.4 6.4V13',
  user: 'M8 2.4a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4ZM2.8 13.6c.5-2.6 2.5-4 5.2-4s4.7 1.4 5.2 4',
  note: 'M3 2.6h7l3 3v7.8H3ZM5.4 8h5.2M5.4 10.6h3.4',
  gear: 'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4',
  bell: 'M4 11.2V7a4 4 0 0 1 8 0v4.2l1.2 1.2H2.8ZM6.6 13.8h2.8',
  change: 'M2.4 5.4h10.4M10.2 2.8l2.8 2.6-2.8 2.6M13.6 10.6H3.2M5.8 8l-2.8 2.6 2.8 2.6',
  pulse: 'M1.6 8.4h3L6.4 3.6l3.2 8.8 1.8-4h3',
  disk: 'M8 2.2c3.2 0 5.6.9 5.6 2.2S11.2 6.6 8 6.6 2.4 5.700 2.4 4.400 4.800 2.200 8 2.200ZM2.4 4.4v7.2c0 1.300 2.400 2.200 5.600 2.200s5.600-.9 5.600-2.200V4.400M2.400 8c0 1.300 2.400 2.200 5.600 2.200S13.600 9.300 13.600 8',
  network: 'M8 2v4M3 14v-4h10v4M8 6v4M6.400 2h3.200M1.600 14h2.800M11.600 14h2.800',
  eye: 'M1.600 8C3.200 5 5.400 3.600 8 3.600S12.800 5 14.400 8C12.800 11 10.600 12.400 8 12.400S3.200 11 1.600 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  lock: 'M3.4 7.2h9.2v6.2H3.4ZM5.4 7.2V5.2a2.6 2.6 0 0 1 5.2 0v2',
  sidebar: 'M2.200 3h11.600v10H2.200ZM6 3v10',
  pencil: 'M3 13l.6-2.800 7.200-7.200 2.200 2.200-7.200 7.200ZM9.400 4.400l2.200 2.200',
  external: 'M9 2.800h4.200V7M13 3 7.800 8.200M11.400 9.400v3.800H2.800V4.600h3.800',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, className, size = 16 }: { name: IconName; className?: string; size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={cx('flex-none', className)}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The icon of a CI class. */
export function classIcon(ciClass: string): IconName {
  return CLASS_ICONS[ciClass] ?? 'box';
}

const CLASS_ICONS: Readonly<Record<string, IconName>> = {
  Server: 'server',
  Workstation: 'laptop',
  VirtualMachine: 'virtual',
  NetworkDevice: 'network',
  Subnet: 'network',
  Peripheral: 'monitor',
  Service: 'pulse',
  Location: 'home',
  Person: 'user',
  Team: 'user',
  Licence: 'note',
  Contract: 'note',
  Document: 'note',
};

/** Nine squares of a roll, one of them pale: who is missing. */
export function Mark({ size = 22 }: { size?: number }) {
  const cells = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => ({ row, column })));
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="flex-none">
      <rect width="32" height="32" rx="7" className="fill-accent-solid" />
      {cells.map(({ row, column }) => (
        <rect
          key={`${row}${column}`}
          x={7 + column * 6.5}
          y={7 + row * 6.5}
          width="5"
          height="5"
          rx="1.5"
          className="fill-on-solid"
          opacity={row === 1 && column === 2 ? 0.45 : 1}
        />
      ))}
    </svg>
  );
}
