/** Network traffic on Windows and macOS, each reading of the helper once, and how each link is. */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../../collectors/collector.ts';
import { percentOf } from '../../collectors/fields.ts';
import { instanceText } from '../../collectors/instance.ts';
import { type Counters, type Dated, type InterfaceCounters, isNews } from '../system.ts';

export const network: Collector<Dated<Counters> | null> = {
  name: 'network',
  platforms: ['win32', 'darwin'],
  collect({ system }, previous) {
    const reading = system?.told().counters ?? null;
    if (reading === null || !isNews(reading, previous?.atMs ?? null)) return { samples: [], state: previous };
    const before = new Map(previous?.value.interfaces.map((one) => [one.name, one]));
    const elapsedMs = previous === null ? 0 : reading.atMs - previous.atMs;
    const samples = reading.value.interfaces
      .filter((one) => !NOT_WATCHED.test(one.name) && wasUsed(one))
      .flatMap((one) => [...trafficSamples(one), ...linkSamples(before.get(one.name), one, elapsedMs)]);
    return { samples, state: reading };
  },
};

/** Loopback, links between Apple's devices, tunnels that the system makes for itself, and cables of guests. */
const NOT_WATCHED =
  /^(?:lo\d+|awdl\d+|llw\d+|anpi\d+|ap\d+|gif\d+|stf\d+|XHC\d+|feth\d+|vmenet\d+|pktap\d+)$/;

function wasUsed({ receivedPackets, transmittedPackets }: InterfaceCounters): boolean {
  return receivedPackets > 0 || transmittedPackets > 0;
}

function trafficSamples(counters: InterfaceCounters): Sample[] {
  const instance = instanceText(counters.name);
  const values: readonly (readonly [MetricName, number | null])[] = [
    ['network.received', counters.receivedBytes],
    ['network.transmitted', counters.transmittedBytes],
    ['network.received.packets', counters.receivedPackets],
    ['network.transmitted.packets', counters.transmittedPackets],
    ['network.received.errors', counters.receivedErrors],
    ['network.transmitted.errors', counters.transmittedErrors],
    ['network.received.drops', counters.receivedDrops],
    ['network.transmitted.drops', counters.transmittedDrops],
  ];
  return values.flatMap(([metric, value]) => (value === null ? [] : [{ metric, instance, value }]));
}

function linkSamples(
  previous: InterfaceCounters | undefined,
  current: InterfaceCounters,
  elapsedMs: number,
): Sample[] {
  const instance = instanceText(current.name);
  const { up, bytesPerSecond } = current;
  const samples: Sample[] = up === null ? [] : [{ metric: 'network.link.up', instance, value: up ? 1 : 0 }];
  if (previous === undefined || elapsedMs <= 0 || bytesPerSecond === null) return samples;
  const received = current.receivedBytes - previous.receivedBytes;
  const transmitted = current.transmittedBytes - previous.transmittedBytes;
  // The counters began anew: nothing is known of this interval.
  if (received < 0 || transmitted < 0) return samples;
  const value = percentOf(Math.max(received, transmitted), (bytesPerSecond * elapsedMs) / 1_000);
  samples.push({ metric: 'network.utilisation', instance, value });
  return samples;
}
