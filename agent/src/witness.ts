/**
 * What this machine can say about a silent neighbour: one knock at a fixed port and a look into the kernel's neighbour
 * table. It runs only where it was switched on, for addresses of its own networks, one at a time, a few in a minute.
 * docs/WIRE.md, section 4, "Witness".
 */
import type { Millis } from '@muster/shared/time.ts';
import type { Witnessed, WitnessRefusal } from '@muster/shared/wire/agent-messages.ts';
import { WITNESS_PER_HOUR_MAX, WITNESS_PER_MINUTE_MAX, WITNESS_PORT } from '@muster/shared/wire/limits.ts';
import type { Host, InterfaceAddress } from './host.ts';
import type { Timers } from './timers.ts';

/** What a knock came to. answers: taken, refused or reset by the address; nothing: anything else, also our own kernel's word. */
export type KnockResult = 'answers' | 'nothing';

/** One TCP connection that sends nothing. */
export interface Knock {
  readonly result: Promise<KnockResult>;
  /** Gives it up; `result` then is `nothing`. */
  end(): void;
}
export type OpenKnock = (address: string, port: number) => Knock;

export interface WitnessOptions {
  readonly host: Pick<Host, 'addresses' | 'readText'>;
  readonly knock: OpenKnock;
  readonly timers: Timers;
  /** Never goes back. */
  readonly elapsedMs: () => Millis;
}

export type Testimony = Omit<Witnessed, 'type' | 'requestId'>;

/** How often the table is read while a knock is under way. */
export const LOOK_MS = 500;
/** An address that was not known: three requests, a second apart (arp(7), mcast_solicit), and one second more. */
export const UNKNOWN_MS_MAX = 4_500;
/** One that was known: five seconds of doubt, three requests (arp(7), delay_first_probe_time, ucast_solicit), and one more. */
export const KNOWN_MS_MAX = 9_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export class Witness {
  readonly #options: WitnessOptions;
  #busy = false;
  #askedMs: Millis[] = [];

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Resolves within WITNESS_MS_MAX and never rejects. */
  async ask(address: string): Promise<Testimony> {
    const value = ipv4(address);
    if (value === null) return refused('address');
    const own = legOf(this.#options.host, value);
    if (own === null) return refused('not-neighbour');
    if (this.#busy) return refused('busy');
    const nowMs = this.#options.elapsedMs();
    this.#askedMs = this.#askedMs.filter((atMs) => nowMs - atMs < HOUR_MS);
    const inMinute = this.#askedMs.filter((atMs) => nowMs - atMs < MINUTE_MS).length;
    if (inMinute >= WITNESS_PER_MINUTE_MAX || this.#askedMs.length >= WITNESS_PER_HOUR_MAX)
      return refused('rate');
    this.#askedMs.push(nowMs);
    this.#busy = true;
    try {
      return { ...(await this.#look(address, own.interface)), refusal: null, gateway: this.#gateway(own) };
    } finally {
      this.#busy = false;
    }
  }

  async #look(address: string, leg: string): Promise<Pick<Testimony, 'answer' | 'by'>> {
    const wasKnown = this.#isKnown(address, leg);
    const fromMs = this.#options.elapsedMs();
    const knock = this.#options.knock(address, WITNESS_PORT);
    let knocked: KnockResult | null = null;
    const answered = knock.result.then((result) => {
      knocked = result;
    });
    try {
      for (;;) {
        await Promise.race([answered, this.#pause(LOOK_MS)]);
        // `answered` is over from now on and must not make this loop spin.
        if (knocked === 'answers') return { answer: 'answers', by: 'tcp' };
        if (knocked !== null) await this.#pause(LOOK_MS);
        const isKnown = this.#isKnown(address, leg);
        const passedMs = this.#options.elapsedMs() - fromMs;
        if (isKnown && !wasKnown) return { answer: 'answers', by: 'resolved' };
        if (!isKnown && (wasKnown || passedMs >= UNKNOWN_MS_MAX)) return { answer: 'silent', by: null };
        if (isKnown && passedMs >= KNOWN_MS_MAX) return { answer: 'answers', by: 'table' };
      }
    } finally {
      knock.end();
    }
  }

  #pause(delayMs: Millis): Promise<void> {
    return new Promise((resolve) => void this.#options.timers.after(delayMs, resolve));
  }

  #isKnown(address: string, leg: string): boolean {
    return this.#stateOf(address, leg) === 'known';
  }

  #stateOf(address: string, leg: string): 'known' | 'incomplete' | 'absent' {
    return neighbourState(this.#options.host.readText('/proc/net/arp') ?? '', address, leg);
  }

  #gateway(own: Leg): Testimony['gateway'] {
    const gateway = gatewayOf(this.#options.host.readText('/proc/net/route') ?? '', own.interface);
    if (gateway === null) return 'unknown';
    const state = this.#stateOf(gateway, own.interface);
    return state === 'known' ? 'answers' : state === 'incomplete' ? 'silent' : 'unknown';
  }
}

function refused(refusal: WitnessRefusal): Testimony {
  return { answer: 'refused', by: null, refusal, gateway: 'unknown' };
}

interface Leg {
  readonly interface: string;
}

/** Longest and shortest networks in which a machine has neighbours: not a point-to-point line, not the internet. */
const PREFIX_MIN = 8;
const PREFIX_MAX = 30;

/** ARPHRD_ETHER: also of wireless ones. A tunnel leads elsewhere, whatever its mask says, and resolves nothing. */
const ETHERNET = '1';

/** The interface that stands in the network of the address; null for own, network and broadcast addresses. */
function legOf(machine: WitnessOptions['host'], value: number): Leg | null {
  const addresses: readonly InterfaceAddress[] = machine.addresses();
  if (addresses.some((own) => own.family === 'ipv4' && ipv4(own.address) === value)) return null;
  for (const { family, address, prefix, interface: name } of addresses) {
    const own = ipv4(address);
    if (family !== 'ipv4' || own === null || prefix < PREFIX_MIN || prefix > PREFIX_MAX) continue;
    const size = 2 ** (32 - prefix);
    const host = value % size;
    if (own - (own % size) !== value - host || host === 0 || host === size - 1) continue;
    if (machine.readText(`/sys/class/net/${name}/type`)?.trim() === ETHERNET) return { interface: name };
  }
  return null;
}

/** Dotted decimal without leading zeros, as a number; null for anything else, loopback, multicast and 0.0.0.0/8. */
export function ipv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (!parts || parts.some((part) => Number(part) > 255 || String(Number(part)) !== part)) return null;
  const first = Number(parts[0]);
  if (first === 0 || first === 127 || first >= 224) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** ATF_COM: the hardware address is known. arp(7); proc(5), /proc/net/arp. */
const COMPLETE = 2;

export function neighbourState(
  table: string,
  address: string,
  leg: string,
): 'known' | 'incomplete' | 'absent' {
  for (const line of table.split('\n')) {
    const [ip, , flags, , , device] = line.trim().split(/\s+/);
    if (ip !== address || device !== leg) continue;
    return (Number(flags) & COMPLETE) === 0 ? 'incomplete' : 'known';
  }
  return 'absent';
}

/** Gateway of the default route over this interface. proc(5), /proc/net/route: hexadecimal, in the order of the memory. */
export function gatewayOf(table: string, leg: string): string | null {
  for (const line of table.split('\n')) {
    const [device, destination, gateway = ''] = line.trim().split(/\s+/);
    if (device !== leg || destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway)) continue;
    const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16));
    if (bytes.some((byte) => byte !== 0)) return bytes.join('.');
  }
  return null;
}
