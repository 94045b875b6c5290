/** The registry of packs: one line each. */
import { checksPack } from './checks.ts';
import { networkPack } from './network.ts';
import type { Pack } from './pack.ts';
import { serverPack } from './server.ts';
import { workstationPack } from './workstation.ts';

export const PACKS: readonly Pack[] = [serverPack, workstationPack, networkPack, checksPack];
