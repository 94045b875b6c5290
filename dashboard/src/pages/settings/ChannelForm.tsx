/** One notification channel as a form: saved as a whole, what is not saved is not lost without a word. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ChannelConfig } from '@muster/shared/api/operations.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ApiError, call } from '../../api/client.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { LANGUAGE_OPTIONS } from '../../i18n/languages.ts';
import { Button } from '../../ui/Button.tsx';
import { LeaveDialog } from '../../parts/LeaveDialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, PasswordField, SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { say } from '../../ui/Toast.tsx';
import { useDraft } from '../../util/useDraft.ts';
import {
  bodyOf,
  type ChannelBody,
  type ChannelDraft,
  type ChannelShown,
  draftOf,
  emptyDraft,
  PORTS,
  type Wrong,
} from './channelDraft.ts';
import { channelsQuery } from './notifyQueries.ts';

export interface ChannelFormProps {
  /** null: a new one. */
  readonly channel: ChannelShown | null;
  readonly onClose: () => void;
}

export function ChannelForm({ channel, onClose }: ChannelFormProps) {
  const t = useT();
  const refusal = useActionRefusal('channels.write');
  const language = useLanguage();
  const errorWords = useErrorWords();
  const { start, draft, wrong, setWrong, set } = useDraft<ChannelDraft, Wrong>(
    () => (channel ? draftOf(channel) : emptyDraft('webhook', language)),
    {},
  );
  const save = useSave(channel?.id ?? null);
  const dirty = JSON.stringify(draft) !== JSON.stringify(start) && !save.isSuccess;
  const submit = () => {
    const made = bodyOf(draft);
    if ('wrong' in made) setWrong(made.wrong);
    else
      save.mutate(made.body, {
        onSuccess: () => {
          say(t('settings.notify.saved', { name: made.body.name }));
          onClose();
        },
      });
  };
  const said = (name: keyof ChannelDraft) => {
    const key = wrong[name];
    return key === undefined ? undefined : t(key);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="border-t border-line px-4 py-4"
    >
      {channel === null && (
        <div className="mb-4">
          <Segmented
            label={t('settings.notify.kind')}
            value={draft.kind}
            options={KINDS.map((value) => ({ value, label: t(`settings.notify.kinds.${value}`) }))}
            onChange={(kind) => set({ kind, secret: '' })}
          />
        </div>
      )}
      <div className="grid gap-x-4 gap-y-3 tablet:grid-cols-2">
        <TextField
          label={t('settings.notify.name')}
          value={draft.name}
          maxLength={64}
          error={said('name')}
          onChange={(event) => set({ name: event.target.value })}
        />
        <div className="grid gap-x-4 gap-y-3 tablet:grid-cols-2">
          <SelectField
            label={t('settings.notify.priority')}
            value={draft.priorityMax}
            options={(['1', '2', '3', '4'] as const).map((value) => ({
              value,
              label: t(`settings.notify.from.${value}`),
            }))}
            onChange={(priorityMax) => set({ priorityMax })}
          />
          <SelectField
            label={t('settings.notify.language')}
            value={draft.language}
            options={LANGUAGE_OPTIONS}
            onChange={(next) => set({ language: next })}
          />
        </div>
        {draft.kind === 'webhook' ? (
          <WebhookFields draft={draft} set={set} said={said} />
        ) : (
          <MailFields draft={draft} set={set} said={said} />
        )}
      </div>
      {save.error && (
        <p role="alert" className="mt-3 font-medium text-crit-fg">
          {save.error instanceof ApiError && save.error.code === 'input-invalid'
            ? t('settings.notify.passwordAgain')
            : errorWords(save.error)}
        </p>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <CheckField
          label={t('settings.notify.enabled')}
          checked={draft.enabled}
          onChange={(event) => set({ enabled: event.target.checked })}
        />
        <span className="ml-auto text-12 text-text-3">{dirty && t('settings.notify.unsaved')}</span>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          type="submit"
          disabled={save.isPending || (channel !== null && !dirty)}
          disabledReason={refusal}
        >
          {t('ui.save')}
        </Button>
      </div>
      <LeaveDialog
        dirty={dirty}
        words={{
          title: t('settings.notify.leaveTitle'),
          text: t('settings.notify.leaveText'),
          stay: t('settings.notify.stay'),
          leave: t('settings.notify.leave'),
        }}
      />
    </form>
  );
}

const KINDS = ['webhook', 'email'] as const satisfies readonly ChannelConfig['kind'][];

function useSave(id: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ChannelBody) =>
      id === null
        ? call(ENDPOINTS.createChannel, { body })
        : call(ENDPOINTS.updateChannel, { params: { id }, body }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: channelsQuery.queryKey }),
        queries.invalidateQueries({ queryKey: overviewQuery.queryKey }),
      ]),
  });
}

interface FieldsProps {
  readonly draft: ChannelDraft;
  readonly set: (change: Partial<ChannelDraft>) => void;
  readonly said: (name: keyof ChannelDraft) => string | undefined;
}

function WebhookFields({ draft, set, said }: FieldsProps) {
  const t = useT();
  return (
    <>
      <div className="tablet:col-span-2">
        <TextField
          label={t('settings.notify.url')}
          help={t('settings.notify.urlHelp')}
          type="url"
          inputMode="url"
          value={draft.url}
          maxLength={2000}
          error={said('url')}
          onChange={(event) => set({ url: event.target.value })}
        />
      </div>
      <Secret
        draft={draft}
        set={set}
        label={t('settings.notify.secret')}
        help={t('settings.notify.secretHelp')}
      />
    </>
  );
}

function MailFields({ draft, set, said }: FieldsProps) {
  const t = useT();
  return (
    <>
      <div className="grid gap-x-4 gap-y-3 tablet:col-span-2 tablet:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,1fr)]">
        <TextField
          label={t('settings.notify.host')}
          value={draft.host}
          maxLength={255}
          error={said('host')}
          onChange={(event) => set({ host: event.target.value })}
        />
        <SelectField
          label={t('settings.notify.security')}
          value={draft.security}
          options={(['starttls', 'tls', 'none'] as const).map((value) => ({
            value,
            label: t(`settings.notify.securities.${value}`),
          }))}
          onChange={(security) =>
            set({ security, ...(draft.port === PORTS[draft.security] ? { port: PORTS[security] } : {}) })
          }
        />
        <TextField
          label={t('settings.notify.port')}
          inputMode="numeric"
          value={draft.port}
          error={said('port')}
          onChange={(event) => set({ port: event.target.value })}
        />
      </div>
      <TextField
        label={t('settings.notify.user')}
        help={t('settings.notify.userHelp')}
        autoComplete="off"
        value={draft.user}
        maxLength={255}
        onChange={(event) => set({ user: event.target.value })}
      />
      <Secret draft={draft} set={set} label={t('settings.notify.password')} />
      <TextField
        label={t('settings.notify.sender')}
        type="email"
        inputMode="email"
        value={draft.from}
        error={said('from')}
        onChange={(event) => set({ from: event.target.value })}
      />
      <TextArea
        label={t('settings.notify.to')}
        help={t('settings.notify.toHelp')}
        rows={2}
        value={draft.to}
        error={said('to')}
        onChange={(event) => set({ to: event.target.value })}
      />
    </>
  );
}

/** A kept secret is never shown; it can be replaced or forgotten. */
function Secret({
  draft,
  set,
  label,
  help,
}: Pick<FieldsProps, 'draft' | 'set'> & { label: string; help?: string }) {
  const t = useT();
  return (
    <div>
      <PasswordField
        label={label}
        help={draft.secretKept ? t('settings.notify.kept') : help}
        autoComplete="new-password"
        value={draft.secret}
        maxLength={255}
        onChange={(event) => set({ secret: event.target.value })}
      />
      {draft.secretKept && (
        <button
          type="button"
          onClick={() => set({ secretKept: false, secret: '' })}
          className="mt-1 text-12 text-accent hover:underline coarse:min-h-11"
        >
          {t('settings.notify.forget')}
        </button>
      )}
    </div>
  );
}
