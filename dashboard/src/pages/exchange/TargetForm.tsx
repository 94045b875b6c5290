/** A target, new or changed, under its card. */
import type { RemoteWriteTarget } from '@muster/shared/api/remote-write.ts';
import { ApiError } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, PasswordField, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { say } from '../../ui/Toast.tsx';
import { useDraft } from '../../util/useDraft.ts';
import { useSaveTarget } from './exchangeQueries.ts';
import { isWithoutPath } from './exchangeText.ts';
import {
  bodyOf,
  draftOf,
  EMPTY_DRAFT,
  refusedFields,
  type TargetDraft,
  type WrongTarget,
} from './targetDraft.ts';

export interface TargetFormProps {
  /** null: a new one. */
  readonly target: RemoteWriteTarget | null;
  readonly onClose: () => void;
}

/** What of a refusal is said at a field. */
function refusedOf(error: unknown): WrongTarget {
  return error instanceof ApiError ? refusedFields(error.code, error.issues) : {};
}

export function TargetForm({ target, onClose }: TargetFormProps) {
  const t = useT();
  const refusal = useActionRefusal('exchange.write');
  const errorWords = useErrorWords();
  const { start, draft, wrong, setWrong, set } = useDraft<TargetDraft, WrongTarget>(
    () => (target ? draftOf(target) : EMPTY_DRAFT),
    {},
  );
  const save = useSaveTarget();
  const submit = () => {
    const made = bodyOf(draft);
    if ('wrong' in made) setWrong(made.wrong);
    else
      save.mutate(
        { id: target?.id ?? null, body: made.body },
        {
          onSuccess: () => {
            say(t('exchange.targets.saved', { name: made.body.name }));
            onClose();
          },
          onError: (error) => setWrong(refusedOf(error)),
        },
      );
  };
  const text = (field: 'name' | 'url' | 'user' | 'labels' | 'metrics' | 'classes') => ({
    value: draft[field],
    error: wrong[field] === undefined ? undefined : t(wrong[field]),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [field]: event.target.value }),
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="border-t border-line px-4 py-4"
    >
      <div className="grid gap-x-4 gap-y-3 tablet:grid-cols-2">
        <TextField label={t('exchange.target.name')} maxLength={64} {...text('name')} />
        <TextField
          label={t('exchange.target.url')}
          help={t(isWithoutPath(draft.url) ? 'exchange.target.urlNoPath' : 'exchange.target.urlHelp')}
          type="url"
          inputMode="url"
          maxLength={2000}
          {...text('url')}
        />
        <div className="grid content-start gap-1">
          <span className="text-12 font-medium">{t('exchange.target.auth')}</span>
          <Segmented
            label={t('exchange.target.auth')}
            value={draft.auth}
            options={(['none', 'bearer', 'basic'] as const).map((value) => ({
              value,
              label: t(`exchange.target.authKinds.${value}`),
            }))}
            onChange={(auth) =>
              set({ auth, secret: '', secretKept: start.secretKept && auth === start.auth })
            }
          />
        </div>
        <div className="grid gap-3">
          {draft.auth === 'basic' && (
            <TextField
              label={t('exchange.target.user')}
              autoComplete="off"
              maxLength={256}
              {...text('user')}
            />
          )}
          {draft.auth !== 'none' && (
            <PasswordField
              label={t(draft.auth === 'bearer' ? 'exchange.target.token' : 'exchange.target.password')}
              help={draft.secretKept && wrong.secret === undefined ? t('exchange.target.kept') : undefined}
              autoComplete="new-password"
              maxLength={4096}
              value={draft.secret}
              error={wrong.secret === undefined ? undefined : t(wrong.secret)}
              onChange={(event) => set({ secret: event.target.value })}
            />
          )}
        </div>
        <TextField
          label={t('exchange.target.metrics')}
          help={t('exchange.target.metricsHelp')}
          {...text('metrics')}
        />
        <TextField
          label={t('exchange.target.classes')}
          help={t('exchange.target.classesHelp')}
          {...text('classes')}
        />
        <TextField
          label={t('exchange.target.labels')}
          help={t('exchange.target.labelsHelp')}
          {...text('labels')}
        />
      </div>
      {save.error && Object.keys(refusedOf(save.error)).length === 0 && (
        <p role="alert" className="mt-3 font-medium text-crit-fg">
          {errorWords(save.error)}
        </p>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <div className="mr-auto">
          <CheckField
            label={t('exchange.target.enabled')}
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.target.checked })}
          />
        </div>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="primary" type="submit" disabled={save.isPending} disabledReason={refusal}>
          {t('ui.save')}
        </Button>
      </div>
    </form>
  );
}
