/** How many agents work by which version, and those that do not work by the present one; renewed while it is open. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CONFIG_STANDINGS_MAX, type ConfigStanding } from '@muster/shared/api/agent-config.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import type { GlyphName } from '../../ui/states.ts';
import { millis } from '../../util/time.ts';
import { standingsQuery } from './queries.ts';
import { type StandingState, standingState } from './standing.ts';

export function AgentsCard() {
  const t = useT();
  const { data, error, refetch } = useQuery(standingsQuery);
  return (
    <Card className="mt-4" flush title={t('config.agents.title')}>
      {data === undefined ? (
        error ? (
          <div className="px-4">
            <ErrorPanel error={error} retry={() => void refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : data.agents === 0 ? (
        <EmptyState>{t('config.agents.empty')}</EmptyState>
      ) : (
        <>
          <ul className="px-4 pb-3">
            {data.byVersion.length === 0 && <li className="text-text-2">{t('config.agents.none')}</li>}
            {data.byVersion.map(({ version, agents }) => (
              <li key={version} className={version === data.version ? 'font-medium' : 'text-text-2'}>
                {version === 0
                  ? t('config.agents.byDefaults', { count: agents })
                  : t('config.agents.byVersion', { count: agents, version })}
              </li>
            ))}
            {data.refusing > 0 && (
              <li className="mt-1 max-w-[80ch] font-medium text-crit-fg">
                {t('config.agents.refusing', { count: data.refusing })}
              </li>
            )}
            {data.unable > 0 && (
              <li className="mt-1 max-w-[80ch] text-warn-fg">
                {t('config.agents.unable', { count: data.unable })}
              </li>
            )}
            {(['unable', 'forbidden'] as const).map(
              (why) =>
                data.checkless[why] > 0 && (
                  <li key={why} className="mt-1 max-w-[80ch] text-warn-fg">
                    {t(`config.agents.checks.${why}`, { count: data.checkless[why] })}
                  </li>
                ),
            )}
            {data.behind.length === 0 && data.byVersion.length > 0 && (
              <li className="text-text-3">{t('config.agents.allCurrent')}</li>
            )}
          </ul>
          {data.behind.length > 0 && <Behind version={data.version} standings={data.behind} />}
        </>
      )}
    </Card>
  );
}

function Behind({ version, standings }: { version: number; standings: readonly ConfigStanding[] }) {
  const t = useT();
  return (
    <div className="border-t border-line">
      <PlainTable
        label={t('config.agents.title')}
        wide
        head={[
          { id: 'machine', label: t('config.agents.machine') },
          { id: 'state', label: t('config.agents.state') },
          { id: 'runs', label: t('config.agents.runs'), className: 'max-tablet:hidden' },
          { id: 'told', label: t('config.agents.told'), className: 'max-tablet:hidden' },
        ]}
      >
        {standings.map((standing) => (
          <tr key={standing.agentId}>
            <td className="font-medium whitespace-nowrap">
              {standing.ciId === null ? (
                standing.name
              ) : (
                <Link to="/machines/$id" params={{ id: standing.ciId }} className="hover:text-accent">
                  {standing.name}
                </Link>
              )}
            </td>
            <td className="py-1.5 tablet:min-w-48">
              <State standing={standing} version={version} />
              <span className="block text-12 text-text-2 tablet:hidden">
                <Runs standing={standing} />
              </span>
            </td>
            <td className="whitespace-nowrap max-tablet:hidden">
              <Runs standing={standing} />
            </td>
            <td className="whitespace-nowrap text-text-2 max-tablet:hidden">
              {standing.told !== null && standing.toldAt !== null && (
                <>
                  {versionWords(standing.told, t)}{' '}
                  <AgeLabel atMs={millis(standing.toldAt)} className="text-12 text-text-3" />
                </>
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {standings.length === CONFIG_STANDINGS_MAX && (
        <p className="px-4 py-2 text-12 text-text-3">
          {t('config.agents.more', { count: CONFIG_STANDINGS_MAX })}
        </p>
      )}
    </div>
  );
}

const LOOKS: Readonly<Record<StandingState, { readonly glyph: GlyphName; readonly className: string }>> = {
  refused: { glyph: 'triangle', className: 'text-crit-fg' },
  tooOld: { glyph: 'square-up', className: 'text-warn-fg' },
  offline: { glyph: 'ring', className: 'text-text-3' },
  unanswered: { glyph: 'crescent', className: 'text-text-2' },
  untold: { glyph: 'crescent', className: 'text-text-2' },
};

function State({ standing, version }: { standing: ConfigStanding; version: number }) {
  const t = useT();
  const state = standingState(standing, version);
  const { glyph, className } = LOOKS[state];
  return (
    <>
      <span className={`flex items-center gap-1.5 whitespace-nowrap ${className}`}>
        <Glyph name={glyph} />
        {t(`config.agents.states.${state}`)}
      </span>
      {standing.refused !== null && (
        <span className="mt-0.5 block max-w-[60ch] text-12 text-text-2">{standing.refused}</span>
      )}
    </>
  );
}

/** Before the first version there are the defaults. */
function versionWords(version: number, t: Translate): string {
  return version === 0 ? t('config.agents.defaults') : t('config.version', { version });
}

function Runs({ standing: { runs, able } }: { standing: ConfigStanding }) {
  const t = useT();
  if (runs !== null) return versionWords(runs, t);
  return (
    <span className="text-text-3">
      {t(able === null ? 'config.agents.unheard' : 'config.agents.unsigned')}
    </span>
  );
}
