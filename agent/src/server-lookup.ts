/**
 * Names for the agent's own connections. getaddrinfo() cannot be ended: where no name server answers it holds a thread for as long as
 * the system is set up to wait, which is longer than an attempt to connect. Half of the threads of the service may look up names (libuv),
 * and without a limit attempt after attempt would take them all, those of the checks among them.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { systemTimers, type Timers } from './timers.ts';

/** Below the patience for the whole connection, so that it is the name server that is told of. */
export const LOOKUP_MS_MAX = 19_000;
/** One that goes on without hope, and one that sees what has changed since that began: a new network has new name servers. */
export const LOOKUPS_AT_ONCE_MAX = 2;

type Answered = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

export interface LookupPort {
  readonly ask: (host: string, options: Pick<LookupOptions, 'hints'>, answered: Answered) => void;
  readonly timers: Timers;
}

interface UnderWay {
  readonly host: string;
  /** null: they have been told that there is no answer. */
  waiting: Answered[] | null;
}

/** For `lookup` of a socket. Whoever asks for a name that is being asked for has the same answer. */
export function boundedLookup({ ask, timers }: LookupPort): LookupFunction {
  const underWay = new Set<UnderWay>();
  const begin = (host: string, hints: LookupOptions['hints'], answered: Answered): void => {
    const one: UnderWay = { host, waiting: [answered] };
    const tell: Answered = (error, addresses) => {
      const { waiting } = one;
      one.waiting = null;
      for (const each of waiting ?? []) each(error, addresses);
    };
    const timer = timers.after(LOOKUP_MS_MAX, () => tell(unanswered(), []));
    underWay.add(one);
    ask(host, { hints }, (error, addresses) => {
      timer.cancel();
      underWay.delete(one);
      tell(error, addresses);
    });
  };
  return (host, { all, hints }, done) => {
    const answered: Answered = (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) return done(error ?? unanswered(), '');
      if (all === true) done(null, addresses);
      else done(null, first.address, first.family);
    };
    const known = [...underWay].find((one) => one.host === host && one.waiting !== null);
    if (known) known.waiting?.push(answered);
    else if (underWay.size < LOOKUPS_AT_ONCE_MAX) begin(host, hints, answered);
    else process.nextTick(answered, unanswered(), []);
  };
}

/** As a name server's own silence is told. */
function unanswered(): NodeJS.ErrnoException {
  return Object.assign(new Error(`no name server answered within ${LOOKUP_MS_MAX / 1_000} s`), {
    code: 'ETIMEOUT',
  });
}

export const serverLookup = boundedLookup({
  ask: (host, { hints }, answered) => lookup(host, { all: true, hints }, answered),
  timers: systemTimers,
});
