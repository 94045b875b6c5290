/** Who reports an item, what people decided about it, what was merged into it; each can be taken back. */
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiMerge, IdentityPin, IdentityReporter } from '@muster/shared/api/identity.ts';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { useIdentityAction } from '../../parts/identityActions.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { MergeDialog } from './MergeDialog.tsx';

export function WhoReportsCard({ ci, reporters }: { ci: CiDetail; reporters: readonly IdentityReporter[] }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const [splitting, setSplitting] = useState<IdentityReporter>();
  const [merging, setMerging] = useState(false);
  return (
    <Card
      title={t('identity.reporters.title')}
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setMerging(true)}>
          {t('identity.merge.open')}
        </Button>
      }
      flush
    >
      {reporters.length === 0 ? (
        <EmptyState>{t('identity.reporters.none')}</EmptyState>
      ) : (
        <PlainTable
          label={t('identity.reporters.title')}
          head={[
            { id: 'who', label: t('identity.reporters.reporter') },
            { id: 'tells', label: t('identity.reporters.tells'), className: 'max-tablet:hidden' },
            { id: 'last', label: t('identity.reporters.last') },
          ]}
        >
          {reporters.map((one) => (
            <tr key={`${one.source} ${one.id}`}>
              <td className="break-all">{t(`identity.source.${one.source}`, { id: one.id })}</td>
              <td className="text-text-2 max-tablet:hidden">
                {one.owns.map((section) => sectionWord(section, t)).join(t('ui.listSeparator')) ||
                  t('identity.reporters.nothing')}
              </td>
              <td>
                <span className="flex flex-wrap items-center justify-between gap-x-3">
                  {dateTimeText(millis(one.lastAt), language)}
                  {reporters.length > 1 && (
                    <Button size="small" disabledReason={refusal} onClick={() => setSplitting(one)}>
                      {t('identity.reporters.split')}
                    </Button>
                  )}
                </span>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {splitting && <SplitDialog ci={ci} reporter={splitting} onClose={() => setSplitting(undefined)} />}
      {merging && <MergeDialog ci={ci} onClose={() => setMerging(false)} />}
    </Card>
  );
}

function sectionWord(section: string, t: Translate): string {
  const name = INVENTORY_SECTIONS.find((each) => each === section);
  return name === undefined ? section : t(`identity.sections.${name}`);
}

function SplitDialog({
  ci,
  reporter,
  onClose,
}: {
  ci: CiDetail;
  reporter: IdentityReporter;
  onClose: () => void;
}) {
  const t = useT();
  const act = useIdentityAction();
  const word = t(`identity.source.${reporter.source}`, { id: reporter.id });
  const split = () =>
    act.mutate(
      () =>
        call(ENDPOINTS.splitCi, {
          params: { id: ci.id },
          body: { source: reporter.source, reporter: reporter.id },
        }),
      {
        onSuccess: () => {
          say(t('identity.reporters.splitDone', { reporter: word }));
          onClose();
        },
      },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('identity.reporters.splitAsk')}
      description={t('identity.reporters.splitText')}
    >
      <p className="break-all">{word}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="primary" disabled={act.isPending} onClick={split}>
          {t('identity.reporters.split')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export function PinsCard({ ci, pins }: { ci: CiDetail; pins: readonly IdentityPin[] }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const act = useIdentityAction();
  if (pins.length === 0) return null;
  const sentence = ({ reporter, other, ci: of }: IdentityPin) =>
    reporter
      ? t('identity.pins.reporter', {
          reporter: t(`identity.source.${reporter.source}`, { id: reporter.id }),
        })
      : t('identity.pins.never', { name: (of.id === ci.id ? other : of)?.name ?? '' });
  return (
    <Card title={t('identity.pins.title')}>
      <ul className="grid gap-2">
        {pins.map((pin) => (
          <li key={pin.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="min-w-0 break-all">{sentence(pin)}</span>
            <span className="text-12 text-text-3">
              {t('identity.pins.by', {
                who: actorWord(pin.actor, t),
                when: dateTimeText(millis(pin.at), language),
              })}
            </span>
            <Button
              size="small"
              className="ml-auto"
              disabled={act.isPending}
              disabledReason={refusal}
              onClick={() =>
                act.mutate(() => call(ENDPOINTS.removePin, { params: { id: pin.id } }), {
                  onSuccess: () => say(t('identity.pins.removed')),
                })
              }
            >
              {t('identity.pins.remove')}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function MergesCard({ merges }: { merges: readonly CiMerge[] }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const act = useIdentityAction();
  if (merges.length === 0) return null;
  return (
    <Card title={t('identity.merges.title')}>
      <ul className="grid gap-2">
        {merges.map((merge) => (
          <li key={merge.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="min-w-0 break-all">
              {t('identity.merges.into', { other: merge.other.name, keep: merge.keep.name })}
            </span>
            <span className="text-12 text-text-3">
              {merge.undoneAt === null
                ? t('identity.pins.by', {
                    who: actorWord(merge.actor, t),
                    when: dateTimeText(millis(merge.at), language),
                  })
                : t('identity.merges.undoneBy', {
                    who: actorWord(merge.undoneBy ?? '', t),
                    when: dateTimeText(millis(merge.undoneAt), language),
                  })}
            </span>
            {merge.undoneAt === null && (
              <Button
                size="small"
                className="ml-auto"
                disabled={act.isPending}
                disabledReason={refusal}
                onClick={() =>
                  act.mutate(() => call(ENDPOINTS.undoMerge, { params: { id: merge.id } }), {
                    onSuccess: () => say(t('identity.reviews.undone')),
                  })
                }
              >
                {t('identity.merges.undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
