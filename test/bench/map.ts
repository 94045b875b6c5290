/**
 * The graph of 10,000 CIs and 50,000 relations: impact of one CI and of 20, everything beneath a service, and the answer of the map.
 * p50, p95 and the worst of each. Run: node test/bench/map.ts [cis] [relations]
 */
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import { EdgeIndex } from '../../server/src/relations/graph.ts';
import { type ImpactGraph, impactOf, supportsOf } from '../../server/src/relations/impact.ts';
import { mapOf } from '../../server/src/relations/map.ts';
import type { GraphNode } from '../../server/src/relations/nodes.ts';

const [cis = 10_000, relations = 50_000] = process.argv.slice(2).map(Number);
const RUNS = 500;
const SERVICES_SHARE = 0.05;

let seed = 7;
/** Park and Miller's generator: the same graph in each run. */
function random(below: number): number {
  seed = (seed * 48_271) % 0x7fffffff;
  return seed % below;
}

const services = Math.floor(cis * SERVICES_SHARE);
const classOf = (at: number): CiClass =>
  at < services ? 'Service' : at % 3 === 0 ? 'VirtualMachine' : 'Server';
const nodes = new Map<string, GraphNode>();
for (let at = 0; at < cis; at++)
  nodes.set(`ci_${at}`, {
    id: `ci_${at}`,
    name: `node-${at}`,
    class: classOf(at),
    subclass: null,
    site: `site-${at % 12}`,
    lifecycle: 'in_use',
    criticality: 3,
    owner: null,
    supportGroup: null,
    users: null,
    machineId: null,
  });
const edges = new EdgeIndex();
for (let at = 0; at < relations; at++) {
  const from = random(cis);
  const to = services + random(cis - services);
  const type: RelationTypeName = from < services ? 'dependsOn' : at % 20 === 0 ? 'hosts' : 'connectsTo';
  const group = type === 'dependsOn' && at % 2 === 0 ? 'front' : null;
  if (from !== to)
    edges.put({
      id: `rel_${at}`,
      type,
      fromId: `ci_${from}`,
      toId: `ci_${to}`,
      source: 'agent',
      actor: 'system',
      sinceMs: 0,
      endedAtMs: null,
      group,
      needed: group === null ? null : 1,
    });
}
const graph: ImpactGraph = {
  from: (id) => edges.from(id),
  to: (id) => edges.to(id),
  node: (id) => nodes.get(id),
  partsOf: () => [],
};
const any = () => `ci_${services + random(cis - services)}`;
const whole = { classes: null, site: null, types: null, within: null, nodesMax: cis, edgesMax: relations };

report('impact of one CI', RUNS, () => impactOf([any()], graph).length);
report('impact of 20 CIs', RUNS, () => impactOf(Array.from({ length: 20 }, any), graph).length);
report('beneath a service', 100, () => supportsOf(`ci_${random(services)}`, graph).length);
report('the whole map as JSON', 30, () => JSON.stringify(mapOf(nodes.values(), edges.all(), whole)).length);

function report(what: string, runs: number, work: () => number): void {
  const times: number[] = [];
  let size = 0;
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now();
    size = Math.max(size, work());
    times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(2);
  console.log(
    `${what.padEnd(24)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  worst ${at(1)} ms  (largest ${size})`,
  );
}
