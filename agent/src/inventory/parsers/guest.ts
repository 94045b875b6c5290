/** What every hypervisor and container engine tells about its guests, in one shape. */

export interface Guest {
  readonly name: string;
  /** As the engine writes it, lower case where it is one; container ids too. */
  readonly id: string | null;
  /** 'kvm', 'xen', 'lxc', 'virtualbox', 'hyperv', 'docker' … */
  readonly kind: string;
  readonly state: GuestState;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Lower case with colons. */
  readonly macs: readonly string[];
  readonly image: string | null;
}

export type GuestState =
  | 'running'
  | 'blocked'
  | 'idle'
  | 'paused'
  | 'shutdown'
  | 'off'
  | 'crashed'
  | 'dying'
  | 'unknown';
