/** What agents do and collect, by groups of machines; what each of them works by; versions. */
import { configQuery, STANDINGS_FRESH_MS } from '../../parts/machineConfig.ts';
import { useQuery } from '@tanstack/react-query';
import type { ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { millis } from '../../util/time.ts';
import { AgentsCard } from './AgentsCard.tsx';
import { useDraft } from './draft.tsx';
import { GroupsCard, groupsProblem } from './GroupsCard.tsx';
import { PreviewCard } from './PreviewCard.tsx';
import { VersionsCard } from './VersionsCard.tsx';

export function AgentConfigSettings() {
  const t = useT();
  usePageTitle(t('config.title'));
  const config = useQuery({ ...configQuery, refetchInterval: STANDINGS_FRESH_MS });
  return (
    <>
      <h1>{t('config.title')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('config.intro')}</p>
      {config.data ? (
        <Page held={config.data} />
      ) : (
        <Card className="mt-4" flush={config.error === null}>
          {config.error ? (
            <ErrorPanel error={config.error} retry={() => void config.refetch()} />
          ) : (
            <SkeletonRows rows={8} />
          )}
        </Card>
      )}
    </>
  );
}

function Page({ held }: { held: ConfigVersion }) {
  const t = useT();
  return (
    <>
      <p className="mt-2 text-12 text-text-3">
        {held.at === null ? (
          t('config.neverChanged')
        ) : (
          <>
            {t('config.madeBy', { version: held.version, by: actorWord(held.by ?? '', t) })}{' '}
            <AgeLabel atMs={millis(held.at)} />
          </>
        )}
      </p>
      <Groups held={held} />
      <AgentsCard />
      <PreviewCard />
      <VersionsCard held={held} />
    </>
  );
}

function Groups({ held }: { held: ConfigVersion }) {
  const t = useT();
  const draft = useDraft(held, (content) => groupsProblem(content, t));
  return (
    <>
      <GroupsCard draft={draft} />
      {draft.bar}
    </>
  );
}
