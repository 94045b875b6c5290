/** How incidents are judged and age: the matrix of priorities with its versions, times, and the kinds of incidents. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { PriorityMatrix } from '@muster/shared/api/incidents.ts';
import { CATEGORY_ID, INCIDENT_CATEGORIES } from '@muster/shared/incidents/categories.ts';
import { LEVELS, slipsOf } from '@muster/shared/incidents/matrix.ts';
import { type CallInput, type CallOutput, call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateTimeText, millis } from '../../util/time.ts';

type Settings = CallOutput<typeof ENDPOINTS.getIncidentSettings>;
type Categories = CallOutput<typeof ENDPOINTS.getIncidentCategories>;

const matrixQuery = queryOptions({
  queryKey: ['priority-matrix'],
  queryFn: ({ signal }) => call(ENDPOINTS.getPriorityMatrix, {}, signal),
});
const settingsQuery = queryOptions({
  queryKey: ['incident-settings'],
  queryFn: ({ signal }) => call(ENDPOINTS.getIncidentSettings, {}, signal),
});
const categoriesQuery = queryOptions({
  queryKey: ['incident-categories'],
  queryFn: ({ signal }) => call(ENDPOINTS.getIncidentCategories, {}, signal),
});

export function IncidentSettings() {
  const t = useT();
  usePageTitle(t('incidents.settings.title'));
  const matrix = useQuery(matrixQuery);
  const settings = useQuery(settingsQuery);
  const categories = useQuery(categoriesQuery);
  const failed = [matrix, settings, categories].find(({ error }) => error !== null);
  return (
    <>
      <h1>{t('incidents.settings.title')}</h1>
      <div className="mt-3 grid gap-3">
        {failed && (
          <Card>
            <ErrorPanel error={failed.error} retry={() => void failed.refetch()} />
          </Card>
        )}
        {matrix.isPending && (
          <Card>
            <SkeletonRows rows={8} />
          </Card>
        )}
        {matrix.data && <MatrixCard key={matrix.data.current.version} current={matrix.data.current} />}
        {matrix.data && <VersionsCard history={matrix.data.history} />}
        {settings.data && <AgeingCard key={`a${settings.data.version}`} settings={settings.data} />}
        {categories.data && <CategoriesCard key={`c${categories.data.version}`} list={categories.data} />}
      </div>
    </>
  );
}

/** What was saved is read again; what could not be is said. */
function useSave<Body>(queryKey: string, act: (body: Body) => Promise<unknown>) {
  const t = useT();
  const queries = useQueryClient();
  const words = useErrorWords();
  return useMutation({
    mutationFn: act,
    onSuccess: () => {
      say(t('incidents.settings.saved'));
      void queries.invalidateQueries({ queryKey: [queryKey] });
    },
    onError: (error) => say(words(error)),
  });
}

const TONES: Readonly<Record<number, string>> = {
  1: 'bg-crit-weak text-crit-fg',
  2: 'bg-warn-weak text-warn-fg',
  3: 'bg-sunken',
  4: 'bg-sunken text-text-2',
};

function MatrixCard({ current }: { current: PriorityMatrix }) {
  const t = useT();
  const refusal = useActionRefusal('incidents.settings');
  const [cells, setCells] = useState(current.cells);
  const [reason, setReason] = useState('');
  const save = useSave('priority-matrix', (body: CallInput<typeof ENDPOINTS.putPriorityMatrix>['body']) =>
    call(ENDPOINTS.putPriorityMatrix, { body }),
  );
  const changed = JSON.stringify(cells) !== JSON.stringify(current.cells);
  const slips = slipsOf(cells);
  const set = (impact: number, urgency: number, priority: number) =>
    setCells(
      cells.map((row, i) =>
        i === impact - 1 ? row.map((cell, j) => (j === urgency - 1 ? priority : cell)) : row,
      ),
    );
  return (
    <Card
      title={t('incidents.settings.matrix')}
      note={t('incidents.matrixVersion', { version: current.version })}
    >
      <p className="max-w-[72ch] text-text-2">{t('incidents.settings.matrixText')}</p>
      <div className="mt-3 overflow-x-auto">
        <table className="w-full max-w-[640px] border-separate border-spacing-1 text-13">
          <caption className="sr-only">{t('incidents.impactByUrgency')}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">{t('incidents.impactByUrgency')}</span>
              </th>
              {LEVELS.map((urgency) => (
                <th key={urgency} scope="col" className="text-12 font-medium text-text-3">
                  {t(`incidents.urgency.${urgency}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {LEVELS.map((impact) => (
              <tr key={impact}>
                <th scope="row" className="pr-2 text-left text-12 font-medium text-text-3">
                  {t(`incidents.impact.${impact}`)}
                </th>
                {LEVELS.map((urgency) => {
                  const cell = cells[impact - 1]?.[urgency - 1] ?? 4;
                  return (
                    <td key={urgency}>
                      <select
                        aria-label={t('incidents.settings.cell', { impact, urgency })}
                        title={refusal}
                        disabled={refusal !== undefined}
                        value={cell}
                        onChange={({ target: { value } }) => set(impact, urgency, Number(value))}
                        className={cx(
                          'h-(--control) w-full rounded-md border border-line px-2 font-medium coarse:min-h-11',
                          TONES[cell],
                          cell !== current.cells[impact - 1]?.[urgency - 1] && 'border-accent',
                        )}
                      >
                        {LEVELS.map((priority) => (
                          <option key={priority} value={priority}>
                            {t('ui.priority', { priority })}
                          </option>
                        ))}
                      </select>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {slips.length > 0 && (
        <p role="status" className="mt-2 text-12 font-medium text-warn-fg">
          {t('incidents.settings.slips', {
            cells: slips.map(({ impact, urgency }) => `${impact}/${urgency}`).join(', '),
          })}
        </p>
      )}
      {changed && (
        <form
          className="mt-3 grid max-w-[640px] gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ cells, reason, version: current.version });
          }}
        >
          <TextField
            label={t('incidents.settings.reason')}
            required
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className="flex gap-2">
            <Button
              type="submit"
              look="primary"
              disabled={reason.trim() === '' || save.isPending}
              disabledReason={refusal}
            >
              {t('incidents.settings.saveMatrix')}
            </Button>
            <Button onClick={() => setCells(current.cells)}>{t('ui.cancel')}</Button>
          </div>
        </form>
      )}
    </Card>
  );
}

function VersionsCard({ history }: { history: readonly PriorityMatrix[] }) {
  const t = useT();
  const language = useLanguage();
  return (
    <Card title={t('incidents.settings.versions')} flush>
      <PlainTable
        label={t('incidents.settings.versions')}
        wide
        head={[
          { id: 'version', label: t('incidents.settings.version') },
          { id: 'cells', label: t('incidents.settings.cells') },
          { id: 'who', label: t('incidents.settings.who') },
          { id: 'when', label: t('incidents.settings.when') },
          { id: 'why', label: t('incidents.settings.reason') },
        ]}
      >
        {history.map(({ version, cells, by, at, reason }, i) => (
          <tr key={version}>
            <td className="font-medium">{version}</td>
            <td>
              <SmallMatrix cells={cells} before={history[i + 1]?.cells ?? cells} />
            </td>
            <td>{at === null ? t('incidents.settings.builtIn') : by.replace(/^\w+:/, '')}</td>
            <td className="whitespace-nowrap">{at === null ? '' : dateTimeText(millis(at), language)}</td>
            <td className="max-w-[40ch] break-words">{reason}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

/** What it changed of the version before is marked. */
function SmallMatrix({ cells, before }: Record<'cells' | 'before', PriorityMatrix['cells']>) {
  const t = useT();
  return (
    <table aria-label={t('incidents.impactByUrgency')} className="border-separate border-spacing-0.5 text-11">
      <tbody>
        {LEVELS.map((impact) => (
          <tr key={impact}>
            {LEVELS.map((urgency) => {
              const cell = cells[impact - 1]?.[urgency - 1] ?? 4;
              const old = before[impact - 1]?.[urgency - 1] ?? 4;
              return (
                <td
                  key={urgency}
                  title={t('incidents.settings.cell', { impact, urgency })}
                  className={cx(
                    'h-5 w-7 rounded-sm text-center',
                    TONES[cell],
                    cell !== old && 'font-semibold outline-2 outline-accent',
                  )}
                >
                  {cell !== old && (
                    <span className="sr-only">{t('incidents.settings.was', { priority: old })}</span>
                  )}
                  {t('ui.priority', { priority: cell })}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const AGES = ['autoCloseDays', 'reopenMinutes', 'unclaimedPercent'] as const;
const BOUNDS = {
  autoCloseDays: { min: 0.5, max: 365, step: 0.5 },
  reopenMinutes: { min: 5, max: 1_440, step: 1 },
  unclaimedPercent: { min: 10, max: 100, step: 1 },
} as const;

function AgeingCard({ settings }: { settings: Settings }) {
  const t = useT();
  const refusal = useActionRefusal('incidents.settings');
  const [draft, setDraft] = useState(settings);
  const save = useSave('incident-settings', (body: Settings) =>
    call(ENDPOINTS.putIncidentSettings, { body }),
  );
  const changed = AGES.some((name) => draft[name] !== settings[name]);
  return (
    <Card title={t('incidents.settings.ageing')}>
      <form
        className="grid max-w-[640px] gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(draft);
        }}
      >
        {AGES.map((name) => (
          <TextField
            key={name}
            type="number"
            {...BOUNDS[name]}
            required
            label={t(`incidents.settings.${name}`)}
            help={t(`incidents.settings.${name}Help`)}
            disabled={refusal !== undefined}
            value={draft[name]}
            onChange={({ target: { value } }) => setDraft({ ...draft, [name]: Number(value) })}
          />
        ))}
        <div>
          <Button
            type="submit"
            look={changed ? 'primary' : 'plain'}
            disabled={!changed || save.isPending}
            disabledReason={refusal}
          >
            {t('ui.save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

const BUILT_IN: ReadonlySet<string> = new Set(INCIDENT_CATEGORIES.map(({ id }) => id));

function CategoriesCard({ list }: { list: Categories }) {
  const t = useT();
  const words = useWords();
  const refusal = useActionRefusal('incidents.settings');
  const [items, setItems] = useState(list.items);
  const save = useSave('incident-categories', (body: Categories) =>
    call(ENDPOINTS.putIncidentCategories, { body }),
  );
  const changed = JSON.stringify(items) !== JSON.stringify(list.items);
  type Item = Categories['items'][number];
  const put = (id: string, some: Partial<Item>) =>
    setItems(items.map((item) => (item.id === id ? { ...item, ...some } : item)));
  return (
    <Card title={t('incidents.settings.categories')} note={t('incidents.settings.categoriesNote')} flush>
      <PlainTable
        label={t('incidents.settings.categories')}
        head={[
          { id: 'id', label: t('incidents.settings.categoryId') },
          { id: 'en', label: t('incidents.settings.english') },
          { id: 'zh', label: t('incidents.settings.chinese') },
          { id: 'retired', label: t('incidents.settings.retired') },
          { id: 'remove', label: t('incidents.settings.removeHead') },
        ]}
      >
        {items.map((item) => (
          <tr key={item.id}>
            <td className={cx('font-mono text-12 whitespace-nowrap', item.id.includes('.') && 'pl-8!')}>
              {item.id}
            </td>
            {(['en', 'zh'] as const).map((language) => (
              <td key={language} className="py-1">
                <input
                  aria-label={`${item.id}${t('ui.colon')}${t(language === 'en' ? 'incidents.settings.english' : 'incidents.settings.chinese')}`}
                  value={item.title[language]}
                  maxLength={60}
                  disabled={refusal !== undefined}
                  onChange={({ target: { value } }) =>
                    put(item.id, { title: { ...item.title, [language]: value } })
                  }
                  className="h-(--control) w-full min-w-28 rounded-md border border-line bg-surface px-2"
                />
              </td>
            ))}
            <td>
              <input
                type="checkbox"
                aria-label={`${words(item.title)}${t('ui.colon')}${t('incidents.settings.retired')}`}
                checked={item.retired}
                disabled={refusal !== undefined}
                onChange={({ target: { checked } }) => put(item.id, { retired: checked })}
                className="block size-4 accent-accent-solid coarse:size-6"
              />
            </td>
            <td>
              {!BUILT_IN.has(item.id) && refusal === undefined && (
                <IconButton
                  icon="close"
                  label={t('incidents.settings.remove', { name: words(item.title) })}
                  onClick={() => setItems(items.filter(({ id }) => id !== item.id))}
                />
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      <div className="grid gap-3 border-t border-line p-4">
        {refusal === undefined && <NewCategory items={items} onAdd={setItems} />}
        <div className="flex gap-2">
          <Button
            look={changed ? 'primary' : 'plain'}
            disabled={!changed || save.isPending}
            disabledReason={refusal}
            onClick={() => save.mutate({ items, version: list.version })}
          >
            {t('ui.save')}
          </Button>
          {changed && <Button onClick={() => setItems(list.items)}>{t('ui.cancel')}</Button>}
        </div>
      </div>
    </Card>
  );
}

function NewCategory({
  items,
  onAdd,
}: {
  items: Categories['items'];
  onAdd: (items: Categories['items']) => void;
}) {
  const t = useT();
  const [id, setId] = useState('');
  const [en, setEn] = useState('');
  const [zh, setZh] = useState('');
  const parent = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : null;
  const known = items.some((item) => item.id === id);
  const fits =
    CATEGORY_ID.test(id) && !known && (parent === null || items.some((item) => item.id === parent));
  return (
    <form
      className="grid items-end gap-3 tablet:grid-cols-[1fr_1fr_1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault();
        const added = { id, title: { en: en.trim(), zh: zh.trim() }, retired: false };
        const after = items.findLastIndex((item) => item.id === parent || item.id.startsWith(`${parent}.`));
        onAdd(parent === null ? [...items, added] : items.toSpliced(after + 1, 0, added));
        setId('');
        setEn('');
        setZh('');
      }}
    >
      <TextField
        label={t('incidents.settings.newId')}
        help={t('incidents.settings.newIdHelp')}
        value={id}
        error={id === '' || fits ? undefined : t('incidents.settings.idWrong')}
        onChange={(event) => setId(event.target.value)}
      />
      <TextField
        label={t('incidents.settings.english')}
        value={en}
        onChange={(event) => setEn(event.target.value)}
      />
      <TextField
        label={t('incidents.settings.chinese')}
        value={zh}
        onChange={(event) => setZh(event.target.value)}
      />
      <Button type="submit" disabled={!fits || en.trim() === '' || zh.trim() === ''}>
        {t('incidents.settings.add')}
      </Button>
    </form>
  );
}
