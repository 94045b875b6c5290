/** The checks of a real agent: sockets and authorities of this machine. Loaded with the first check. */
import { lookup } from 'node:dns';
import { createSecureContext, type SecureContext } from 'node:tls';
import { authorities } from '../socket.ts';
import { Lookups } from './lookups.ts';
import { probe, type ProbeOptions } from './probe.ts';
import { CheckRunner, type RunnerOptions } from './runner.ts';

/** To read the authorities of a machine costs more than a probe; new ones count after so long at the latest. */
const TRUST_MS_MAX = 3_600_000;

/** @param ca file of certificates (PEM) trusted besides those of the machine */
export function openChecks(
  options: Omit<RunnerOptions, 'probe'> &
    Omit<ProbeOptions, 'trust' | 'resolve'> & { readonly ca: string | null },
): CheckRunner {
  let trusted: { readonly context: SecureContext; readonly readAtMs: number } | null = null;
  const trust = () => {
    const nowMs = options.clocks().awakeMs;
    if (trusted === null || nowMs - trusted.readAtMs > TRUST_MS_MAX)
      trusted = { context: createSecureContext({ ca: authorities(options.ca) }), readAtMs: nowMs };
    return trusted.context;
  };
  const lookups = new Lookups({
    ask: (host, answered) => lookup(host, { all: true }, answered),
    elapsedMs: () => options.clocks().awakeMs,
  });
  return new CheckRunner({
    ...options,
    probe: (check, signal, waits) =>
      probe(
        check,
        { ...options, trust, resolve: (host, answered) => lookups.resolve(host, answered, waits, signal) },
        signal,
      ),
  });
}
