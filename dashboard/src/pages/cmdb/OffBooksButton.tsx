/** Taking a record off the books: what follows is said before, and it can be taken back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';
import { relationsQuery } from '../../parts/relations.ts';

const NAMED_MAX = 8;
/** Lists in which it stood or will stand again. */
const TOUCHED = [['ci'], ['cis'], ['cmdb'], ['assets']] as const;

export function OffBooksButton({ ci }: { ci: CiDetail }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        size="small"
        look="quiet"
        disabledReason={refusal}
        onClick={() => setAsking(true)}
        className="no-print"
      >
        {t('assets.offBooks.remove')}
      </Button>
      {asking && <AskDialog ci={ci} onClose={() => setAsking(false)} />}
    </>
  );
}

function AskDialog({ ci, onClose }: { ci: CiDetail; onClose: () => void }) {
  const t = useT();
  const errorWords = useErrorWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const relations = useQuery(relationsQuery(ci.id));
  const { id, name } = ci;
  const refresh = () => {
    for (const queryKey of TOUCHED) void queries.invalidateQueries({ queryKey });
  };
  const putBack = async () => {
    try {
      await call(ENDPOINTS.unarchiveCi, { params: { id } });
      say(t('assets.offBooks.putBack', { name }));
      refresh();
    } catch (error) {
      say(errorWords(error));
    }
  };
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.archiveCi, { params: { id } }),
    onSuccess: async () => {
      await navigate({ to: '/cis' });
      refresh();
      say(t('assets.offBooks.removed', { name }), { label: t('ui.undo'), onPress: () => void putBack() });
    },
  });
  const tied = (relations.data?.items ?? [])
    .filter(({ endedAt }) => endedAt === null)
    .map(({ fromId, fromName, toName }) => (fromId === id ? toName : fromName));
  const names = tied.slice(0, NAMED_MAX).join(t('ui.listSeparator'));
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('assets.offBooks.removeTitle', { name })}
      description={t('assets.offBooks.removeText')}
    >
      {tied.length > 0 && (
        <p className="leading-prose">
          {t('assets.offBooks.removeTied', { names })}
          {tied.length > NAMED_MAX && ` ${t('assets.offBooks.removeMore')}`}
        </p>
      )}
      {remove.error && (
        <p role="alert" className="mt-2 font-medium text-crit-fg">
          {t('assets.offBooks.removeRefused', { name, detail: remove.error.message })}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('assets.offBooks.removeNow')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
