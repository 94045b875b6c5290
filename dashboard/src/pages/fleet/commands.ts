/** Command lines for a new machine, and what is odd about them. Pure. */

const LOOPBACK = String.raw`(localhost|127(?:\.\d{1,3}){3}|\[::1\])`;

/** The address of the server's own machine in a line that is to be run on others; null where there is none. */
export function loopbackIn(line: string): string | null {
  return new RegExp(`(?:--server |-Server ')https?://${LOOPBACK}(?=[:/'\\s]|$)`).exec(line)?.[1] ?? null;
}

/** The same in the address of a page. */
export function loopbackOf(origin: string): string | null {
  return new RegExp(`^https?://${LOOPBACK}(?::|$)`).exec(origin)?.[1] ?? null;
}

/** For a machine that has a copy of Muster itself. `origin`: of this page. */
export function commandByHand(origin: string, serverKey: string, token: string): string {
  const plain = origin.startsWith('http:') && loopbackOf(origin) === null;
  // Of a shell's own echo nothing stands on the list of processes.
  return [
    `echo ${token} | npm run muster -- agent run --server ${origin}`,
    ...(plain ? ['--insecure'] : []),
    `--server-key ${serverKey}`,
    '--token-file -',
  ].join(' ');
}
