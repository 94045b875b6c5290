/** Conditions, labels and lists as people type them, and the lines for a sender. Pure. */
import {
  type KeptOut,
  LabelCondition,
  type MachineKey,
  MACHINE_KEYS,
  type RemoteWriteIn,
  type TargetFields,
} from '@muster/shared/api/remote-write.ts';

/** `device!=loop*|ram*, job=node` */
export function conditionsText(conditions: readonly LabelCondition[]): string {
  return conditions
    .map(({ label, is, values }) => `${label}${is === 'one-of' ? '=' : '!='}${values.join('|')}`)
    .join(', ');
}

/** null: it cannot be read. */
export function conditionsFrom(text: string): LabelCondition[] | null {
  const found: LabelCondition[] = [];
  for (const part of listFrom(text)) {
    const match = /^([^=!\s]+)\s*(!?=)\s*(.*)$/.exec(part);
    if (!match) return null;
    const [, label = '', sign, values = ''] = match;
    const parsed = LabelCondition.safeParse({
      label,
      is: sign === '=' ? 'one-of' : 'none-of',
      values: values.split('|').map((value) => value.trim()),
    });
    if (!parsed.success) return null;
    found.push(parsed.data);
  }
  return found;
}

/** `site=beijing, env=prod` */
export function labelsText(labels: TargetFields['labels']): string {
  return labels.map(({ name, value }) => `${name}=${value}`).join(', ');
}

/** null: it cannot be read. */
export function labelsFrom(text: string): TargetFields['labels'] | null {
  const labels: TargetFields['labels'] = [];
  for (const part of listFrom(text)) {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(.+)$/.exec(part);
    if (!match) return null;
    labels.push({ name: match[1] as string, value: match[2] as string });
  }
  return labels;
}

export function listFrom(text: string): string[] {
  return text
    .split(/[,，\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Orders in which a machine can be looked for, as one choice: `name address`. */
export const KEY_ORDERS: readonly string[] = [
  ...MACHINE_KEYS,
  ...MACHINE_KEYS.flatMap((first) =>
    MACHINE_KEYS.filter((key) => key !== first).map((second) => `${first} ${second}`),
  ),
  'name address serial',
  'serial name address',
  'address name serial',
];

export function keysOf(order: string): MachineKey[] {
  return MACHINE_KEYS.filter((key) => order.split(' ').includes(key)).sort(
    (a, b) => order.split(' ').indexOf(a) - order.split(' ').indexOf(b),
  );
}

const UNKNOWN_SERVER = 'https://SERVER:8420/api/v1/write';

export function prometheusLines(url: string | null): string {
  return [
    'remote_write:',
    `  - url: ${url ?? UNKNOWN_SERVER}`,
    '    authorization:',
    '      credentials: API_TOKEN',
  ].join('\n');
}

export function vmagentOptions(url: string | null): string {
  return [
    `-remoteWrite.url=${url ?? UNKNOWN_SERVER}`,
    '-remoteWrite.bearerToken=API_TOKEN',
    '-remoteWrite.forcePromProto',
  ].join(' \\\n');
}

/** Whether an address names no place on its server; stores take remote write at one of their own. */
export function isWithoutPath(address: string): boolean {
  const text = address.trim();
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return false;
  return new URL(text).pathname === '/';
}

/** Whether a target answered that there is nothing, or nothing to post to, at the address. */
export function isPathAnswer(answer: string): boolean {
  return /^HTTP 40[45]\b/.test(answer);
}

/** A target of Prometheus whose series say of which machine they are. */
export const INSTANCE_LINES = [
  'static_configs:',
  "  - targets: ['localhost:9100']",
  '    labels:',
  '      instance: MACHINE',
].join('\n');

/** nothing: its requests are taken, and no sample of them is stored. */
export function senderLook({
  refusal,
  samples,
  stored,
}: Pick<RemoteWriteIn['senders'][number], 'refusal' | 'samples' | 'stored'>): 'good' | 'bad' | 'nothing' {
  if (refusal !== null) return 'bad';
  return samples > 0 && stored === 0 ? 'nothing' : 'good';
}

/** Whether the label that names the machine is at fault. */
export function isOfMachine(why: KeptOut | 'ahead'): boolean {
  return why === 'machine-unknown' || why === 'machine-ambiguous' || why === 'no-machine-label';
}

/** Of what is not kept, most first: every exporter tells much that nothing maps, so what keeps the rest out says more. */
export function mainReason({
  keptOut,
  ahead,
}: {
  readonly keptOut: readonly { readonly why: KeptOut }[];
  readonly ahead: number;
}): KeptOut | 'ahead' | null {
  const ofMachine = keptOut.find(({ why }) => isOfMachine(why));
  const mapped = keptOut.find(({ why }) => why !== 'no-line' && why !== 'conditions');
  return (ofMachine ?? mapped)?.why ?? (ahead > 0 ? 'ahead' : (keptOut[0]?.why ?? null));
}
