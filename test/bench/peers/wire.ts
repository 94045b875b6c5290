/**
 * On the wire: an hour of 100 machines over one connection each, everything in samples frames counted: WebSocket headers, the
 * declarations of the first frame, the ticks. The peers: one request a host and tick, bodies of remote write without HTTP headers.
 */
import type { Bench, Measured, Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { startMuster, verifyStored } from './muster.ts';
import { startPeer } from './peer.ts';
import { openRemoteWrite } from './remote-write.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

const HOSTS = { full: 100, quick: 10 };
const HOUR_TICKS = 360;
const HELD_TICKS = 3;
const PEER_TICKS = 6;

export const wire: Trial = {
  name: 'wire',
  summary: 'an hour of 100 hosts × 100 series: bytes of samples frames, one tick a frame and three held',
  figures: [
    {
      name: 'wire_bytes',
      title: 'on the wire, one tick a frame, headers included',
      unit: 'B/sample',
      better: 'lower',
      gates: [{ against: null, gate: 2.3, stretch: 2 }],
    },
    {
      name: 'wire_bytes_held',
      title: 'on the wire, three ticks held, headers included',
      unit: 'B/sample',
      better: 'lower',
      gates: [{ against: null, gate: 1.6, stretch: 1.3 }],
    },
  ],
  run: measureWire,
};

async function measureWire(bench: Bench): Promise<Measured> {
  const plain = await bytesOfMuster(bench, 1);
  const held = await bytesOfMuster(bench, HELD_TICKS);
  // Both peers are sent the same bytes.
  const [name] = bench.peers;
  const peerBytes = name === undefined ? [] : [await bytesOfPeer(bench, name)];
  const peers = { prometheus: peerBytes, victoriametrics: peerBytes };
  return {
    values: {
      wire_bytes: { muster: [plain], ...peers },
      wire_bytes_held: { muster: [held], ...peers },
    },
  };
}

async function bytesOfMuster(bench: Bench, hold: number): Promise<number> {
  bench.say(`wire: Muster, ${hold === 1 ? 'one tick a frame' : `${hold} ticks held`}`);
  const agents = bench.quick ? HOSTS.quick : HOSTS.full;
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'burst',
    agents,
    ticks: HOUR_TICKS,
    warmTicks: 0,
    hold,
    seed: bench.seed,
  });
  fleet.go();
  const { bytesPerSample } = await fleet.report();
  await verifyStored(muster, agents * HOUR_TICKS * SERIES_PER_HOST);
  await muster.stop();
  return bytesPerSample;
}

async function bytesOfPeer(bench: Bench, name: Bench['peers'][number]): Promise<number> {
  bench.say(`wire: ${name}`);
  const peer = await startPeer(name);
  const load = await openRemoteWrite(peer, {
    hosts: bench.quick ? HOSTS.quick : HOSTS.full,
    seed: bench.seed,
    startMs: Math.floor(Date.now() / STEP_MS) * STEP_MS - PEER_TICKS * STEP_MS,
  });
  await load.send(PEER_TICKS);
  load.close();
  await peer.stop();
  return load.bodyBytes / load.samples;
}
