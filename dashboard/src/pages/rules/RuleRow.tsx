/** One rule of the list: its name, what it says, how loud it is, who answers for it, and whether it is on. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Rule, RuleFacts } from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { briefShare, isLoud, noiseSentences, rateWords, shareText } from './noise.ts';
import { isAgreed } from './ruleGroups.ts';
import { initialCapital, keepTogether, type NameOf, ruleLines } from './ruleWords.ts';

export type AskAbout = (what: 'on' | 'off' | 'delete', rule: Rule) => void;

const ROW_GRID =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-5 gap-y-1.5 desk:grid-cols-[200px_minmax(0,1fr)_132px_116px_112px] desk:items-start';

export function RuleRow({
  rule,
  facts,
  about,
  nameOf,
  onAsk,
}: {
  rule: Rule;
  facts: RuleFacts | undefined;
  /** On what it is, where the list does not say it above the row. */
  about: string | null;
  nameOf: NameOf;
  onAsk: AskAbout;
}) {
  const t = useT();
  const ruleName = useRuleName();
  const name = ruleName(rule);
  const open = facts?.openAlerts ?? 0;
  const [explained, setExplained] = useState(false);
  return (
    <li className={cx(ROW_GRID, 'border-t border-line px-4 py-2.5')}>
      <div className="min-w-0">
        <div className="flex items-start gap-1">
          <h3 className="min-w-0 text-13 leading-5 font-semibold">
            <Link
              to="/rules/$id"
              params={{ id: rule.id }}
              className={cx('hover:underline', !rule.enabled && 'text-text-3')}
            >
              {name}
            </Link>
          </h3>
          <MeaningButton rule={rule} name={name} open={explained} onOpen={setExplained} />
        </div>
        {about !== null && <p className="text-12 text-text-2">{about}</p>}
        {open > 0 && (
          <p className="text-12 font-medium text-warn-fg">{t('rules.openCount', { count: open })}</p>
        )}
      </div>
      <Says rule={rule} nameOf={nameOf} explained={explained} />
      <Noise facts={facts} />
      <Agreement rule={rule} />
      <Controls rule={rule} name={name} onAsk={onAsk} />
    </li>
  );
}

/** Opens what a rule means and what to do; nothing where nobody has written it. */
export function MeaningButton({
  rule,
  name,
  open,
  onOpen,
}: {
  rule: Rule;
  name: string;
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const t = useT();
  const language = useLanguage();
  if (rule.explanation[language] === '') return null;
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-label={t('rules.meaningOf', { name })}
      title={t('rules.meaning')}
      onClick={() => onOpen(!open)}
      className="inline-flex size-5 flex-none items-center justify-center rounded-sm text-text-3 hover:bg-hover hover:text-text coarse:size-11 coarse:-my-3"
    >
      <Icon name="chevron" size={12} className={open ? '' : '-rotate-90'} />
    </button>
  );
}

/** The sentence of each severity; of a second one only what differs. */
export function Says({ rule, nameOf, explained }: { rule: Rule; nameOf: NameOf; explained: boolean }) {
  const t = useT();
  const language = useLanguage();
  const quiet = rule.enabled ? '' : 'text-text-3';
  return (
    <div className="grid min-w-0 content-start gap-0.5 max-desk:col-span-2">
      {ruleLines(rule, nameOf, { t, language }).map(({ severity, condition, end, again }, index) => (
        <p key={severity} className={cx('grid grid-cols-[76px_minmax(0,1fr)] gap-x-2 leading-5', quiet)}>
          <span>
            <StatusBadge
              look={rule.enabled ? SEVERITY_LOOKS[severity] : { ...SEVERITY_LOOKS[severity], tone: 'quiet' }}
            />
          </span>
          <span>
            {keepTogether(initialCapital(index === 0 ? condition : again))}
            <span className="text-text-3">
              {t('rules.says.then')}
              {keepTogether(end)}
            </span>
          </span>
        </p>
      ))}
      {explained && (
        <p className="max-w-[80ch] pt-1 pb-0.5 leading-prose text-text-2 tablet:pl-[84px]">
          {rule.explanation[language]}
        </p>
      )}
    </div>
  );
}

function Noise({ facts }: { facts: RuleFacts | undefined }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  if (facts === undefined) return <div className="max-desk:hidden" />;
  const { noise, lastFiredAt } = facts;
  const firedMs = millis(lastFiredAt);
  const isQuiet = noise.alerts === 0;
  const title = noiseSentences(noise, t).join(language === 'zh' ? '' : ' ');
  return (
    <dl title={title} className="flex flex-wrap gap-x-3 text-12 max-desk:col-span-2 desk:block">
      <dt className="sr-only">{t('rules.noise.title')}</dt>
      <dd className={cx('leading-5', isQuiet ? 'text-text-3' : 'font-medium')}>
        {rateWords(noise, t, language)}
      </dd>
      {isLoud(noise) && (
        <dd className="inline-flex items-center gap-1 font-medium text-warn-fg">
          <Glyph name="triangle" />
          {t('rules.noise.briefShare', { share: shareText(briefShare(noise)) })}
        </dd>
      )}
      {firedMs !== null && (
        <dd className="text-text-3">
          <time dateTime={lastFiredAt ?? ''} title={dateTimeText(firedMs, language)}>
            {t('rules.lastAgo', { ago: roughAgoText(firedMs, now, t) })}
          </time>
        </dd>
      )}
    </dl>
  );
}

/** In one unit: `20 h ago`, `3 d ago`. */
function roughAgoText(atMs: Millis, nowMs: Millis, t: Translate): string {
  const ageMs = nowMs - atMs;
  const unitMs = ageMs >= DAY_MS ? DAY_MS : ageMs >= HOUR_MS ? HOUR_MS : 1;
  return agoText(nowMs - Math.floor(ageMs / unitMs) * unitMs, nowMs, t);
}

function Agreement({ rule }: { rule: Rule }) {
  const t = useT();
  const language = useLanguage();
  const { owner, agreedOn } = rule;
  return (
    <dl className="flex min-w-0 flex-wrap gap-x-3 text-12 leading-5 max-desk:col-span-2 desk:block">
      <dt className="sr-only">{t('rules.owner')}</dt>
      {owner !== null && <dd className="truncate">{owner}</dd>}
      <dt className="sr-only">{t('rules.agreed')}</dt>
      <dd className="text-text-3">
        {agreedOn !== null && dateText(millis(`${agreedOn}T00:00`), language)}
        {!isAgreed(rule) && agreedOn === null && t('rules.notAgreed')}
      </dd>
      {owner === null && agreedOn !== null && <dd className="text-text-3">{t('rules.noOwner')}</dd>}
    </dl>
  );
}

function Controls({ rule, name, onAsk }: { rule: Rule; name: string; onAsk: AskAbout }) {
  const t = useT();
  const navigate = useNavigate();
  const role = useRefusal('rules.write');
  const refusal = useActionRefusal('rules.write');
  return (
    <div className="-my-1 flex items-center gap-1 self-start max-desk:col-start-2 max-desk:row-start-1 desk:justify-end">
      <Switch
        label={t('rules.switch', { name })}
        checked={rule.enabled}
        disabledReason={refusal}
        onChange={(enabled) => onAsk(enabled ? 'on' : 'off', rule)}
      >
        {t(rule.enabled ? 'rules.on' : 'rules.off')}
      </Switch>
      {role === undefined && (
        <Menu
          trigger={<IconButton icon="more" label={t('rules.moreOf', { name })} className="text-text-3" />}
        >
          <MenuItem onSelect={() => void navigate({ to: '/rules/new', search: { copy: rule.id } })}>
            {t('rules.duplicate')}
          </MenuItem>
          <MenuItem onSelect={() => onAsk('delete', rule)}>{t('rules.delete')}</MenuItem>
        </Menu>
      )}
    </div>
  );
}
