/** Everything that is tied to something, as a picture and as a list. */
import { lazy, Suspense, useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { MapAnswer, MapNode } from '@muster/shared/api/relations.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { useLive } from '../../app/live.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { saveCsv, saveFile } from '../../util/csv.ts';
import { patiently } from '../../util/patiently.ts';
import { formatNumber } from '../../util/quantity.ts';
import { AfarMap } from './AfarMap.tsx';
import { Inspector } from './Inspector.tsx';
import { EDGES_DRAWN_MAX, type Look, lookOf, MARK_PATHS, SHAPE_PATHS, SHAPE_WORDS, SHAPES } from './looks.ts';
import { MapList } from './MapList.tsx';
import { mapSvg } from './mapSvg.ts';
import { failingQuery, mapClassesQuery, mapQuery, serviceNamesQuery } from './queries.ts';
import { type MapSearch, NO_SITE, STEPS_DEFAULT } from './search.ts';
import { useLayout } from './useLayout.ts';

const MapCanvas = lazy(patiently(async () => ({ default: (await import('./MapCanvas.tsx')).MapCanvas })));

export function MapPage() {
  const t = useT();
  usePageTitle(t('shell.nav.map'));
  const search = useSearch({ from: `/app${'/map'}` });
  const navigate = useNavigate({ from: '/map' });
  const set = useCallback(
    (change: Partial<MapSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  );
  const map = useQuery(mapQuery(search));
  useLiveStates(search);
  const as = search.as ?? (window.matchMedia('(max-width: 760px)').matches ? 'list' : 'picture');
  const filtered = ['class', 'site', 'service', 'around'].some(
    (name) => search[name as keyof MapSearch] !== undefined,
  );
  return (
    <>
      <h1>{t('map.title')}</h1>
      <p className="mt-1 min-h-5 text-14 text-text-2">{map.data ? <Sentence map={map.data} /> : null}</p>
      <Filters search={search} set={set} as={as} />
      {map.data === undefined ? (
        <Card className="mt-3">
          {map.error ? (
            <ErrorPanel error={map.error} retry={() => void map.refetch()} />
          ) : (
            <Skeleton className="h-96" />
          )}
        </Card>
      ) : map.data.afar !== null && map.data.afar.nodes > 0 ? (
        <AfarMap
          afar={map.data.afar}
          as={as}
          onOpen={(by, key) => set({ [by]: key ?? NO_SITE, group: undefined, ci: undefined })}
        />
      ) : map.data.nodes.length === 0 ? (
        <Card className="mt-3">
          <EmptyState
            action={
              filtered ? (
                <Button
                  onClick={() =>
                    set({ class: undefined, site: undefined, service: undefined, around: undefined })
                  }
                >
                  {t('map.showAll')}
                </Button>
              ) : (
                <Link to="/services" className={buttonClass()}>
                  {t('map.toServices')}
                </Link>
              )
            }
          >
            {t(filtered ? 'map.nothingFits' : 'map.empty')}
          </EmptyState>
        </Card>
      ) : (
        <Body map={map.data} search={search} set={set} as={as} />
      )}
    </>
  );
}

function Sentence({ map }: { map: MapAnswer }) {
  const t = useT();
  return (
    <>
      {map.afar === null
        ? t('map.sentence', { nodes: map.nodes.length, edges: map.edges.length })
        : t('map.afar.sentence', {
            nodes: map.afar.nodes,
            groups: map.afar.groups.length,
            edges: map.afar.edges,
          })}
      {map.lonely > 0 && ` ${t('map.lonely', { count: map.lonely })}`}
      {map.cut && ` ${t('map.cut')}`}
    </>
  );
}

/** Patches what the live connection tells into the answer, so that colours follow within a second. */
function useLiveStates(search: MapSearch): void {
  const queries = useQueryClient();
  useLive({ name: 'presence' }, (message) => {
    if (message.type !== 'presence') return;
    const { queryKey } = mapQuery(search);
    const before = queries.getQueryData(queryKey);
    if (before === undefined) return;
    const states = new Map(message.items.map((item) => [item.ciId, item.state]));
    if (!before.nodes.some(({ id, state }) => states.has(id) && states.get(id) !== state)) return;
    queries.setQueryData(queryKey, {
      ...before,
      nodes: before.nodes.map((node) => {
        const state = states.get(node.id);
        return state === undefined || state === node.state ? node : { ...node, state };
      }),
    });
  });
}

function Filters({
  search,
  set,
  as,
}: {
  search: MapSearch;
  set: (change: Partial<MapSearch>) => void;
  as: 'picture' | 'list';
}) {
  const t = useT();
  const words = useWords();
  const classes = useQuery(mapClassesQuery).data;
  const services = useQuery(serviceNamesQuery).data;
  const all = { value: '', label: t('map.all') };
  return (
    <div className="no-print mt-3 flex flex-wrap items-center gap-2">
      <SelectLine
        label={t('map.column.class')}
        value={search.class ?? ''}
        options={[
          all,
          ...(classes?.items ?? [])
            .filter(({ group, count }) => group !== 'part' && count > 0)
            .map(({ class: name }) => ({
              value: name,
              label: isCiClass(name) ? words(CI_CLASSES[name].title) : name,
            })),
        ]}
        onChange={(value) => set({ class: value || undefined })}
      />
      <SelectLine
        label={t('map.column.site')}
        value={search.site ?? ''}
        options={[
          all,
          ...(search.site === NO_SITE ? [{ value: NO_SITE, label: t('map.afar.noName.site') }] : []),
          ...(classes?.sites ?? []).flatMap(({ value }) => (value === null ? [] : [{ value, label: value }])),
        ]}
        onChange={(value) => set({ site: value || undefined })}
      />
      <SelectLine
        label={t('map.serviceChoice')}
        value={search.service ?? ''}
        options={[all, ...(services?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(value) => set({ service: value || undefined })}
      />
      <SelectLine
        label={t('map.afar.by')}
        value={search.group ?? 'auto'}
        options={(['auto', 'site', 'class', 'service', 'none'] as const).map((value) => ({
          value,
          label: t(`map.afar.as.${value}`),
        }))}
        onChange={(value) => set({ group: value === 'auto' ? undefined : value })}
      />
      {search.around !== undefined && (
        <>
          <SelectLine
            label={t('map.steps')}
            value={search.steps ?? STEPS_DEFAULT}
            options={(['1', '2', '3', '4', '5', '6'] as const).map((value) => ({ value, label: value }))}
            onChange={(value) => set({ steps: value === '2' ? undefined : value })}
          />
          <Button size="small" icon="close" onClick={() => set({ around: undefined, steps: undefined })}>
            {t('map.wholeMap')}
          </Button>
        </>
      )}
      <span className="ml-auto">
        <Segmented
          label={t('map.shownAs')}
          value={as}
          options={(['picture', 'list'] as const).map((value) => ({ value, label: t(`map.as.${value}`) }))}
          onChange={(value) => set({ as: value })}
        />
      </span>
    </div>
  );
}

function Body({
  map,
  search,
  set,
  as,
}: {
  map: MapAnswer;
  search: MapSearch;
  set: (change: Partial<MapSearch>) => void;
  as: 'picture' | 'list';
}) {
  const t = useT();
  const [failing, setFailing] = useState<string | null>(null);
  const impact = useQuery(failingQuery(failing === null ? [] : [failing]));
  const reached = useMemo(
    () => (failing === null ? null : new Map(impact.data?.items.map(({ id, state }) => [id, state]))),
    [failing, impact.data],
  );
  const look = useCallback(
    (node: MapNode): Look => lookOf(node, node.id === failing ? 'failing' : reached?.get(node.id)),
    [failing, reached],
  );
  const navigate = useNavigate();
  const open = useCallback((id: string) => void navigate({ to: '/cis/$id', params: { id } }), [navigate]);
  const choose = useCallback((ci: string | undefined) => set({ ci }), [set]);
  return (
    <div className="mt-3 grid items-start gap-3 @container">
      <div className="grid items-start gap-3 @4xl:grid-cols-[minmax(0,1fr)_300px]">
        {as === 'picture' ? (
          <Picture
            map={map}
            look={look}
            chosen={search.ci}
            onChoose={choose}
            onOpen={open}
            onList={() => set({ as: 'list' })}
          />
        ) : (
          <Card title={t('map.list')} action={<CsvOf map={map} />} flush>
            <MapList map={map} chosen={search.ci} onChoose={choose} />
          </Card>
        )}
        {search.ci === undefined ? (
          <Legend />
        ) : (
          <Inspector
            map={map}
            id={search.ci}
            failing={failing === search.ci}
            onFailing={(on) => setFailing(on ? (search.ci ?? null) : null)}
            onChoose={choose}
            onAround={(around) => set({ around, ci: around })}
          />
        )}
      </div>
    </div>
  );
}

function Picture({
  map,
  look,
  chosen,
  onChoose,
  onOpen,
  onList,
}: {
  map: MapAnswer;
  look: (node: MapNode) => Look;
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
  onOpen: (id: string) => void;
  onList: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const colours = useColours();
  // The picture is made anew only where nodes or edges differ; a state that changes repaints.
  const shape = useStable(
    map,
    (answer) => answer.nodes.map(({ id, name }) => `${id} ${name}`).join('\n') + answer.edges.length,
  );
  const layout = useLayout(shape);
  const states = useMemo(() => new Map(map.nodes.map((node) => [node.id, node])), [map]);
  const currentLook = useCallback((node: MapNode) => look(states.get(node.id) ?? node), [look, states]);
  const picture = useRef<(() => HTMLCanvasElement) | null>(null);
  const keep = useCallback((make: () => HTMLCanvasElement) => {
    picture.current = make;
  }, []);
  return (
    <Card
      flush
      title={t('map.picture')}
      note={
        layout.progress === null
          ? undefined
          : t('map.arranging', { percent: formatNumber(layout.progress * 100, 0, language) })
      }
      action={
        <>
          {layout.progress === null ? (
            <Button size="small" onClick={layout.again}>
              {t('map.again')}
            </Button>
          ) : (
            <Button size="small" onClick={layout.stop}>
              {t('map.stop')}
            </Button>
          )}
          <Button
            size="small"
            onClick={() => picture.current?.().toBlob((blob) => blob && saveFile('map.png', blob))}
          >
            {t('map.png')}
          </Button>
          <Button
            size="small"
            onClick={() =>
              saveFile(
                'map.svg',
                new Blob([mapSvg({ map, x: layout.x, y: layout.y, lookOf: look, colours })], {
                  type: 'image/svg+xml',
                }),
              )
            }
          >
            {t('map.svg')}
          </Button>
          <CsvOf map={map} />
        </>
      }
    >
      {layout.progress !== null && (
        <progress className="block h-1 w-full" max={1} value={layout.progress} aria-label={t('map.layout')} />
      )}
      <div className="h-[min(70vh,720px)] min-h-80 border-t border-line">
        <Suspense fallback={<Skeleton className="m-4 h-64" />}>
          <MapCanvas
            map={shape}
            x={layout.x}
            y={layout.y}
            lookOf={currentLook}
            colours={colours}
            chosen={chosen}
            onChoose={onChoose}
            onOpen={onOpen}
            onReady={keep}
          />
        </Suspense>
      </div>
      <p role="status" className="sr-only">
        <Said map={map} id={chosen} />
      </p>
      <p className="flex flex-wrap gap-x-4 px-4 py-2 text-12 text-text-3">
        {map.edges.length > EDGES_DRAWN_MAX && <span className="text-text">{t('map.edgesOfChosen')}</span>}
        <span>{t('map.keys')}</span>
        <button type="button" onClick={onList} className="font-medium text-accent hover:underline">
          {t('map.toList')}
        </button>
      </p>
    </Card>
  );
}

/** What a reader hears when the choice moves. */
function Said({ map, id }: { map: MapAnswer; id: string | undefined }) {
  const t = useT();
  const words = useWords();
  const at = id === undefined ? -1 : map.nodes.findIndex((node) => node.id === id);
  const node = map.nodes[at];
  if (node === undefined) return null;
  return t('map.said', {
    name: node.name,
    class: isCiClass(node.class) ? words(CI_CLASSES[node.class].title) : node.class,
    count: map.edges.filter(([from, to]) => from === at || to === at).length,
  });
}

/** The same object as long as `key` of it is the same. */
function useStable<T>(value: T, key: (value: T) => string): T {
  const held = useRef<{ value: T; key: string } | null>(null);
  const now = useMemo(() => key(value), [value, key]);
  if (held.current === null || held.current.key !== now) held.current = { value, key: now };
  return held.current.value;
}

function CsvOf({ map }: { map: MapAnswer }) {
  const t = useT();
  const save = () =>
    saveCsv('map', [
      [
        t('map.csv.from'),
        t('map.csv.fromClass'),
        t('map.csv.relation'),
        t('map.csv.to'),
        t('map.csv.toClass'),
      ],
      ...map.edges.map(([from, to, type]) => [
        map.nodes[from]?.name ?? '',
        map.nodes[from]?.class ?? '',
        map.types[type] ?? '',
        map.nodes[to]?.name ?? '',
        map.nodes[to]?.class ?? '',
      ]),
    ]);
  return (
    <Button size="small" onClick={save}>
      {t('ui.csv')}
    </Button>
  );
}

const STATE_LINES = [
  { state: 'up', impact: undefined, word: 'states.presence.up' },
  { state: 'silent', impact: undefined, word: 'states.presence.silent' },
  { state: 'off', impact: undefined, word: 'map.legend.off' },
  { state: 'planned', impact: undefined, word: 'states.presence.planned' },
  { state: 'unknown', impact: undefined, word: 'states.presence.unknown' },
  { state: null, impact: undefined, word: 'map.legend.record' },
  { state: null, impact: 'degraded', word: 'map.legend.degraded' },
] as const;

function Legend() {
  const t = useT();
  const colours = useColours();
  return (
    <Card title={t('map.legend.title')}>
      <ul className="grid grid-cols-2 gap-x-3 gap-y-1.5 text-12 text-text-2">
        {SHAPES.map((shape) => (
          <li key={shape} className="flex items-center gap-2">
            <Sign look={{ shape, mark: 'plain', colour: 'neutral' }} colours={colours} />
            {t(SHAPE_WORDS[shape])}
          </li>
        ))}
        {STATE_LINES.map(({ state, impact, word }) => (
          <li key={word} className="flex items-center gap-2">
            <Sign look={{ ...lookOf({ class: 'Server', state }, impact) }} colours={colours} />
            {t(word)}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-12 text-text-3">{t('map.legend.help')}</p>
    </Card>
  );
}

function Sign({ look, colours }: { look: Look; colours: Readonly<Record<string, string>> }) {
  const colour = colours[look.colour];
  const mark = MARK_PATHS[look.mark];
  return (
    <svg width="14" height="14" viewBox="-1.3 -1.3 2.6 2.6" aria-hidden="true" className="flex-none">
      <path
        d={SHAPE_PATHS[look.shape]}
        fill={look.mark === 'hollow' ? 'none' : colour}
        stroke={colour}
        strokeWidth={look.mark === 'hollow' ? 0.4 : 0}
      />
      {mark !== null && <path d={mark} stroke="#fff" strokeWidth=".28" fill="none" />}
    </svg>
  );
}

const COLOUR_TOKENS = {
  up: '--up-solid',
  crit: '--crit-solid',
  idle: '--idle-solid',
  planned: '--planned-solid',
  unknown: '--unknown-solid',
  warn: '--warn-solid',
  neutral: '--text-3',
  text: '--text',
  surface: '--surface',
  line: '--line',
  faint: '--line',
  accent: '--accent',
} as const;

/** Colours of the theme in force as the graphics card takes them. */
function useColours(): Readonly<Record<string, string>> {
  const theme = useSyncExternalStore(
    watchTheme,
    () => document.documentElement.className + (document.documentElement.dataset.theme ?? ''),
  );
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(
      Object.entries(COLOUR_TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]),
    );
    // The theme is what the colours depend on.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [theme]);
}

function watchTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true });
  return () => observer.disconnect();
}
