/** Which directories are fingerprinted, by class of machine. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  directoriesBytes,
  FINGERPRINT_DIRECTORIES_BYTES_MAX,
  FINGERPRINT_DIRECTORIES_MAX,
  type FingerprintDirectories,
} from '@muster/shared/api/fingerprints.ts';
import { CI_CLASSES, MACHINE_CLASSES, type MachineClass } from '@muster/shared/cmdb/classes.ts';
import { FINGERPRINT_PLACES, isBelowFingerprintPlace } from '@muster/shared/inventory/fingerprint-places.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';

const fingerprintsQuery = queryOptions({
  queryKey: ['settings', 'fingerprints'],
  queryFn: ({ signal }) => call(ENDPOINTS.getFingerprints, {}, signal),
});
const PLACES = FINGERPRINT_PLACES.join(' · ');

export function FingerprintSettings() {
  const t = useT();
  usePageTitle(t('settings.nav.fingerprints'));
  const query = useQuery(fingerprintsQuery);
  return (
    <>
      <h1>{t('settings.nav.fingerprints')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('settings.fingerprints.intro')}</p>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">
        {t('settings.fingerprints.allowed', { places: PLACES })}
      </p>
      <Card className="mt-3">
        {query.data ? (
          <Form held={query.data.directories} />
        ) : query.error ? (
          <ErrorPanel error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </Card>
    </>
  );
}

function Form({ held }: { held: FingerprintDirectories }) {
  const t = useT();
  const words = useWords();
  const refusal = useActionRefusal('cis.write');
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Partial<Record<MachineClass, string>>>({});
  const textOf = (ciClass: MachineClass) => draft[ciClass] ?? held[ciClass].join('\n');
  const errors = new Map(MACHINE_CLASSES.map((ciClass) => [ciClass, errorOf(linesOf(textOf(ciClass)), t)]));
  const changed = MACHINE_CLASSES.some(
    (ciClass) => linesOf(textOf(ciClass)).join('\n') !== held[ciClass].join('\n'),
  );
  const wrong = [...errors.values()].some((error) => error !== undefined);
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.setFingerprints, {
        body: {
          directories: {
            Server: linesOf(textOf('Server')),
            Workstation: linesOf(textOf('Workstation')),
            VirtualMachine: linesOf(textOf('VirtualMachine')),
          },
        },
      }),
    onSuccess: (answer) => {
      queries.setQueryData(fingerprintsQuery.queryKey, answer);
      setDraft({});
      say(t('settings.fingerprints.saved'));
    },
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !wrong) save.mutate();
      }}
    >
      {MACHINE_CLASSES.map((ciClass) => (
        <TextArea
          key={ciClass}
          label={words(CI_CLASSES[ciClass].title)}
          help={t('settings.fingerprints.perLine')}
          error={errors.get(ciClass)}
          rows={Math.max(3, linesOf(textOf(ciClass)).length + 1)}
          spellCheck={false}
          className="font-mono"
          readOnly={refusal !== undefined}
          title={refusal}
          value={textOf(ciClass)}
          onChange={(event) => setDraft({ ...draft, [ciClass]: event.target.value })}
        />
      ))}
      {save.error && <ErrorPanel error={save.error} retry={() => save.mutate()} />}
      <div className="flex gap-2">
        <Button
          type="submit"
          look="primary"
          disabled={refusal !== undefined || !changed || wrong || save.isPending}
          title={refusal}
        >
          {t('settings.fingerprints.save')}
        </Button>
        {changed && <Button onClick={() => setDraft({})}>{t('settings.fingerprints.undo')}</Button>}
      </div>
    </form>
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What is wrong with the first line that is. */
function errorOf(paths: readonly string[], t: Translate): string | undefined {
  if (paths.length > FINGERPRINT_DIRECTORIES_MAX)
    return t('settings.fingerprints.tooMany', { max: FINGERPRINT_DIRECTORIES_MAX, count: paths.length });
  for (const [index, path] of paths.entries()) {
    if (!path.startsWith('/')) return t('settings.fingerprints.notAbsolute', { path });
    if (path.split('/').includes('..') || !isBelowFingerprintPlace(path))
      return t('settings.fingerprints.notAllowed', { path, places: PLACES });
    if (paths.indexOf(path) !== index) return t('settings.fingerprints.twice', { path });
  }
  const bytes = directoriesBytes(paths);
  if (bytes > FINGERPRINT_DIRECTORIES_BYTES_MAX)
    return t('settings.fingerprints.tooLong', { max: FINGERPRINT_DIRECTORIES_BYTES_MAX, bytes });
  return undefined;
}
