/** Agents that nobody has let in yet: what is known of each, and the decision. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, millis } from '../../util/time.ts';
import { useAgentRefusal, useApproveAgent } from './agentActions.ts';
import { platformName } from './platforms.ts';

export function WaitingCard({
  agents,
  onRevoke,
}: {
  agents: readonly Agent[];
  onRevoke: (agent: Agent) => void;
}) {
  const t = useT();
  if (agents.length === 0) return null;
  return (
    <Card
      title={t('overview.waiting', { count: agents.length })}
      note={t('fleet.waitingNote')}
      className="mt-4"
      flush
    >
      <ul>
        {agents.map((agent) => (
          <Waiting key={agent.id} agent={agent} onRevoke={() => onRevoke(agent)} />
        ))}
      </ul>
    </Card>
  );
}

function Waiting({ agent, onRevoke }: { agent: Agent; onRevoke: () => void }) {
  const t = useT();
  const now = useNow(10_000);
  const refusal = useAgentRefusal();
  const approve = useApproveAgent();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold break-words">{agent.hostname}</p>
        <p className="text-12 text-text-2">
          {[agent.address, platformName(agent.platform), agent.version].filter(Boolean).join(' · ')}
        </p>
      </div>
      <span className="text-12 text-text-3">
        {t('fleet.askedAgo', { ago: agoText(millis(agent.enrolledAt), now, t) })}
      </span>
      <span className="flex gap-2">
        <Button
          look="primary"
          disabled={approve.isPending}
          disabledReason={refusal}
          onClick={() => approve.mutate(agent.id)}
        >
          {t('fleet.approve')}
        </Button>
        <Button disabledReason={refusal} onClick={onRevoke}>
          {t('fleet.refuse')}
        </Button>
      </span>
    </li>
  );
}
