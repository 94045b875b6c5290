/** The releases that this server keeps, and how one is made. */
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { Release, ReleaseTrust } from '@muster/shared/api/rollouts.ts';
import { PLATFORMS } from '@muster/shared/release/manifest.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber, quantityText } from '../../util/quantity.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';
import { useRemoveRelease } from './queries.ts';

export interface ReleasesCardProps {
  readonly releases: UseQueryResult<Release[]>;
  /** undefined: not known yet. */
  readonly trust: ReleaseTrust | undefined;
  /** The release that is under way, if one is. */
  readonly moving: number | null;
  /** Why no rollout can be started now. */
  readonly refusal: string | undefined;
  readonly onRollOut: (serial: number) => void;
}

export function ReleasesCard({ releases, trust, ...rest }: ReleasesCardProps) {
  const t = useT();
  const { data, error } = releases;
  return (
    <Card title={t('rollouts.releases.title')} flush>
      {trust && <Trust trust={trust} />}
      {data === undefined ? (
        error ? (
          <div className="px-4">
            <ErrorPanel error={error} retry={() => void releases.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : data.length === 0 ? (
        <div className="border-t border-line px-4 py-4">
          <p className="mb-4 max-w-[72ch] leading-prose">{t('rollouts.releases.none')}</p>
          <HowToMake />
        </div>
      ) : (
        <>
          <ReleaseTable releases={data} {...rest} />
          <details className="border-t border-line px-4 py-2.5 text-12">
            <summary className="w-fit cursor-pointer text-text-2 coarse:py-2">
              {t('rollouts.releases.how')}
            </summary>
            <div className="pt-3 pb-1">
              <HowToMake />
            </div>
          </details>
        </>
      )}
    </Card>
  );
}

/** What keeps a release from standing in the table, and what to do about it; else by which key those there are signed. */
function Trust({ trust: { keyFingerprint, refused } }: { trust: ReleaseTrust }) {
  const t = useT();
  if (keyFingerprint === null)
    return (
      <div className="border-t border-line px-4 py-3">
        <p className="flex max-w-[72ch] items-baseline gap-2 rounded-md bg-warn-weak px-3 py-2 leading-prose text-warn-fg">
          <Glyph name="triangle" className="flex-none" />
          <span>{t('rollouts.trust.noKey')}</span>
        </p>
      </div>
    );
  return (
    <div className="border-t border-line px-4 py-2.5 text-12 text-text-3">
      <p>
        {t('rollouts.trust.key')} <code className="break-all">{keyFingerprint}</code>
      </p>
      {refused.map(({ serial, why }) => (
        <p key={serial} className="mt-1 leading-prose text-warn-fg">
          {t('rollouts.trust.refused', { serial })} <span lang="en">{why}</span>
        </p>
      ))}
    </div>
  );
}

function ReleaseTable({
  releases,
  moving,
  refusal,
  onRollOut,
}: { releases: readonly Release[] } & Omit<ReleasesCardProps, 'releases' | 'trust'>) {
  const t = useT();
  const [removing, setRemoving] = useState<Release | null>(null);
  return (
    <>
      <PlainTable
        label={t('rollouts.releases.title')}
        head={[
          { id: 'release', label: t('rollouts.releases.release') },
          { id: 'platforms', label: t('rollouts.releases.platforms'), className: 'max-tablet:hidden' },
          { id: 'size', label: t('rollouts.releases.size'), align: 'right', className: 'max-desk:hidden' },
          { id: 'added', label: t('rollouts.releases.added'), className: 'max-desk:hidden' },
          { id: 'agents', label: t('rollouts.releases.agents'), align: 'right' },
          { id: 'actions', label: t('fleet.column.actions'), align: 'right' },
        ]}
      >
        {releases.map((release) => (
          <Row
            key={release.serial}
            release={release}
            refusal={refusal}
            isMoving={release.serial === moving}
            onRollOut={() => onRollOut(release.serial)}
            onRemove={() => setRemoving(release)}
          />
        ))}
      </PlainTable>
      {removing && <RemoveDialog release={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

function Row({
  release,
  refusal,
  isMoving,
  onRollOut,
  onRemove,
}: {
  release: Release;
  refusal: string | undefined;
  isMoving: boolean;
  onRollOut: () => void;
  onRemove: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const role = useRefusal('rollouts.write');
  const mayRemove = useActionRefusal('rollouts.write');
  const { serial, version, development, addedAt, files, agents } = release;
  const addedMs = millis(addedAt);
  const platforms = platformWords(files, t);
  return (
    <tr>
      <td>
        <span className="flex flex-wrap items-baseline gap-x-2 py-1">
          <span className="font-medium break-all">{version}</span>
          <span className="text-12 whitespace-nowrap text-text-3">
            {t('rollouts.versions.release', { serial })}
          </span>
          {development && (
            <span
              title={t('rollouts.releases.developmentHelp')}
              className="rounded-sm bg-sunken px-1.5 text-11 leading-4 font-medium text-text-2"
            >
              {t('rollouts.releases.development')}
            </span>
          )}
        </span>
      </td>
      <td
        className={cx('text-12 text-text-2 max-tablet:hidden', platforms.length === 1 && 'whitespace-nowrap')}
      >
        {platforms.join(t('ui.listSeparator'))}
      </td>
      <td className="text-right whitespace-nowrap text-text-2 max-desk:hidden">
        {quantityText(
          files.reduce((sum, { bytes }) => sum + bytes, 0),
          'B',
          language,
        )}
      </td>
      <td className="whitespace-nowrap text-text-2 max-desk:hidden">
        <time dateTime={addedAt} title={dateTimeText(addedMs, language)}>
          {recordTime(addedMs, now, language)}
        </time>
      </td>
      <td className="text-right">{formatNumber(agents, 0, language)}</td>
      <td>
        {role === undefined && (
          <span className="flex items-center justify-end gap-1">
            <Button
              size="small"
              aria-label={t('rollouts.releases.rollOutNamed', { serial })}
              disabledReason={refusal}
              onClick={onRollOut}
            >
              {t('rollouts.releases.rollOut')}
            </Button>
            <Menu
              trigger={
                <IconButton
                  icon="more"
                  label={t('rollouts.releases.actionsFor', { serial })}
                  className="!size-7 coarse:!size-11"
                />
              }
            >
              <MenuItem
                onSelect={onRemove}
                disabledReason={mayRemove ?? (isMoving ? t('rollouts.releases.inUse') : undefined)}
              >
                {t('rollouts.releases.remove')}
              </MenuItem>
            </Menu>
          </span>
        )}
      </td>
    </tr>
  );
}

function platformWords(files: Release['files'], t: Translate): readonly string[] {
  const has = PLATFORMS.filter((platform) => files.some((file) => file.platform === platform));
  if (has.length === 0) return [t('rollouts.releases.script')];
  return has.length === PLATFORMS.length ? [t('rollouts.releases.allPlatforms')] : has;
}

function RemoveDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  const t = useT();
  const remove = useRemoveRelease();
  const { serial, agents } = release;
  return (
    <AskDialog
      title={t('rollouts.releases.removeTitle', { serial })}
      text={t('rollouts.releases.removeText', { count: agents })}
      button={t('rollouts.releases.remove')}
      danger
      right="rollouts.write"
      state={remove}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(serial, {
          onSuccess: () => {
            say(t('rollouts.releases.removed', { serial }));
            onClose();
          },
        })
      }
    />
  );
}

const KEY = '~/muster-release.key';
const FOLDER = '~/release-1';
const KEYGEN = `npm run muster -- release keygen ${KEY}`;
const START = `MUSTER_RELEASE_KEY=${KEY}.pub npm start`;
const BUILD = [
  `npm run muster -- release build ${FOLDER} --key ${KEY}.pub --serial 1`,
  `npm run muster -- release sign ${FOLDER} --key ${KEY}`,
].join('\n');
const ADD = `npm run muster -- release add ${FOLDER} --key ${KEY}.pub`;

/** As docs/RELEASES.md has it. */
function HowToMake() {
  const t = useT();
  return (
    <ol className="grid gap-3 text-13">
      <li>
        <p className="mb-1.5 max-w-[72ch] leading-prose text-text-2">{t('rollouts.make.once')}</p>
        <CodeLine code={KEYGEN} label={t('rollouts.make.keygen')} />
      </li>
      <li>
        <p className="mb-1.5 max-w-[72ch] leading-prose text-text-2">{t('rollouts.make.start')}</p>
        <CodeLine code={START} label={t('rollouts.make.startLabel')} />
      </li>
      <li>
        <p className="mb-1.5 max-w-[72ch] leading-prose text-text-2">{t('rollouts.make.build')}</p>
        <CodeLine code={BUILD} label={t('rollouts.make.buildLabel')} />
      </li>
      <li>
        <p className="mb-1.5 max-w-[72ch] leading-prose text-text-2">{t('rollouts.make.add')}</p>
        <CodeLine code={ADD} label={t('rollouts.make.addLabel')} />
      </li>
      <li className="text-12 text-text-3">{t('rollouts.make.read')}</li>
    </ol>
  );
}
