/** Merging, splitting, linking, filing and a priority by hand: asked for in a dialog each. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type IncidentDetail, type IncidentSummary, MERGE_MAX } from '@muster/shared/api/incidents.ts';
import { useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { CiChooser, type ChosenCi } from '../../parts/CiChooser.tsx';
import { useSentence } from '../../parts/sentence.ts';
import { CheckField, SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { unfinishedIncidentsQuery } from './queries.ts';
import { useCategories, useFile, useLink, useMerge, useSetPriority, useSplit } from './related.ts';

export const LINK_ACTIONS = ['merge', 'split', 'link', 'priority', 'file'] as const;
export type LinkAction = (typeof LINK_ACTIONS)[number];

/** Rows offered at once; the box above narrows them. */
const OFFERED_MAX = 30;
const RIGHT = 'incidents.write';

export function LinkDialogs({
  incident,
  action,
  onClose,
}: {
  incident: IncidentDetail;
  action: LinkAction | null;
  onClose: () => void;
}) {
  switch (action) {
    case 'merge':
      return <MergeDialog incident={incident} onClose={onClose} />;
    case 'split':
      return <SplitDialog incident={incident} onClose={onClose} />;
    case 'link':
      return <ParentDialog incident={incident} onClose={onClose} />;
    case 'priority':
      return <PriorityDialog incident={incident} onClose={onClose} />;
    case 'file':
      return <FilingDialog incident={incident} onClose={onClose} />;
    case null:
      return null;
  }
}

interface Asked {
  readonly incident: IncidentDetail;
  readonly onClose: () => void;
}

/** Unfinished incidents but this one, those of the same CI first. */
function useOthers(incident: IncidentDetail, q: string): IncidentSummary[] {
  const sentence = useSentence();
  const all = useQuery(unfinishedIncidentsQuery).data ?? [];
  const needle = q.trim().toLowerCase();
  return all
    .filter(({ id }) => id !== incident.id)
    .filter((one) => `${one.ref} ${one.ci?.name ?? ''} ${sentence(one.title)}`.toLowerCase().includes(needle))
    .toSorted((a, b) => Number(b.ci?.id === incident.ci?.id) - Number(a.ci?.id === incident.ci?.id))
    .slice(0, OFFERED_MAX);
}

function Choices({
  incident,
  chosen,
  onChange,
  max,
}: {
  incident: IncidentDetail;
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  max: number;
}) {
  const t = useT();
  const sentence = useSentence();
  const [q, setQ] = useState('');
  const others = useOthers(incident, q);
  return (
    <>
      <TextField label={t('incidents.links.find')} value={q} onChange={(event) => setQ(event.target.value)} />
      <ul className="grid max-h-56 gap-1.5 overflow-y-auto" aria-label={t('incidents.links.offered')}>
        {others.map((one) => (
          <li key={one.id}>
            <CheckField
              label={`${one.ref} ${sentence(one.title)}`}
              checked={chosen.includes(one.id)}
              onChange={({ target: { checked } }) =>
                onChange(checked ? [...chosen, one.id].slice(-max) : chosen.filter((id) => id !== one.id))
              }
            />
          </li>
        ))}
      </ul>
      {others.length === 0 && <p className="text-12 text-text-3">{t('incidents.links.none')}</p>}
    </>
  );
}

function MergeDialog({ incident, onClose }: Asked) {
  const t = useT();
  const merge = useMerge(incident);
  const [fromIds, setFromIds] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  return (
    <AskDialog
      title={t('incidents.links.mergeTitle', { ref: incident.ref })}
      text={t('incidents.links.mergeText')}
      button={t('incidents.links.merge')}
      right={RIGHT}
      ready={fromIds.length > 0 && reason.trim() !== ''}
      state={merge}
      onClose={onClose}
      onSubmit={() => merge.mutate({ fromIds, reason }, { onSuccess: onClose })}
    >
      <Choices incident={incident} chosen={fromIds} onChange={setFromIds} max={MERGE_MAX} />
      <Reason value={reason} onChange={setReason} />
    </AskDialog>
  );
}

function SplitDialog({ incident, onClose }: Asked) {
  const t = useT();
  const navigate = useNavigate();
  const split = useSplit(incident);
  const [ciIds, setCiIds] = useState<string[]>([]);
  const [title, setTitle] = useState('');
  const [reason, setReason] = useState('');
  const some = ciIds.length > 0 && ciIds.length < incident.affected.length;
  return (
    <AskDialog
      title={t('incidents.links.splitTitle', { ref: incident.ref })}
      text={t('incidents.links.splitText')}
      button={t('incidents.links.split')}
      right={RIGHT}
      ready={some && reason.trim() !== ''}
      state={split}
      onClose={onClose}
      onSubmit={() =>
        split.mutate(
          { ciIds, reason, ...(title.trim() === '' ? {} : { title }) },
          {
            onSuccess: ({ ref }) => {
              onClose();
              void navigate({ to: '/incidents/$ref', params: { ref } });
            },
          },
        )
      }
    >
      <ul className="grid max-h-56 gap-1.5 overflow-y-auto" aria-label={t('incidents.affected')}>
        {incident.affected.map((one) => (
          <li key={one.ciId}>
            <CheckField
              label={one.name}
              checked={ciIds.includes(one.ciId)}
              onChange={({ target: { checked } }) =>
                setCiIds(checked ? [...ciIds, one.ciId] : ciIds.filter((id) => id !== one.ciId))
              }
            />
          </li>
        ))}
      </ul>
      <TextField
        label={t('incidents.links.newTitle')}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Reason value={reason} onChange={setReason} />
    </AskDialog>
  );
}

function ParentDialog({ incident, onClose }: Asked) {
  const t = useT();
  const link = useLink(incident);
  const [parents, setParents] = useState<string[]>(incident.parent ? [incident.parent.id] : []);
  const [parentId = null] = parents;
  return (
    <AskDialog
      title={t('incidents.links.linkTitle', { ref: incident.ref })}
      text={t('incidents.links.linkText')}
      button={t(parentId === null && incident.parent ? 'incidents.links.unlink' : 'incidents.links.link')}
      right={RIGHT}
      ready={parentId !== (incident.parent?.id ?? null)}
      state={link}
      onClose={onClose}
      onSubmit={() => link.mutate(parentId, { onSuccess: onClose })}
    >
      <Choices incident={incident} chosen={parents} onChange={setParents} max={1} />
    </AskDialog>
  );
}

const BY_MATRIX = '';

function PriorityDialog({ incident, onClose }: Asked) {
  const t = useT();
  const set = useSetPriority(incident);
  const [priority, setPriority] = useState(incident.hand ? String(incident.hand.priority) : BY_MATRIX);
  const [reason, setReason] = useState(incident.hand?.reason ?? '');
  const byHand = priority !== BY_MATRIX;
  return (
    <AskDialog
      title={t('incidents.links.priorityTitle', { ref: incident.ref })}
      text={t('incidents.links.priorityText', { priority: incident.judgedPriority })}
      button={t('incidents.links.priority')}
      right={RIGHT}
      ready={!byHand || reason.trim() !== ''}
      state={set}
      onClose={onClose}
      onSubmit={() =>
        set.mutate({ priority: byHand ? Number(priority) : null, reason }, { onSuccess: onClose })
      }
    >
      <SelectField
        label={t('incidents.column.priority')}
        value={priority}
        options={[
          { value: BY_MATRIX, label: t('incidents.links.byMatrix', { priority: incident.judgedPriority }) },
          ...['1', '2', '3', '4'].map((value) => ({ value, label: t('ui.priority', { priority: value }) })),
        ]}
        onChange={setPriority}
      />
      {byHand && (
        <p className="flex items-center gap-2 text-12 text-text-2">
          <PriorityTag priority={Number(priority)} />
          {t('incidents.links.stays')}
        </p>
      )}
      {byHand && <Reason value={reason} onChange={setReason} />}
    </AskDialog>
  );
}

function FilingDialog({ incident, onClose }: Asked) {
  const t = useT();
  const file = useFile(incident);
  const categories = useCategories(incident.category);
  const [category, setCategory] = useState(incident.category ?? '');
  const [teams, setTeams] = useState<ChosenCi[]>([]);
  const [team] = teams;
  return (
    <AskDialog
      title={t('incidents.links.fileTitle', { ref: incident.ref })}
      button={t('incidents.links.file')}
      right={RIGHT}
      ready={category !== (incident.category ?? '') || team !== undefined}
      state={file}
      onClose={onClose}
      onSubmit={() =>
        file.mutate(
          {
            category: category === '' ? null : category,
            ...(team === undefined ? {} : { supportGroupId: team.id }),
          },
          { onSuccess: onClose },
        )
      }
    >
      <SelectField
        label={t('incidents.category')}
        value={category}
        options={[{ value: '', label: t('incidents.categoryUnknown') }, ...categories]}
        onChange={setCategory}
      />
      <CiChooser
        label={t('incidents.supportGroup')}
        ofClass="Team"
        chosen={teams}
        onChange={setTeams}
        max={1}
      />
    </AskDialog>
  );
}

function Reason({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  return (
    <TextArea
      label={t('incidents.links.reason')}
      rows={2}
      maxLength={1000}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
