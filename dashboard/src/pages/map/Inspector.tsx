/** One CI of the map: its relations by kind, the way to it, and what would fail with it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { useKindWord } from './MapList.tsx';
import { failingQuery } from './queries.ts';

/** Names of one kind; the rest are counted. */
const NAMES_MAX = 12;

export interface InspectorProps {
  readonly map: MapAnswer;
  readonly id: string;
  readonly failing: boolean;
  readonly onFailing: (failing: boolean) => void;
  readonly onChoose: (id: string | undefined) => void;
  readonly onAround: (id: string) => void;
}

export function Inspector({ map, id, failing, onFailing, onChoose, onAround }: InspectorProps) {
  const t = useT();
  const words = useWords();
  const kindWord = useKindWord();
  const at = map.nodes.findIndex((node) => node.id === id);
  const node = map.nodes[at];
  if (node === undefined)
    return (
      <Card>
        <p className="text-text-2">{t('map.notHere')}</p>
        <Link to="/cis/$id" params={{ id }} className="font-medium text-accent hover:underline">
          {t('map.openCi')}
        </Link>
      </Card>
    );
  const kinds = new Map<string, number[]>();
  for (const [from, to, type] of map.edges) {
    if (from !== at && to !== at) continue;
    const kind = `${from === at ? '>' : '<'}${map.types[type] ?? ''}`;
    const held = kinds.get(kind);
    if (held) held.push(from === at ? to : from);
    else kinds.set(kind, [from === at ? to : from]);
  }
  return (
    <Card
      title={node.name}
      note={isCiClass(node.class) ? words(CI_CLASSES[node.class].title) : node.class}
      action={
        <Button size="small" icon="close" aria-label={t('map.close')} onClick={() => onChoose(undefined)} />
      }
    >
      <div className="grid gap-3">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12">
          {node.state !== null && <StatusBadge look={PRESENCE_LOOKS[node.state]} />}
          {node.site !== null && <span className="text-text-2">{node.site}</span>}
          <Link to="/cis/$id" params={{ id }} className="font-medium text-accent hover:underline">
            {t('map.openCi')}
          </Link>
        </p>
        <div className="flex flex-wrap items-center gap-2">
          <Button size="small" onClick={() => onAround(id)}>
            {t('map.onlyAround')}
          </Button>
          <Switch label={t('map.whatIf')} checked={failing} onChange={onFailing}>
            {t('map.whatIf')}
          </Switch>
        </div>
        {failing && <WhatIf id={id} name={node.name} onChoose={onChoose} />}
        {[...kinds].map(([kind, others]) => (
          <section key={kind} aria-label={kindWord(kind)}>
            <h3 className="text-12 font-medium text-text-3">
              {t('map.tie', { kind: kindWord(kind), count: others.length })}
            </h3>
            <ul className="mt-0.5 grid gap-0.5">
              {others.slice(0, NAMES_MAX).map((other) => (
                <li key={other} className="min-w-0">
                  <button
                    type="button"
                    onClick={() => onChoose(map.nodes[other]?.id)}
                    className="max-w-full truncate text-left hover:text-accent"
                  >
                    {map.nodes[other]?.name}
                  </button>
                </li>
              ))}
              {others.length > NAMES_MAX && (
                <li className="text-12 text-text-3">{t('map.more', { count: others.length - NAMES_MAX })}</li>
              )}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}

function WhatIf({ id, name, onChoose }: { id: string; name: string; onChoose: (id: string) => void }) {
  const t = useT();
  const impact = useQuery(failingQuery([id]));
  if (impact.data === undefined)
    return impact.error ? (
      <ErrorPanel error={impact.error} retry={() => void impact.refetch()} />
    ) : (
      <Skeleton className="h-10" />
    );
  const { items, usersLost } = impact.data;
  if (items.length === 0) return <p>{t('map.reachesNothing', { name })}</p>;
  const lost = items.filter(({ state }) => state === 'lost').length;
  const degraded = items.filter(({ state }) => state === 'degraded').length;
  return (
    <div role="status" className="rounded-md border border-line p-2.5">
      <p className="font-medium">{t('map.reaches', { lost, degraded, users: usersLost })}</p>
      <ul className="mt-1.5 grid max-h-64 gap-1 overflow-y-auto" tabIndex={0} aria-label={t('map.whatIf')}>
        {items.slice(0, 50).map((item) => (
          <li key={item.id} className="text-12">
            <button type="button" className="font-medium hover:text-accent" onClick={() => onChoose(item.id)}>
              {item.name}
            </button>{' '}
            <span className="text-text-2">{t(`map.impact.${item.state}`)}</span>
            {item.redundancy.map(({ group, left, of, needed }) => (
              <span key={group} className="text-text-2">
                {' '}
                {t('map.left', { left, of, needed })}
              </span>
            ))}
            <span className="block break-words text-text-3">{item.path.join(' → ')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
