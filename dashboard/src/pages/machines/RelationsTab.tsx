/** What the machine is related to: what a failure reaches, a picture of up to three steps, and the same as a list. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { classIcon, Icon, type IconName } from '../../ui/Icon.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import {
  type Edge,
  NODE_HEIGHT_PX,
  NODE_WIDTH_PX,
  type PlacedNode,
  relationsLayout,
} from './relationsLayout.ts';
import { RelationsList, useClassWord } from './RelationsList.tsx';
import { RELATION_STEPS, type RelationsSearch } from './relationsSearch.ts';

const STEPS_DEFAULT = '2';
/** Pages of relations read; a machine with more parts is not drawn by anybody. */
const PAGES_MAX = 10;

const relationsQuery = (id: string, steps: number) =>
  queryOptions({
    queryKey: ['ci', id, 'relations', steps],
    queryFn: async ({ signal }) => {
      const edges: Edge[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const query = { steps, limit: LIST_LIMIT_MAX, cursor };
        const answer = await call(ENDPOINTS.ciRelations, { params: { id }, query }, signal);
        edges.push(...answer.items);
        if (answer.nextCursor === null) break;
        cursor = answer.nextCursor;
      }
      return edges;
    },
    staleTime: MINUTE_MS,
    // The picture stays while that around another of its nodes is read: a node that was chosen by key keeps the focus.
    placeholderData: (held) =>
      held?.some(({ fromId, toId }) => fromId === id || toId === id) ? held : undefined,
  });

const impactQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'impact'],
    queryFn: ({ signal }) => call(ENDPOINTS.ciImpact, { params: { id } }, signal).then(({ items }) => items),
    staleTime: MINUTE_MS,
  });

export function RelationsTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const search = useSearch({ from: `/app${'/machines/$id/relations'}` });
  const navigate = useNavigate({ from: '/machines/$id/relations' });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  const { steps = STEPS_DEFAULT, node = id, as = shownFirst() } = search;
  const edges = useQuery(relationsQuery(node, Number(steps)));
  const set = (change: Partial<RelationsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const choose = (next: string) => set({ node: next === id ? undefined : next });
  const name = nameOf(ci, edges.data ?? [], node);
  return (
    <div className="grid gap-4">
      <ImpactCard ci={ci} id={node} name={name} />
      <Card
        title={t('machines.relations.title', { name })}
        note={edges.data && t('machines.relations.count', { count: edges.data.length })}
        action={
          <span className="no-print flex flex-wrap items-center gap-2">
            {node !== id && (
              <Button size="small" icon="back" onClick={() => choose(id)}>
                {t('machines.relations.backTo', { name: ci.name })}
              </Button>
            )}
            <Segmented
              label={t('machines.relations.steps')}
              value={steps}
              options={RELATION_STEPS.map((value) => ({
                value,
                label: t('machines.relations.stepCount', { count: Number(value) }),
              }))}
              onChange={(value) => set({ steps: value === STEPS_DEFAULT ? undefined : value })}
            />
            <Segmented
              label={t('machines.relations.as')}
              value={as}
              options={(['picture', 'list'] as const).map((value) => ({
                value,
                label: t(`machines.relations.${value}`),
              }))}
              onChange={(value) => set({ as: value })}
            />
          </span>
        }
        flush
      >
        {edges.data === undefined ? (
          edges.error ? (
            <div className="px-4">
              <ErrorPanel error={edges.error} retry={() => void edges.refetch()} />
            </div>
          ) : (
            <Skeleton className="m-4 h-64" />
          )
        ) : edges.data.length === 0 ? (
          <EmptyState>{t('machines.relations.none')}</EmptyState>
        ) : as === 'picture' ? (
          <Picture
            ci={ci}
            edges={edges.data}
            rootId={node}
            onChoose={choose}
            onList={() => set({ as: 'list' })}
          />
        ) : (
          <RelationsList edges={edges.data} name={name} />
        )}
      </Card>
    </div>
  );
}

/** A phone shows the list: a picture of three tiers is wider than it. */
function shownFirst(): 'picture' | 'list' {
  return window.matchMedia('(max-width: 760px)').matches ? 'list' : 'picture';
}

/** A part that is gone has its name from its edges, once they are read. */
function nameOf(ci: CiDetail, edges: readonly Edge[], id: string): string {
  const known = [ci, ...ci.parts].find((each) => each.id === id)?.name;
  if (known !== undefined) return known;
  const edge = edges.find(({ fromId, toId }) => fromId === id || toId === id);
  if (edge === undefined) return id;
  return edge.fromId === id ? edge.fromName : edge.toName;
}

/** What fails with it, in a sentence and then one by one; nothing is claimed beyond what is recorded. */
function ImpactCard({ ci, id, name }: { ci: CiDetail; id: string; name: string }) {
  const t = useT();
  const classWord = useClassWord();
  const impact = useQuery(impactQuery(id));
  const items = impact.data ?? [];
  const ofMachine = id === ci.id;
  const byClass = new Map<string, number>();
  for (const item of items) byClass.set(item.class, (byClass.get(item.class) ?? 0) + 1);
  const list = ofMachine
    ? [...byClass].map(([ciClass, count]) =>
        t('machines.relations.classCount', { word: classWord(ciClass), count }),
      )
    : items.map((item) => item.name);
  return (
    <Card title={t('machines.relations.impact')}>
      {impact.data === undefined ? (
        impact.error ? (
          <ErrorPanel error={impact.error} retry={() => void impact.refetch()} />
        ) : (
          <Skeleton className="h-5 w-[min(480px,100%)]" />
        )
      ) : items.length === 0 ? (
        <p>{t('machines.relations.impactNone', { name })}</p>
      ) : (
        <>
          <p className="leading-prose">
            {ofMachine
              ? t('machines.relations.impactMachine', { name, count: items.length })
              : t('machines.relations.impactPart', { name, list: list.join(t('ui.listSeparator')) })}
          </p>
          {ofMachine && <p className="mt-0.5 text-12 text-text-2">{list.join(t('ui.listSeparator'))}</p>}
          {!ofMachine && (
            <ul className="mt-1.5 grid gap-0.5 text-12 text-text-2">
              {items.map((item) => (
                <li key={item.id} className="break-words">
                  {item.path.join(' → ')} <span className="text-text-3">{classWord(item.class)}</span>
                </li>
              ))}
            </ul>
          )}
          <p className="mt-2 text-12 text-text-3">{t('machines.relations.onlyRecorded')}</p>
        </>
      )}
    </Card>
  );
}

function Picture({
  ci,
  edges,
  rootId,
  onChoose,
  onList,
}: {
  ci: CiDetail;
  edges: readonly Edge[];
  rootId: string;
  onChoose: (id: string) => void;
  onList: () => void;
}) {
  const t = useT();
  const layout = useMemo(() => relationsLayout(edges, rootId, virtualParts(ci)), [edges, rootId, ci]);
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={t('machines.relations.picture')}
      className="overflow-x-auto px-4 pt-2 pb-4"
    >
      <div className="relative" style={{ width: layout.widthPx, height: layout.heightPx }}>
        <svg
          width={layout.widthPx}
          height={layout.heightPx}
          aria-hidden="true"
          className="absolute inset-0 overflow-visible"
        >
          {layout.edges.map(({ id, type, from, to }) => (
            <path
              key={id}
              d={edgePath(from, to)}
              fill="none"
              strokeWidth={from.id === rootId || to.id === rootId ? 1.8 : 1.2}
              strokeDasharray={type === 'composes' ? undefined : '5 4'}
              className={from.id === rootId || to.id === rootId ? 'stroke-accent' : 'stroke-line-strong'}
            />
          ))}
        </svg>
        <ul>
          {layout.nodes.map((node) => (
            <li key={node.id}>
              <Node node={node} chosen={node.id === rootId} onChoose={() => onChoose(node.id)} />
            </li>
          ))}
          {layout.left.map(({ tier, x, y, count }) => (
            <li key={tier}>
              <button
                type="button"
                onClick={onList}
                style={{ left: x, top: y, width: NODE_WIDTH_PX, height: NODE_HEIGHT_PX }}
                className="absolute rounded-md text-left text-12 text-accent hover:underline"
              >
                {t('machines.relations.more', { count })}
              </button>
            </li>
          ))}
        </ul>
      </div>
      <p className="mt-3 flex flex-wrap gap-x-4 text-12 text-text-3">
        <LineWord dashed={false} word={t('machines.relations.type.composes')} />
        <LineWord dashed word={t('machines.relations.type.dependsOn')} />
        <span>{t('machines.relations.help')}</span>
      </p>
    </div>
  );
}

function LineWord({ dashed, word }: { dashed: boolean; word: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <svg width="22" height="6" aria-hidden="true">
        <path
          d="M0 3h22"
          strokeWidth="1.4"
          className="stroke-line-strong"
          strokeDasharray={dashed ? '5 4' : undefined}
        />
      </svg>
      {word}
    </span>
  );
}

function Node({ node, chosen, onChoose }: { node: PlacedNode; chosen: boolean; onChoose: () => void }) {
  const t = useT();
  const classWord = useClassWord();
  return (
    <span
      style={{ left: node.x, top: node.y, width: NODE_WIDTH_PX, height: NODE_HEIGHT_PX }}
      className={cx(
        'absolute flex items-stretch rounded-md border bg-surface',
        chosen ? 'border-accent' : 'border-line-strong',
      )}
    >
      <button
        type="button"
        aria-pressed={chosen}
        title={`${node.name} · ${classWord(node.class)}`}
        onClick={onChoose}
        className={cx(
          'flex min-w-0 flex-1 items-center gap-1.5 rounded-l-md px-2 text-left hover:bg-hover',
          chosen && 'bg-selected font-medium text-accent',
        )}
      >
        <Icon name={nodeIcon(node.class)} size={14} className={chosen ? undefined : 'text-text-3'} />
        <span className="truncate">{node.name}</span>
      </button>
      <Link
        to="/cis/$id"
        params={{ id: node.id }}
        aria-label={t('machines.relations.open', { name: node.name })}
        className="grid w-7 place-items-center rounded-r-md text-text-3 hover:bg-hover hover:text-text"
      >
        <Icon name="external" size={12} />
      </Link>
    </span>
  );
}

/** From the right side of the left node to the left side of the right one; within a tier around the side. */
function edgePath(a: PlacedNode, b: PlacedNode): string {
  const [left, right] = a.x <= b.x ? [a, b] : [b, a];
  const y1 = left.y + NODE_HEIGHT_PX / 2;
  const y2 = right.y + NODE_HEIGHT_PX / 2;
  const x1 = left.x + NODE_WIDTH_PX;
  if (left.x === right.x) return `M${x1} ${y1}C${x1 + 28} ${y1} ${x1 + 28} ${y2} ${x1} ${y2}`;
  const middle = (x1 + right.x) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${right.x} ${y2}`;
}

function nodeIcon(ciClass: string): IconName {
  if (ciClass === 'NetworkInterface') return 'network';
  if (ciClass === 'FileSystem') return 'disk';
  if (ciClass === 'OperatingSystem') return 'gear';
  return classIcon(ciClass);
}

/** Bridges, tunnels and containers come and go: the ports of the machine stand before them. */
function virtualParts(ci: CiDetail): ReadonlySet<string> {
  return new Set(
    ci.parts
      .filter((part) => part.details.some(({ name, value }) => name === 'virtual' && value === true))
      .map(({ id }) => id),
  );
}
