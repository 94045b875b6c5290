/** Earlier versions: what each of them changed against the present one, and the way back to it. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { configChanges } from '@muster/shared/agent-config/changes.ts';
import type { ConfigGroups, ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { AGENT_CONFIG_KEY, configQuery } from '../../parts/machineConfig.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { millis } from '../../util/time.ts';
import { ChangesTable } from './ChangesTable.tsx';
import { versionQuery, versionsQuery } from './queries.ts';

export function VersionsCard({ held }: { held: ConfigVersion }) {
  const t = useT();
  const versions = useInfiniteQuery(versionsQuery);
  const [shown, setShown] = useState<number | null>(null);
  const items = versions.data?.pages.flatMap((page) => page.items);
  return (
    <Card className="mt-4" flush title={t('config.versions.title')}>
      {items === undefined ? (
        versions.error ? (
          <div className="px-4">
            <ErrorPanel error={versions.error} retry={() => void versions.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t('config.versions.none')}</EmptyState>
      ) : (
        <ul>
          {items.map(({ version, at, by, restoredFrom }) => (
            <li
              key={version}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2"
            >
              <span className="w-24 font-medium">{t('config.version', { version })}</span>
              <span className="min-w-0 flex-1 text-text-2">
                {by !== null && actorWord(by, t)}{' '}
                {at !== null && <AgeLabel atMs={millis(at)} className="text-12 text-text-3" />}
                {restoredFrom !== null && (
                  <span className="block text-12 text-text-3">
                    {restoredFrom === 0
                      ? t('config.agents.defaults')
                      : t('config.versions.restored', { version: restoredFrom })}
                  </span>
                )}
              </span>
              {version === held.version ? (
                <span className="text-12 text-text-3">{t('config.versions.present')}</span>
              ) : (
                <Button size="small" onClick={() => setShown(version)}>
                  {t('config.versions.compare')}
                  <span className="sr-only">{t('config.version', { version })}</span>
                </Button>
              )}
            </li>
          ))}
          {!versions.hasNextPage && (
            <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2">
              <span className="min-w-0 flex-1 text-text-2">{t('config.versions.defaults')}</span>
              <Button size="small" onClick={() => setShown(0)}>
                {t('config.versions.compare')}
                <span className="sr-only">{t('config.agents.defaults')}</span>
              </Button>
            </li>
          )}
        </ul>
      )}
      <MorePages pages={versions} label={t('config.versions.more')} />
      {shown !== null && <VersionDialog version={shown} held={held} onClose={() => setShown(null)} />}
    </Card>
  );
}

function VersionDialog({
  version,
  held,
  onClose,
}: {
  version: number;
  held: ConfigVersion;
  onClose: () => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('config.write');
  const queries = useQueryClient();
  const query = useQuery(versionQuery(version));
  const restore = useMutation({
    mutationFn: () => call(ENDPOINTS.restoreAgentConfig, { params: { version } }),
    onSuccess: async (made) => {
      queries.setQueryData(configQuery.queryKey, made);
      await queries.invalidateQueries({ queryKey: AGENT_CONFIG_KEY });
      onClose();
      say(
        version === 0
          ? t('config.versions.defaultsDone', { version: made.version })
          : t('config.versions.restored_done', { version: made.version, of: version }),
      );
    },
  });
  const older = query.data?.content;
  return (
    <Dialog
      open
      onClose={onClose}
      title={
        version === 0 ? t('config.versions.defaultsTitle') : t('config.versions.restoreTitle', { version })
      }
      description={t('config.versions.restoreLead')}
    >
      {older === undefined ? (
        query.error ? (
          <ErrorPanel error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )
      ) : (
        <Changes before={held.content} after={older} />
      )}
      {restore.error && <ErrorPanel error={restore.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          disabledReason={refusal}
          disabled={restore.isPending}
          onClick={() => restore.mutate()}
        >
          {t('config.versions.restore')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Changes({ before, after }: { before: ConfigGroups; after: ConfigGroups }) {
  const t = useT();
  const changes = configChanges(before, after);
  if (changes.length === 0) return <p className="text-text-2">{t('config.versions.same')}</p>;
  return <ChangesTable changes={changes} before={before} after={after} />;
}
