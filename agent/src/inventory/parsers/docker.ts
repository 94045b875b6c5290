/** Docker and Podman: `docker ps --all --no-trunc --format json` and `docker inspect`. Environment and arguments are not read. */
import * as z from 'zod';
import type { Guest, GuestState } from './guest.ts';
import { jsonOf, linesOf, trimmed } from './lines.ts';

export interface PublishedPort {
  readonly protocol: string;
  readonly containerPort: number;
  /** Of the host; null where it is not published. */
  readonly hostPort: number | null;
  readonly hostAddress: string | null;
}

export interface Container extends Guest {
  readonly createdAtMs: number | null;
  readonly imageId: string | null;
  readonly ports: readonly PublishedPort[];
}

const STATES: Readonly<Record<string, GuestState>> = {
  created: 'off',
  configured: 'off',
  exited: 'off',
  stopped: 'off',
  dead: 'crashed',
  paused: 'paused',
  removing: 'dying',
  restarting: 'running',
  running: 'running',
};

const Text = z.string().nullish().catch(null);
const Count = z.number().nullish().catch(null);
const Listed = z.object({
  ID: Text,
  Id: Text,
  Image: Text,
  ImageID: Text,
  Names: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .catch(null),
  State: Text,
  Status: Text,
});

/** One JSON object per line (docker) or one list (podman); lines that are neither are passed over. */
export function parseDockerPs(text: string): Container[] {
  const whole = jsonOf(text);
  const rows = Array.isArray(whole)
    ? whole
    : linesOf(text)
        .filter((line) => line.startsWith('{'))
        .map(jsonOf);
  return rows.flatMap((row: unknown) => {
    const parsed = Listed.safeParse(row);
    if (!parsed.success) return [];
    const { ID, Id, Image, ImageID, Names, State, Status } = parsed.data;
    const id = trimmed(ID ?? Id);
    const name = trimmed(Array.isArray(Names) ? Names[0] : Names?.split(',')[0]);
    if (id === null && name === null) return [];
    return [
      {
        name: name ?? id ?? '',
        id,
        kind: 'docker',
        state: STATES[State?.toLowerCase() ?? ''] ?? stateOfStatus(Status),
        cpus: null,
        memoryBytes: null,
        macs: [],
        image: trimmed(Image),
        imageId: trimmed(ImageID),
        createdAtMs: null,
        ports: [],
      },
    ];
  });
}

/** Old engines print no state, only 'Up 3 hours (Paused)' or 'Exited (0) 2 days ago'. */
function stateOfStatus(status: string | null | undefined): GuestState {
  if (/^Up .*\(Paused\)/i.test(status ?? '')) return 'paused';
  if (/^(?:Up|Restarting)/i.test(status ?? '')) return 'running';
  return /^(?:Exited|Created)/i.test(status ?? '') ? 'off' : 'unknown';
}

const Inspected = z.object({
  Id: Text,
  Name: Text,
  Created: Text,
  Image: Text,
  State: z
    .object({ Status: Text, Running: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
  Config: z.object({ Image: Text }).nullish().catch(null),
  HostConfig: z
    .object({ Memory: Count, NanoCpus: Count, CpuQuota: Count, CpuPeriod: Count })
    .nullish()
    .catch(null),
  NetworkSettings: z
    .object({
      MacAddress: Text,
      Networks: z
        .record(z.string(), z.object({ MacAddress: Text }).nullable().catch(null))
        .nullish()
        .catch(null),
      Ports: z
        .record(
          z.string(),
          z
            .array(z.object({ HostIp: Text, HostPort: Text }))
            .nullish()
            .catch(null),
        )
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});
type Inspected = z.infer<typeof Inspected>;

/** `docker inspect ID …`: a list of containers; entries that are none are passed over. */
export function parseDockerInspect(text: string): Container[] {
  const whole = jsonOf(text);
  return (Array.isArray(whole) ? whole : []).flatMap((entry: unknown) => {
    const parsed = Inspected.safeParse(entry);
    const id = parsed.success ? trimmed(parsed.data.Id) : null;
    return parsed.success && id !== null ? [containerOf(parsed.data, id)] : [];
  });
}

function containerOf(entry: Inspected, id: string): Container {
  const created = Date.parse(entry.Created ?? '');
  const memory = entry.HostConfig?.Memory ?? 0;
  const networks = Object.values(entry.NetworkSettings?.Networks ?? {}).map((network) => network?.MacAddress);
  const macs = [entry.NetworkSettings?.MacAddress, ...networks].flatMap(
    (mac) => trimmed(mac)?.toLowerCase() ?? [],
  );
  return {
    name: trimmed(entry.Name)?.replace(/^\//, '') ?? id,
    id,
    kind: 'docker',
    state:
      STATES[entry.State?.Status?.toLowerCase() ?? ''] ??
      (entry.State?.Running === true ? 'running' : 'unknown'),
    cpus: cpusOf(entry.HostConfig),
    memoryBytes: memory > 0 ? memory : null,
    macs: [...new Set(macs)],
    image: trimmed(entry.Config?.Image),
    imageId: trimmed(entry.Image),
    createdAtMs: Number.isNaN(created) ? null : created,
    ports: portsOf(entry.NetworkSettings?.Ports ?? {}),
  };
}

/** The limit in processors; null without one. */
function cpusOf(host: Inspected['HostConfig']): number | null {
  const [nano, quota, period] = [host?.NanoCpus ?? 0, host?.CpuQuota ?? 0, host?.CpuPeriod ?? 0];
  if (nano > 0) return nano / 1e9;
  return quota > 0 && period > 0 ? quota / period : null;
}

function portsOf(ports: NonNullable<NonNullable<Inspected['NetworkSettings']>['Ports']>): PublishedPort[] {
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const match = /^(\d{1,5})\/(\w{1,8})$/.exec(key);
    if (match?.[1] === undefined || match[2] === undefined) return [];
    const port = { protocol: match[2], containerPort: Number(match[1]) };
    if (bindings === null || bindings === undefined || bindings.length === 0)
      return [{ ...port, hostPort: null, hostAddress: null }];
    return bindings.map(({ HostIp, HostPort }) => ({
      ...port,
      hostPort: /^\d{1,5}$/.test(HostPort ?? '') ? Number(HostPort) : null,
      hostAddress: trimmed(HostIp),
    }));
  });
}
