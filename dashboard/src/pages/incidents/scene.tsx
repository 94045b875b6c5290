/** What stood around the breach: suspects first, what the failure reaches, and who answered for it then. */
import { useState } from 'react';
import type { IncidentDetail, Suspect } from '@muster/shared/api/incidents.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { changeIcon, changeTitle } from '../../parts/changes.ts';
import { Card } from '../../ui/Card.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { millis, recordTime } from '../../util/time.ts';
import { CiLink } from './CiLink.tsx';
import { AllChanges } from './evidence.tsx';

const SUSPECTS_SHOWN = 6;
const IMPACT_SHOWN = 12;

/** Changes before the breach, the likeliest first. */
export function SuspectsCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const scene = incident.evidence?.scene;
  if (!scene) return null;
  const shown = scene.suspects.slice(0, all ? scene.suspects.length : SUSPECTS_SHOWN);
  const hidden = scene.suspects.length - shown.length;
  return (
    <Card
      title={t('incidents.suspects.title')}
      note={t('incidents.suspects.note')}
      action={<AllChanges incident={incident} />}
      flush
    >
      {scene.suspects.length === 0 ? (
        <p className="px-4 pb-3.5 text-text-2">{t('incidents.suspects.none')}</p>
      ) : (
        <ol>
          {shown.map((suspect) => (
            <SuspectRow key={suspect.change.id} suspect={suspect} incident={incident} />
          ))}
        </ol>
      )}
      {hidden > 0 && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="no-print px-4 pb-3 text-12 text-accent hover:underline coarse:min-h-11"
        >
          {t('incidents.affectedMore', { count: hidden })}
        </button>
      )}
    </Card>
  );
}

function SuspectRow({ suspect, incident }: { suspect: Suspect; incident: IncidentDetail }) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const { change, score } = suspect;
  const breachedMs = millis(incident.breachedAt) ?? millis(incident.openedAt);
  return (
    <li className="grid grid-cols-[3rem_minmax(0,1fr)] gap-3 border-t border-line px-4 py-2.5">
      <p className="text-right" title={t('incidents.suspects.formula')}>
        <span className="text-16 font-semibold">{score}</span>
        <span aria-hidden="true" className="mt-1 block h-1 overflow-hidden rounded-sm bg-sunken">
          <span style={{ width: `${score}%` }} className="block h-full bg-accent-solid" />
        </span>
        <span className="sr-only">{t('incidents.suspects.score', { score })}</span>
      </p>
      <div className="min-w-0">
        <p className="flex items-start gap-2 font-medium break-words">
          <Icon name={changeIcon(change)} className="mt-0.5 text-text-3" />
          {changeTitle(change, t, language)}
        </p>
        <p className="text-12 text-text-2">
          {recordTime(millis(change.at), breachedMs, language)} · {words(suspect.why)}
        </p>
        {suspect.distance > 0 && (
          <p className="text-12 break-words text-text-3">{suspect.path.join(' → ')}</p>
        )}
      </div>
    </li>
  );
}

/** What hung on it, as the graph was then. */
export function SceneCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const scene = incident.evidence?.scene;
  if (!scene) return null;
  const breachedMs = millis(incident.breachedAt) ?? millis(incident.openedAt);
  const shown = scene.impact.slice(0, IMPACT_SHOWN);
  const more = scene.impact.length - shown.length + scene.impactBeyond;
  // While it still works nothing behind it is lost yet.
  const certainty = incident.needsCause ? 'state' : 'atRisk';
  return (
    <Card title={t('incidents.scene.title')} note={t('incidents.scene.note')}>
      <p className="text-12 font-medium text-text-3">{t('incidents.scene.impact')}</p>
      {shown.length === 0 ? (
        <p className="text-text-2">{t('incidents.scene.noImpact')}</p>
      ) : (
        <ul className="mt-1 grid gap-1.5">
          {shown.map(({ id, name, class: ciClass, state, path }) => (
            <li key={id} className="flex flex-wrap items-center gap-x-2">
              <Icon name={classIcon(ciClass)} className="text-text-3" />
              <CiLink id={id} name={name} ciClass={ciClass} />
              <span className="text-12 text-text-2">{t(`incidents.scene.${certainty}.${state}`)}</span>
              {path.length > 2 && <span className="text-12 text-text-3">{path.join(' → ')}</span>}
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="mt-1 text-12 text-text-3">{t('incidents.scene.more', { count: more })}</p>}
      <dl className="mt-3 grid gap-1.5 text-12 tablet:grid-cols-2 tablet:gap-x-6">
        <Fact word={t('incidents.scene.warranty')} value={scene.warrantyEnd ?? ABSENT} />
        <Fact
          word={t('incidents.scene.windows')}
          value={
            scene.windows
              .map(({ title, from }) => `${title}, ${recordTime(millis(from), breachedMs, language)}`)
              .join('; ') || t('incidents.scene.noWindow')
          }
        />
      </dl>
    </Card>
  );
}

function Fact({ word, value }: { word: string; value: string }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="text-text-3">{word}</dt>
      <dd className="text-right font-medium break-words">{value}</dd>
    </div>
  );
}
