/** Which configuration items the load agents have become. */
import { hostnameOf } from '../fleet/load-agent.ts';
import { InvalidRun } from './figure.ts';
import type { Muster } from './muster.ts';

const PAGE = 200;

/** Ids by number of agent. @throws InvalidRun where one is missing */
export async function machineIds(muster: Muster, seed: number, agents: number): Promise<string[]> {
  const byName = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const page: { items: { id: string; name: string }[]; nextCursor: string | null } = await muster.json(
      `/cis?limit=${PAGE}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const { id, name } of page.items) byName.set(name, id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return Array.from({ length: agents }, (_, agent) => {
    const id = byName.get(hostnameOf(seed, agent));
    if (id === undefined) throw new InvalidRun(`agent ${agent} is no machine of the server`);
    return id;
  });
}
