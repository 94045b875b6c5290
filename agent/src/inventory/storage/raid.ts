/** RAID sets of the kernel (md) from sysfs. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { readNumber, readValue } from '../text.ts';

type Raid = SectionData['storage']['raids'][number];

const BLOCK = '/sys/block';
const SECTOR_BYTES = 512;

export function readRaids(host: Host): Raid[] {
  return host
    .list(BLOCK)
    .filter((name) => readValue(host, `${BLOCK}/${name}/md/level`) !== null)
    .map((name) => {
      const md = `${BLOCK}/${name}/md`;
      const sectors = readNumber(host, `${BLOCK}/${name}/size`);
      return {
        name,
        controller: null,
        level: readValue(host, `${md}/level`),
        state: stateOf(host, md),
        sizeBytes: sectors === null ? null : sectors * SECTOR_BYTES,
        members: host
          .list(md)
          .filter((one) => one.startsWith('dev-'))
          .map((one) => ({ disk: one.slice('dev-'.length), state: readValue(host, `${md}/${one}/state`) })),
      };
    });
}

/** md(4): `degraded` counts missing members; `sync_action` says what is being done about it. A regular check is no rebuild. */
function stateOf(host: Host, md: string): Raid['state'] {
  const array = readValue(host, `${md}/array_state`);
  if (array === 'inactive' || array === 'clear') return 'failed';
  if (/^(recover|resync|reshape)$/.test(readValue(host, `${md}/sync_action`) ?? '')) return 'rebuilding';
  const degraded = readNumber(host, `${md}/degraded`);
  if (degraded === null) return array === null ? 'unknown' : 'ok';
  return degraded > 0 ? 'degraded' : 'ok';
}
