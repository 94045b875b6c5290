/** Another item turns out to be this one: it is found, what merging does is shown, and then it is done. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { useIdentityAction } from '../../parts/identityActions.ts';
import { MergePreviewList } from '../../parts/MergePreviewList.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';

const FOUND_MAX = 8;
const SEARCH_FROM = 2;

export function MergeDialog({ ci, onClose }: { ci: CiDetail; onClose: () => void }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const [q, setQ] = useState('');
  const [other, setOther] = useState<{ id: string; name: string }>();
  const act = useIdentityAction();
  const found = useQuery({
    queryKey: ['cmdb', 'merge-find', ci.class, q],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listCis, { query: { q, class: ci.class, limit: FOUND_MAX } }, signal),
    enabled: q.length >= SEARCH_FROM,
  });
  const choices = found.data?.items.filter(({ id }) => id !== ci.id);
  const merge = () => {
    if (!other) return;
    act.mutate(() => call(ENDPOINTS.mergeCis, { body: { keep: ci.id, others: [other.id] } }), {
      onSuccess: () => {
        say(t('identity.merge.done', { other: other.name, keep: ci.name }));
        onClose();
      },
    });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('identity.merge.title', { name: ci.name })}
      description={t('identity.merge.text')}
    >
      <TextField
        label={t('identity.merge.find')}
        value={q}
        onChange={(event) => {
          setQ(event.target.value.trim());
          setOther(undefined);
        }}
      />
      {choices !== undefined && (
        <fieldset className="mt-3">
          <legend className="text-12 font-medium text-text-2">{t('identity.merge.pick')}</legend>
          {choices.length === 0 && <p className="mt-1 text-text-3">{t('identity.merge.nothing')}</p>}
          {choices.map((one) => (
            <label key={one.id} className="flex min-h-8 items-center gap-2">
              <input
                type="radio"
                name="other"
                checked={other?.id === one.id}
                onChange={() => setOther({ id: one.id, name: one.name })}
              />
              <span className="min-w-0 break-all">{one.name}</span>
              <span className="text-12 text-text-3">{one.site}</span>
            </label>
          ))}
        </fieldset>
      )}
      {other && <MergePreviewList keep={ci} otherId={other.id} />}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          disabled={act.isPending || other === undefined}
          disabledReason={refusal}
          onClick={merge}
        >
          {t('identity.merge.do')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
