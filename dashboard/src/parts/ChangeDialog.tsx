/** Requests a change: what, on which CIs or tags, when; also afterwards, for what a finding shows. */
import { useState } from 'react';
import { type Change, CHANGE_KINDS, type ChangeKind } from '@muster/shared/api/changes.ts';
import { HOUR_MS } from '@muster/shared/time.ts';
import { useT } from '../i18n/i18n.ts';
import { DateField } from '../ui/DateField.tsx';
import { CheckField, TextArea, TextField } from '../ui/Field.tsx';
import { nowMs } from '../util/clock.ts';
import { AskDialog } from './AskDialog.tsx';
import { CiChooser, type ChosenCi } from './CiChooser.tsx';
import { useRequestChange } from './controlQueries.ts';

export interface ChangeDialogProps {
  readonly title: string;
  readonly text?: string;
  readonly start?: {
    readonly title: string;
    readonly cis: readonly ChosenCi[];
    readonly kinds: readonly ChangeKind[];
    readonly fromMs: number;
  };
  readonly onClose: () => void;
  readonly onDone: (change: Change) => void;
}

export function ChangeDialog({ title: heading, text, start, onClose, onDone }: ChangeDialogProps) {
  const t = useT();
  const request = useRequestChange();
  const [title, setTitle] = useState(start?.title ?? '');
  const [description, setDescription] = useState('');
  const [cis, setCis] = useState<readonly ChosenCi[]>(start?.cis ?? []);
  const [tags, setTags] = useState('');
  const [kinds, setKinds] = useState<readonly ChangeKind[]>(start?.kinds ?? []);
  const [from, setFrom] = useState(() => localTime(start?.fromMs ?? nowMs()));
  const [to, setTo] = useState(() => localTime(nowMs() + (start ? 0 : 4 * HOUR_MS)));
  const tagList = tags.split(/[,，;；\s]+/u).filter(Boolean);
  const ready = title.trim() !== '' && from !== '' && to > from && cis.length + tagList.length > 0;
  return (
    <AskDialog
      title={heading}
      text={text}
      button={t('control.changes.send')}
      right="changes.request"
      ready={ready}
      state={request}
      onClose={onClose}
      onSubmit={() =>
        request.mutate(
          {
            title,
            description,
            kinds: [...kinds],
            ciIds: cis.map(({ id }) => id),
            tags: tagList,
            startsAt: new Date(from).toISOString(),
            endsAt: new Date(to).toISOString(),
          },
          { onSuccess: onDone },
        )
      }
    >
      <TextField
        label={t('control.changes.title')}
        value={title}
        required
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
      />
      <TextArea
        label={t('control.changes.description')}
        value={description}
        maxLength={10_000}
        onChange={(event) => setDescription(event.target.value)}
      />
      <CiChooser label={t('control.changes.cis')} chosen={cis} onChange={setCis} />
      <TextField
        label={t('control.changes.tags')}
        value={tags}
        help={t('control.changes.tagsHelp')}
        onChange={(event) => setTags(event.target.value)}
      />
      <div className="grid gap-3 tablet:grid-cols-2">
        <DateField
          label={t('control.changes.from')}
          type="datetime-local"
          value={from}
          required
          onChange={(event) => setFrom(event.target.value)}
        />
        <DateField
          label={t('control.changes.to')}
          type="datetime-local"
          value={to}
          required
          error={to > from ? undefined : t('control.changes.windowWrong')}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <KindChecks label={t('control.changes.kinds')} chosen={kinds} onChange={setKinds} />
    </AskDialog>
  );
}

/** None chosen stands for all. */
export function KindChecks({
  label,
  chosen,
  onChange,
}: {
  label: string;
  chosen: readonly ChangeKind[];
  onChange: (chosen: ChangeKind[]) => void;
}) {
  const t = useT();
  return (
    <details className="rounded-md border border-line px-3 py-2" open={chosen.length > 0}>
      <summary className="cursor-pointer text-12 font-medium">{label}</summary>
      <div className="mt-2 grid gap-1.5 tablet:grid-cols-2">
        {CHANGE_KINDS.map((kind) => (
          <CheckField
            key={kind}
            label={t(`control.change.${kind}`)}
            checked={chosen.includes(kind)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, kind] : chosen.filter((one) => one !== kind))
            }
          />
        ))}
      </div>
    </details>
  );
}

/** As an input of date and time takes it, in the reader's zone. */
export function localTime(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}
