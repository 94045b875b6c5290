/** Where coverage looks: machines by class and tag, records and relations; and when it may have changed. */
import { type Expectations, expectedSpans } from '../availability/expectation.ts';
import type { Span } from '../availability/spans.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Membership } from '../relations/membership.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { RelationGraph } from '../relations/graph.ts';
import { impactGraph } from '../relations/services.ts';
import type { CoverageSource } from './coverage.ts';

export interface MemberDeps {
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf'>;
  readonly graph: Pick<RelationGraph, 'from' | 'to'>;
  readonly membership: Membership;
  readonly survivorOf?: (ciId: string) => string;
}

export function coverageSource({
  directory,
  nodes,
  graph,
  membership,
  survivorOf = (id) => id,
}: MemberDeps): CoverageSource {
  return {
    machines: () => directory.all(),
    isMachine: (ciId) => directory.get(ciId) !== undefined,
    survivorOf,
    nodes: () => nodes.all(),
    graph: impactGraph(graph, nodes),
    membership,
  };
}

/** Calls `changed` when class, tags, relations or places of anything may put other CIs into windows. */
export function watchMembers(
  { directory, membership }: Pick<MemberDeps, 'directory' | 'membership'>,
  changed: () => void,
): void {
  const known = new Map<string, string>();
  // One that turned out to be another one becomes retired.
  const signOf = (entry: CiEntry) => [entry.class, entry.lifecycle, ...entry.tags].join('\n');
  for (const entry of directory.all()) known.set(entry.id, signOf(entry));
  directory.onChange((entry) => {
    const sign = signOf(entry);
    if (known.get(entry.id) === sign) return;
    known.set(entry.id, sign);
    changed();
  });
  membership.onChange(changed);
}

/** Expected hours of a machine inside a span; null: no machine. */
export function hoursSource({
  directory,
  expectations,
}: {
  readonly directory: CiDirectory;
  readonly expectations: Pick<Expectations, 'of'>;
}): (ciId: string, span: Span) => 'always' | readonly Span[] | null {
  return (ciId, { fromMs, toMs }) => {
    const entry = directory.get(ciId);
    if (!entry) return null;
    const expectation = expectations.of(entry);
    return expectation.hours === 'always'
      ? 'always'
      : expectedSpans(expectation, entry.timeZone, fromMs, toMs);
  };
}
