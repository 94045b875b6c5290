/** Versions of a rule: who changed what and when, and the way back to each. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Rule, RuleVersion } from '@muster/shared/api/rules.ts';
import { call } from '../../api/client.ts';
import { rulesQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';
import { useNameOf } from './names.ts';
import { ruleHistoryQuery, ruleQuery } from './queries.ts';
import { ruleDiff } from './ruleDiff.ts';

/** Versions shown before the rest is asked for. */
const VERSIONS_FIRST = 6;

export interface HistoryCardProps {
  readonly ruleId: string;
  /** Why nothing can be restored, or undefined where it can. */
  readonly refusal: string | undefined;
  readonly onRestored: (rule: Rule) => void;
}

export function HistoryCard({ ruleId, refusal, onRestored }: HistoryCardProps) {
  const t = useT();
  const history = useQuery(ruleHistoryQuery(ruleId));
  const [all, setAll] = useState(false);
  const [asking, setAsking] = useState<RuleVersion | null>(null);
  const versions = history.data ?? [];
  const shown = all ? versions : versions.slice(0, VERSIONS_FIRST);
  return (
    <Card title={t('rules.history.title')} flush>
      {history.error !== null && history.data === undefined ? (
        <ErrorPanel error={history.error} retry={() => void history.refetch()} />
      ) : history.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : (
        <ol>
          {shown.map((version, index) => (
            <VersionRow
              key={version.version}
              version={version}
              before={versions[index + 1]}
              refusal={refusal}
              isPresent={index === 0 && version.change !== 'deleted'}
              onRestore={() => setAsking(version)}
            />
          ))}
        </ol>
      )}
      {!all && versions.length > VERSIONS_FIRST && (
        <div className="border-t border-line px-4 py-2.5">
          <Button size="small" onClick={() => setAll(true)}>
            {t('rules.history.more', { count: versions.length - VERSIONS_FIRST })}
          </Button>
        </div>
      )}
      {asking && (
        <RestoreDialog
          ruleId={ruleId}
          version={asking}
          onClose={() => setAsking(null)}
          onRestored={onRestored}
        />
      )}
    </Card>
  );
}

function VersionRow({
  version,
  before,
  refusal,
  isPresent,
  onRestore,
}: {
  version: RuleVersion;
  before: RuleVersion | undefined;
  refusal: string | undefined;
  isPresent: boolean;
  onRestore: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const nameOf = useNameOf([version.rule, before?.rule]);
  const by = version.by === 'system' ? t('rules.history.system') : version.by.replace(/^\w+:/, '');
  const differences = before ? ruleDiff(before.rule, version.rule, nameOf, { t, language }) : [];
  const values = { by, version: version.restoredFrom ?? '' };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 text-12">
      <span className="w-8 flex-none text-text-3">{version.version}</span>
      <time
        dateTime={version.at}
        title={dateTimeText(millis(version.at), language)}
        className="w-28 flex-none text-text-2"
      >
        {recordTime(millis(version.at), now, language)}
      </time>
      <div className="min-w-48 flex-1">
        <p className="font-medium">{t(`rules.history.change.${version.change}`, values)}</p>
        {version.change !== 'deleted' && differences.length > 0 && (
          <ul className="mt-0.5 leading-prose text-text-2">
            {differences.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        )}
      </div>
      {isPresent ? (
        <span className="text-text-3">{t('rules.history.present')}</span>
      ) : (
        <Button size="small" disabledReason={refusal} onClick={onRestore}>
          {t('rules.history.restore')}
        </Button>
      )}
    </li>
  );
}

function RestoreDialog({
  ruleId,
  version,
  onClose,
  onRestored,
}: {
  ruleId: string;
  version: RuleVersion;
  onClose: () => void;
  onRestored: (rule: Rule) => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('rules.write');
  const language = useLanguage();
  const words = useErrorWords();
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.restoreRule, { params: { id: ruleId }, body: { version: version.version } }),
    onSuccess: (rule) => {
      queries.setQueryData(ruleQuery(ruleId).queryKey, rule);
      onRestored(rule);
      say(t('rules.history.restored', { version: version.version }));
      onClose();
    },
    onError: (error) => say(words(error)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ruleHistoryQuery(ruleId).queryKey });
      void queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rules.history.restoreTitle', { version: version.version })}
      description={t('rules.history.restoreText', { at: dateTimeText(millis(version.at), language, false) })}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          disabled={restore.isPending}
          disabledReason={refusal}
          onClick={() => restore.mutate()}
        >
          {t('rules.history.restore')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
