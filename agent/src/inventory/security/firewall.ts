/** What the packet filters of Linux say about themselves. */
import * as z from 'zod';

const Chains = z.object({
  nftables: z.array(
    z.object({ chain: z.object({ hook: z.string().optional(), type: z.string().optional() }).optional() }),
  ),
});

/** Some chain filters what comes in. @param json `nft -j list chains`; null for another form */
export function hasInputChain(json: string): boolean | null {
  const parsed = Chains.safeParse(parse(json));
  if (!parsed.success) return null;
  return parsed.data.nftables.some(({ chain }) => chain?.hook === 'input' && chain.type === 'filter');
}

/** A policy other than ACCEPT, or any rule. @param rules `iptables -S INPUT` */
export function iptablesFilters(rules: string): boolean {
  return /^-P INPUT (?!ACCEPT)/m.test(rules) || /^-A /m.test(rules);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
