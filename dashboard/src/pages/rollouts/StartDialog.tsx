/** Starting a rollout: which release, who first, when it stops by itself, and what would happen before it happens. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Release, RolloutPreview } from '@muster/shared/api/rollouts.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { quantityText } from '../../util/quantity.ts';
import {
  blankDraft,
  bodyOf,
  isInRange,
  type NumberField,
  type PreviewProblem,
  previewProblem,
  type Range,
  RANGES,
  type RolloutDraft,
  TAG_LENGTH_MAX,
  tagsFit,
} from './draft.ts';
import { previewQuery, useRolloutErrorWords, useStart } from './queries.ts';
import { Examples, SkippedList } from './RolloutCard.tsx';

/** Asked again a moment after the last key. */
const PAUSE_MS = 300;

export function StartDialog({
  releases,
  serial,
  onClose,
}: {
  releases: readonly Release[];
  serial: number;
  onClose: () => void;
}) {
  const t = useT();
  const navigate = useNavigate();
  const words = useRolloutErrorWords();
  const start = useStart();
  const [draft, setDraft] = useState(() => blankDraft(serial));
  const set = (change: Partial<RolloutDraft>) => setDraft({ ...draft, ...change });
  const body = bodyOf(draft);
  const { preview, current } = usePreview(draft);
  const problem = current === undefined ? undefined : previewProblem(current, draft);
  const count = current?.rings.reduce((sum, { agents }) => sum + agents, 0) ?? 0;
  return (
    <FormDialog
      title={t('rollouts.start.title')}
      button={count > 0 ? t('rollouts.start.buttonCount', { count }) : t('rollouts.start.button')}
      right="rollouts.write"
      ready={body !== null && current !== undefined && problem === undefined}
      state={start}
      words={words}
      onClose={onClose}
      onSubmit={() => {
        if (body === null) return;
        start.mutate(body, {
          onSuccess: ({ id }) => {
            say(t('rollouts.told.started', { serial: draft.serial }));
            void navigate({ to: '/agents/upgrades/$id', params: { id } });
          },
        });
      }}
    >
      <SelectField
        label={t('rollouts.start.release')}
        value={String(draft.serial)}
        options={releases.map((one) => ({
          value: String(one.serial),
          label: `${t('rollouts.version', { version: one.version, serial: one.serial })}${
            one.development ? ` · ${t('rollouts.releases.development')}` : ''
          }`,
        }))}
        onChange={(value) => set({ serial: Number(value) })}
      />
      {releases.some((one) => one.serial === draft.serial && one.development) && (
        <p className="flex items-start gap-1.5 text-12 text-text-2">
          <Glyph name="triangle" className="mt-0.5 text-warn-fg" />
          {t('rollouts.releases.developmentHelp')}
        </p>
      )}
      <RingFields draft={draft} set={set} />
      <details className="rounded-md border border-line px-3 py-2" open={hasWrongDetail(draft) || undefined}>
        <summary className="cursor-pointer text-12 font-medium coarse:py-2">
          {t('rollouts.start.details')}
        </summary>
        <DetailFields draft={draft} set={set} />
      </details>
      <section
        aria-label={t('rollouts.preview.title')}
        aria-live="polite"
        className="rounded-md bg-sunken p-3"
      >
        <h3 className="text-12 font-medium text-text-2">{t('rollouts.preview.title')}</h3>
        {body === null ? (
          <p className="mt-1 text-text-2">{t('rollouts.preview.incomplete')}</p>
        ) : preview.error ? (
          <ErrorPanel error={preview.error} retry={() => void preview.refetch()} />
        ) : preview.data === undefined ? (
          <Skeleton className="mt-2 h-20" />
        ) : (
          <Preview preview={preview.data} problem={problem} />
        )}
      </section>
    </FormDialog>
  );
}

interface Fields {
  readonly draft: RolloutDraft;
  readonly set: (change: Partial<RolloutDraft>) => void;
}

function RingFields({ draft, set }: Fields) {
  const t = useT();
  return (
    <>
      <div className="grid gap-1.5">
        <span className="text-12 font-medium">{t('rollouts.start.pilots')}</span>
        <Segmented
          label={t('rollouts.start.pilots')}
          value={draft.pilotsBy}
          options={(['count', 'tag'] as const).map((value) => ({
            value,
            label: t(`rollouts.start.pilotsBy.${value}`),
          }))}
          onChange={(pilotsBy) => set({ pilotsBy })}
        />
      </div>
      <div className="grid grid-cols-2 gap-3 max-tablet:grid-cols-1">
        {draft.pilotsBy === 'count' ? (
          <NumberLine field="pilotCount" help={t('rollouts.start.pilotCountHelp')} draft={draft} set={set} />
        ) : (
          <TextField
            label={t('rollouts.start.pilotTag')}
            value={draft.pilotTag}
            maxLength={TAG_LENGTH_MAX}
            onChange={(event) => set({ pilotTag: event.target.value })}
          />
        )}
        <NumberLine field="earlyPercent" draft={draft} set={set} />
      </div>
      <TextField
        label={t('rollouts.start.who')}
        help={t('rollouts.start.whoHelp')}
        value={draft.tags}
        error={tagsFit(draft.tags) ? undefined : t('rollouts.start.tagsTooMany')}
        onChange={(event) => set({ tags: event.target.value })}
      />
    </>
  );
}

const DETAILS = ['failedPercentMax', 'watchMinutes', 'atOnceMax', 'perSiteMax', 'trialMinutes'] as const;

function hasWrongDetail(draft: RolloutDraft): boolean {
  return DETAILS.some((field) => !isInRange(field, draft[field]));
}

function DetailFields({ draft, set }: Fields) {
  const t = useT();
  return (
    <div className="grid gap-3 pt-3 pb-1">
      <div className="grid grid-cols-2 gap-3 max-tablet:grid-cols-1">
        <NumberLine
          field="failedPercentMax"
          help={t('rollouts.start.failedPercentHelp')}
          draft={draft}
          set={set}
        />
        <NumberLine field="watchMinutes" draft={draft} set={set} />
      </div>
      <CheckField
        label={t('rollouts.start.rollBack')}
        help={t('rollouts.start.rollBackHelp')}
        checked={draft.rollBack}
        onChange={(event) => set({ rollBack: event.target.checked })}
      />
      <div className="grid grid-cols-2 gap-3 max-tablet:grid-cols-1">
        <NumberLine field="atOnceMax" draft={draft} set={set} />
        <NumberLine field="perSiteMax" help={t('rollouts.start.perSiteHelp')} draft={draft} set={set} />
      </div>
      <NumberLine field="trialMinutes" help={t('rollouts.start.trialHelp')} draft={draft} set={set} />
    </div>
  );
}

function NumberLine({ field, help, draft, set }: Fields & { field: NumberField; help?: string }) {
  const t = useT();
  const { min, max, whole }: Range = RANGES[field];
  return (
    <TextField
      label={t(`rollouts.start.${field}`)}
      help={help}
      value={draft[field]}
      inputMode={whole ? 'numeric' : 'decimal'}
      maxLength={8}
      error={
        isInRange(field, draft[field])
          ? undefined
          : t(whole ? 'rollouts.start.rangeWhole' : 'rollouts.start.range', { min, max })
      }
      onChange={(event) => set({ [field]: event.target.value })}
    />
  );
}

/** `current`: the answer to exactly what is typed now; nothing may be started on an older one. */
function usePreview(draft: RolloutDraft) {
  const wanted = JSON.stringify(bodyOf(draft));
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const preview = useQuery({
    ...previewQuery(JSON.parse(asked) as Parameters<typeof previewQuery>[0]),
    placeholderData: keepPreviousData,
  });
  const isCurrent = asked === wanted && !preview.isPlaceholderData && preview.error === null;
  return { preview, current: isCurrent ? preview.data : undefined };
}

function Preview({ preview, problem }: { preview: RolloutPreview; problem: PreviewProblem | undefined }) {
  const t = useT();
  const language = useLanguage();
  const left = preview.skipped.reduce((sum, { agents }) => sum + agents, 0);
  return (
    <>
      <ol className="mt-1.5 grid gap-1.5">
        {preview.rings.map(({ name, agents, examples }, index) => (
          <li key={name} className="grid grid-cols-[minmax(0,1fr)_max-content] gap-x-3">
            <span className="font-medium">
              <span className="mr-1.5 font-normal text-text-3">{index + 1}</span>
              {t(`rollouts.ring.${name}`)}
            </span>
            <span className="text-right font-medium">
              {agents === 0 ? t('rollouts.preview.empty') : t('rollouts.preview.machines', { count: agents })}
            </span>
            {examples.length > 0 && (
              <span className="col-span-2 text-12 leading-prose break-words text-text-2">
                <Examples names={examples} count={agents} />
              </span>
            )}
          </li>
        ))}
      </ol>
      {problem !== undefined && (
        <p role="alert" className="mt-2 flex items-start gap-1.5 font-medium">
          <Glyph name="triangle" className="mt-1 text-warn-fg" />
          {t(`rollouts.preview.${problem}`)}
        </p>
      )}
      {left > 0 && (
        <div className="mt-2 text-12 leading-prose text-text-2">
          <p>{t('rollouts.preview.skipped', { count: left })}</p>
          <SkippedList skipped={preview.skipped} />
        </div>
      )}
      {preview.totalBytes > 0 && (
        <p className="mt-2 text-12 text-text-3">
          {t('rollouts.preview.bytes', { size: quantityText(preview.totalBytes, 'B', language) })}
        </p>
      )}
    </>
  );
}
