/** Where machines may be asked about a silent neighbour, and after how many days a machine counts as not seen. */
import { useState } from 'react';
import type { z } from 'zod';
import type { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  NOT_SEEN_DAYS_MAX,
  NOT_SEEN_DAYS_MIN,
  type PresenceSettings,
  Subnet4,
  WITNESS_SUBNETS_MAX,
  type WitnessNetwork,
} from '@muster/shared/api/presence.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { CiChooser, type ChosenCi } from '../../parts/CiChooser.tsx';
import { Button } from '../../ui/Button.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, TextArea, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { useSaveSettings } from './queries.ts';

type Answer = z.infer<typeof ENDPOINTS.getPresenceSettings.response>;

interface Draft {
  readonly enabled: boolean;
  readonly subnets: string;
  readonly locations: readonly ChosenCi[];
  readonly days: string;
}

export function WitnessForm({ answer }: { answer: Answer }) {
  const t = useT();
  const refusal = useActionRefusal('presence.write');
  const save = useSaveSettings();
  const held = draftOf(answer);
  const [draft, setDraft] = useState<Draft | null>(null);
  const now = draft ?? held;
  const change = (of: Partial<Draft>) => setDraft({ ...now, ...of });
  const subnetError = errorOf(linesOf(now.subnets), t);
  const days = Number(now.days);
  const daysError =
    Number.isInteger(days) && days >= NOT_SEEN_DAYS_MIN && days <= NOT_SEEN_DAYS_MAX
      ? undefined
      : t('presence.notSeen.range', { min: NOT_SEEN_DAYS_MIN, max: NOT_SEEN_DAYS_MAX });
  const settings = settingsOf(now);
  const changed = JSON.stringify(settings) !== JSON.stringify(settingsOf(held));
  const nowhere = now.enabled && linesOf(now.subnets).length === 0 && now.locations.length === 0;
  const locked = refusal !== undefined;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!changed || subnetError || daysError) return;
        save.mutate(settings, {
          onSuccess: () => {
            setDraft(null);
            say(t('presence.saved'));
          },
        });
      }}
    >
      <p className="max-w-[80ch] leading-prose text-text-2">{t('presence.witness.intro')}</p>
      <p className="max-w-[80ch] text-12 leading-prose text-text-3">{t('presence.witness.privacy')}</p>
      <CheckField
        label={t('presence.witness.enabled')}
        checked={now.enabled}
        disabled={locked}
        title={refusal}
        onChange={(event) => change({ enabled: event.target.checked })}
      />
      <Networks
        networks={answer.networks}
        subnets={linesOf(now.subnets)}
        locked={locked}
        onChange={(subnets) => change({ subnets: subnets.join('\n') })}
      />
      <TextArea
        label={t('presence.witness.subnets')}
        help={t('presence.witness.subnetsHelp')}
        error={subnetError}
        rows={Math.min(12, Math.max(2, linesOf(now.subnets).length + 1))}
        spellCheck={false}
        className="font-mono"
        readOnly={locked}
        title={refusal}
        value={now.subnets}
        onChange={(event) => change({ subnets: event.target.value })}
      />
      {locked ? (
        <p>{now.locations.map(({ name }) => name).join(', ')}</p>
      ) : (
        <CiChooser
          label={t('presence.witness.locations')}
          ofClass="Location"
          chosen={now.locations}
          onChange={(locations) => change({ locations })}
        />
      )}
      {nowhere && <p className="text-12 font-medium text-warn-fg">{t('presence.witness.nowhere')}</p>}
      <TextField
        label={t('presence.notSeen.label')}
        help={t('presence.notSeen.help')}
        error={daysError}
        type="number"
        inputMode="numeric"
        min={NOT_SEEN_DAYS_MIN}
        max={NOT_SEEN_DAYS_MAX}
        readOnly={locked}
        title={refusal}
        value={now.days}
        onChange={(event) => change({ days: event.target.value })}
      />
      {save.error && <ErrorPanel error={save.error} retry={() => save.mutate(settings)} />}
      <div className="flex gap-2">
        <Button
          type="submit"
          look="primary"
          disabled={!changed || subnetError !== undefined || daysError !== undefined || save.isPending}
          disabledReason={refusal}
        >
          {t('presence.save')}
        </Button>
        {changed && <Button onClick={() => setDraft(null)}>{t('presence.undo')}</Button>}
      </div>
      {answer.changed && <ChangedBy {...answer.changed} />}
    </form>
  );
}

function ChangedBy({ by, at }: NonNullable<Answer['changed']>) {
  const t = useT();
  const language = useLanguage();
  return (
    <p className="text-12 text-text-2">
      {t('presence.changedBy', {
        by: by.replace('user:', ''),
        at: dateTimeText(millis(at), language, false),
      })}
    </p>
  );
}

/** What stands where: a tick puts a network on the list below. */
function Networks({
  networks,
  subnets,
  locked,
  onChange,
}: {
  networks: readonly WitnessNetwork[];
  subnets: readonly string[];
  locked: boolean;
  onChange: (subnets: string[]) => void;
}) {
  const t = useT();
  if (networks.length === 0) return <p className="text-text-2">{t('presence.witness.noNetworks')}</p>;
  return (
    <div className="-mx-4 border-y border-line">
      <PlainTable
        label={t('presence.witness.networks')}
        head={[
          { id: 'subnet', label: t('presence.witness.network') },
          { id: 'gateway', label: t('presence.witness.gateway'), className: 'max-tablet:hidden' },
          { id: 'machines', label: t('presence.witness.machines'), align: 'right' },
          { id: 'witnesses', label: t('presence.witness.able'), align: 'right' },
        ]}
      >
        {networks.map(({ subnet, gateway, machines, witnesses, allowed }, at) => {
          const chosen = subnets.includes(subnet);
          return (
            <tr key={`${subnet} ${gateway ?? ''} ${at}`}>
              <td>
                <CheckField
                  label={subnet}
                  checked={chosen || allowed}
                  disabled={locked || (allowed && !chosen)}
                  title={allowed && !chosen ? t('presence.witness.covered') : undefined}
                  onChange={(event) =>
                    onChange(
                      event.target.checked
                        ? [...new Set([...subnets, subnet])]
                        : subnets.filter((one) => one !== subnet),
                    )
                  }
                />
              </td>
              <td className="font-mono text-12 max-tablet:hidden">{gateway ?? '–'}</td>
              <td className="text-right tabular-nums">{machines}</td>
              <td className="text-right tabular-nums">{witnesses}</td>
            </tr>
          );
        })}
      </PlainTable>
    </div>
  );
}

function draftOf({ settings, locations }: Answer): Draft {
  return {
    enabled: settings.witnesses.enabled,
    subnets: settings.witnesses.subnets.join('\n'),
    locations: locations.map(({ id, name }) => ({ id, name, class: 'Location' })),
    days: String(settings.notSeenDays),
  };
}

function settingsOf({ enabled, subnets, locations, days }: Draft): PresenceSettings {
  return {
    witnesses: { enabled, subnets: linesOf(subnets), locations: locations.map(({ id }) => id) },
    notSeenDays: Number(days),
  };
}

function linesOf(text: string): string[] {
  return text.split(/[\s,;，；]+/u).filter((line) => line !== '');
}

/** What is wrong with the first line that is. */
function errorOf(lines: readonly string[], t: Translate): string | undefined {
  if (lines.length > WITNESS_SUBNETS_MAX)
    return t('presence.witness.tooMany', { max: WITNESS_SUBNETS_MAX, count: lines.length });
  const wrong = lines.find((line) => !Subnet4.safeParse(line).success);
  return wrong === undefined ? undefined : t('presence.witness.noSubnet', { text: wrong });
}
