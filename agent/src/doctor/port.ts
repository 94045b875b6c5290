/** What the doctor sees of the machine and of the network; every failure is a value, so that each step can be judged without either. */
import type { RefusalCode } from '@muster/shared/wire/server-messages.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Settings } from '../config.ts';
import type { LinkFaultCode } from '../handshake.ts';

/** `code` of Node or of the system, such as ECONNREFUSED; '' where there is none. */
export interface Failure {
  readonly type: 'failure';
  readonly code: string;
  readonly detail: string;
}

export type ConfigurationSeen =
  | {
      readonly type: 'read';
      readonly settings: Settings;
      /** Where key, spool and status lie. */
      readonly dataDir: string;
      /** Why the agent does not go by it; null: it does. */
      readonly refused: string | null;
    }
  /** Installed as a package, and told no server yet. */
  | { readonly type: 'none' }
  | {
      readonly type: 'unreadable';
      readonly detail: string;
      /** null: it may be read, and something else is wrong with it. */
      readonly forbidden: Forbidden | null;
    };

export interface Forbidden {
  readonly path: string;
  /** The agent's own user, where it is that one who may not; null: somebody else asks. */
  readonly agentUser: string | null;
}

export type FolderSeen =
  | { readonly type: 'missing' }
  /** Whoever runs the doctor may not look into it. */
  | { readonly type: 'closed' }
  | {
      readonly type: 'there';
      /** The twelve permission bits of the folder, and of the private key; null: there is none yet. */
      readonly mode: number;
      readonly keyMode: number | null;
      /** A file could be made in it; null: not tried, because only the agent's own user may. */
      readonly writable: boolean | null;
    };

/** What the agent itself wrote last. */
export interface StatusSeen {
  readonly running: boolean;
  /** Process of an agent that runs and has not written its own, as on a full disk; this is of one before it. null: there is none. */
  readonly successor: number | null;
  readonly online: boolean;
  readonly pendingApproval: boolean;
  readonly problem: { readonly code: string; readonly detail: string; readonly hint: string } | null;
  readonly spool: {
    readonly depth: number;
    readonly usedBytes: number;
    readonly dropped: number;
    readonly fault: string | null;
  };
}

export interface IdentitySeen {
  /** base64url; null: not enrolled anywhere. */
  readonly enrolledWith: string | null;
  readonly trustedAtFirstSight: string | null;
}

export type ServiceSeen =
  | {
      readonly type: 'systemd';
      readonly active: string;
      readonly enabled: boolean;
      readonly restarts: number;
    }
  /** No unit of this name, or no systemd. */
  | {
      readonly type: 'none';
      readonly systemd: boolean;
      /** Process of an agent whose supervisor is gone; null: there is none. */
      readonly abandoned: number | null;
    };

export type NameSeen =
  | { readonly type: 'found'; readonly addresses: readonly string[]; readonly tookMs: Millis }
  | Failure;

export type ConnectionSeen = { readonly type: 'connected'; readonly tookMs: Millis } | Failure;

export interface ConnectionTried {
  readonly address: string;
  readonly seen: ConnectionSeen;
}

/** Judged by nobody yet: also certificates that the agent would refuse are shown. */
export interface CertificateSeen {
  /** As Node names it: TLSv1.3. */
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses it is for. */
  readonly names: readonly string[];
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** base64 of the SHA-256 of its public key. */
  readonly pin: string;
  /** Code of OpenSSL or Node; null: the authorities of this machine and the name agree. */
  readonly distrust: string | null;
}

export interface HttpSeen {
  readonly type: 'answer';
  readonly status: number;
  /** The Date header; null: none, or none that can be read. */
  readonly dateMs: Millis | null;
  /** Header Via or Server of something in between; '' where nothing says so. */
  readonly through: string;
}

/** One question to the server's health address, as far as it came. */
export interface AskedSeen {
  /** null: plain text, or TLS did not come about. */
  readonly certificate: CertificateSeen | null;
  readonly tls: Failure | null;
  readonly http: HttpSeen | Failure;
}

export type TunnelSeen =
  | { readonly type: 'open' }
  | { readonly type: 'failure'; readonly detail: string; readonly hint: string };

/** The proxy as far as it was reached. */
export type ProxySeen =
  | { readonly type: 'unnamed'; readonly failure: Failure; readonly nameServers: readonly string[] }
  | { readonly type: 'unreached'; readonly tried: readonly ConnectionTried[] }
  | TunnelSeen;

/** The first half of the handshake, in which the agent says nothing about itself. */
export type GreetingSeen =
  | { readonly type: 'proved'; readonly serverKey: string }
  /** `upgraded`: the WebSocket was open. */
  | {
      readonly type: 'failure';
      readonly upgraded: boolean;
      readonly code: LinkFaultCode | RefusalCode;
      readonly detail: string;
      readonly hint: string;
    };

/** Keys of servers, base64url. */
export interface KnownServer {
  /** null: any that it shows. */
  readonly trustedKey: string | null;
  /** null: with none. */
  readonly enrolledWith: string | null;
}

export interface DoctorPort {
  now(): Millis;
  configuration(): ConfigurationSeen;
  folder(dataDir: string): FolderSeen;
  /** What the agent may still write; null: unknown. */
  availableBytes(dataDir: string): number | null;
  status(dataDir: string): StatusSeen | null;
  identity(dataDir: string): IdentitySeen | null;
  service(): Promise<ServiceSeen>;
  /** Of resolv.conf(5). */
  nameServers(): readonly string[];
  lookUp(host: string): Promise<NameSeen>;
  connect(address: string, port: number): Promise<ConnectionSeen>;
  tunnel(settings: Settings): Promise<TunnelSeen>;
  ask(settings: Settings): Promise<AskedSeen>;
  greet(settings: Settings, known: KnownServer): Promise<GreetingSeen>;
}
