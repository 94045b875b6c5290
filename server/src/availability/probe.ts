/** Port of the host probe: does anything at this address answer? It tells a dead agent from a lost host. */

/**
 * Contract: resolves within a few seconds and never rejects. 'answers' is proof that a host runs there (a refusal is an
 * answer); 'silent' proves nothing by itself.
 */
export type HostProbe = (address: string) => Promise<'answers' | 'silent'>;
