/** One agent that the footprint bench watches: a tree of processes, and what it has sent so far. */

/** Both directions, since the start. */
export interface Traffic {
  /** What TCP or UDP carried: TLS, WebSocket and HTTP included. */
  readonly upBytes: number;
  readonly downBytes: number;
  /** Ethernet, IP, TCP or UDP; null where `ss` is missing, which counts the segments. */
  readonly headerBytes: number | null;
}

export interface Sent {
  /** null: it sends nothing to anybody. */
  readonly traffic: Traffic | null;
  readonly samples: number;
}

export interface Subject {
  /** Key in the JSON. */
  readonly name: string;
  readonly title: string;
  /** Of the topmost process; its descendants count as well. */
  readonly pid: number;
  sent(): Promise<Sent>;
  /** All that it printed so far. */
  output(): string;
  stop(): Promise<void>;
}
