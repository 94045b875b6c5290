/** Who has trouble and why: one line for a cause, with its machines. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { headway } from './progress.ts';
import { rolloutAgentsQuery } from './queries.ts';
import { eachOnce, type TroubleGroup, troubleGroups } from './trouble.ts';
import { AGENT_LOOKS, detailWords } from './words.ts';

/** Named of one group; the rest is a number and a link to the list. */
const NAMES_MAX = 12;
const EVERYBODY = {};

export function TroubleCard({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const { trouble } = headway(rollout);
  // Those with trouble come first: the first page has them, as many as anybody reads.
  const agents = useInfiniteQuery({ ...rolloutAgentsQuery(rollout, EVERYBODY), enabled: trouble > 0 });
  const groups = useMemo(() => troubleGroups(eachOnce(agents.data?.pages.slice(0, 1) ?? [])), [agents.data]);
  if (trouble === 0 || groups.length === 0) return null;
  return (
    <Card title={t('rollouts.trouble.title')} className="mt-4" flush>
      <ul>
        {groups.map((group) => (
          <li key={`${group.state} ${group.detail}`} className="border-t border-line px-4 py-3">
            <Group rollout={rollout} group={group} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Group({ rollout, group }: { rollout: Rollout; group: TroubleGroup }) {
  const t = useT();
  const { agents, detail, state } = group;
  const words = detailWords({ state, detail }, rollout.state, t);
  const named = agents.slice(0, NAMES_MAX);
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5 font-medium">
        <StatusBadge look={AGENT_LOOKS[state]} />
        <span>{t('rollouts.trouble.group', { count: agents.length })}</span>
        {words.isOwn && (
          <span className="font-normal text-text-2">
            {t(state === 'failed' ? 'rollouts.trouble.failed' : 'rollouts.trouble.taken-back')}
          </span>
        )}
      </p>
      {words.text !== '' && (
        <p className="mt-0.5 leading-prose break-words text-text-2" {...(words.isOwn ? { lang: 'en' } : {})}>
          {words.text}
        </p>
      )}
      <p className="mt-1 flex flex-wrap gap-x-3 gap-y-1">
        {named.map(({ agentId, ciId, name }) =>
          ciId === null ? (
            <span key={agentId}>{name}</span>
          ) : (
            <Link
              key={agentId}
              to="/machines/$id/live"
              params={{ id: ciId }}
              className="text-accent hover:underline coarse:inline-flex coarse:min-h-8 coarse:items-center"
            >
              {name}
            </Link>
          ),
        )}
        {agents.length > named.length && (
          <Link
            to="/agents/upgrades/$id"
            params={{ id: rollout.id }}
            search={{ state }}
            className="text-text-2 hover:underline"
          >
            {t('rollouts.trouble.more', { count: agents.length - named.length })}
          </Link>
        )}
      </p>
    </>
  );
}
