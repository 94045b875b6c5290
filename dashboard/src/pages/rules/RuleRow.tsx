/** One rule of the list: its name, what it says, how loud it is, who answers for it, and whether it is on. */
import { Link, useNavigate } from '@tanstack/react-router';
import type { Rule, RuleFacts } from '@muster/shared/api/rules.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateText, dateTimeText, millis } from '../../util/time.ts';
import { briefShare, isLoud, noiseSentences, rateWords, shareText } from './noise.ts';
import { isAgreed } from './ruleGroups.ts';
import { type NameOf, ruleLines } from './ruleWords.ts';

export type AskAbout = (what: 'on' | 'off' | 'delete', rule: Rule) => void;

export const ROW_GRID =
  'grid gap-x-5 gap-y-1.5 desk:grid-cols-[200px_minmax(0,1fr)_118px_136px_112px] desk:items-start';

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
  return (
    <li className={cx(ROW_GRID, 'border-t border-line px-4 py-2.5')}>
      <div className="min-w-0">
        <h3 className="text-13 leading-5 font-semibold">
          <Link
            to="/rules/$id"
            params={{ id: rule.id }}
            className={cx('hover:underline', !rule.enabled && 'text-text-3')}
          >
            {name}
          </Link>
        </h3>
        {about !== null && <p className="text-12 text-text-2">{about}</p>}
        {open > 0 && (
          <p className="text-12 font-medium text-warn-fg">{t('rules.openCount', { count: open })}</p>
        )}
      </div>
      <Says rule={rule} nameOf={nameOf} />
      <Noise facts={facts} />
      <Agreement rule={rule} />
      <Controls rule={rule} name={name} onAsk={onAsk} />
    </li>
  );
}

/** The sentence of each severity, and one step away what it means and what to do. */
export function Says({ rule, nameOf }: { rule: Rule; nameOf: NameOf }) {
  const t = useT();
  const language = useLanguage();
  const quiet = rule.enabled ? '' : 'text-text-3';
  const meaning = rule.explanation[language];
  return (
    <div className="grid min-w-0 content-start gap-0.5">
      {ruleLines(rule, nameOf, { t, language }).map(({ severity, condition, end, again }, index) => (
        <p key={severity} className={cx('grid grid-cols-[76px_minmax(0,1fr)] gap-x-2 leading-5', quiet)}>
          <span>
            <StatusBadge
              look={rule.enabled ? SEVERITY_LOOKS[severity] : { ...SEVERITY_LOOKS[severity], tone: 'quiet' }}
            />
          </span>
          <span>
            {index === 0 ? condition : again}
            <span className="text-text-3">
              {t('rules.says.then')}
              {end}
            </span>
          </span>
        </p>
      ))}
      {meaning !== '' && (
        <details className="group pl-[84px] max-tablet:pl-0">
          <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded-sm text-12 text-text-2 hover:text-accent coarse:min-h-11 [&::-webkit-details-marker]:hidden">
            <Icon name="chevron" size={12} className="-rotate-90 group-open:rotate-0" />
            {t('rules.meaning')}
          </summary>
          <p className="max-w-[80ch] pt-1 leading-prose text-text-2">{meaning}</p>
        </details>
      )}
    </div>
  );
}

function Noise({ facts }: { facts: RuleFacts | undefined }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  if (facts === undefined) return <div />;
  const { noise, lastFiredAt } = facts;
  const firedMs = millis(lastFiredAt);
  const isQuiet = noise.alerts === 0;
  const title = noiseSentences(noise, t).join(language === 'zh' ? '' : ' ');
  return (
    <dl title={title} className="flex flex-wrap gap-x-3 text-12 desk:block">
      <dt className="sr-only">{t('rules.noise.title')}</dt>
      <dd className={cx(isQuiet ? 'text-text-3' : 'font-medium')}>{rateWords(noise, t, language)}</dd>
      {noise.brief > 0 && (
        <dd className={isLoud(noise) ? 'font-medium text-warn-fg' : 'text-text-2'}>
          {t('rules.noise.briefShare', { share: shareText(briefShare(noise)) })}
        </dd>
      )}
      {firedMs !== null && (
        <dd className="text-text-3">
          <time dateTime={lastFiredAt ?? ''} title={dateTimeText(firedMs, language)}>
            {t('rules.lastAgo', { ago: agoText(firedMs, now, t) })}
          </time>
        </dd>
      )}
    </dl>
  );
}

function Agreement({ rule }: { rule: Rule }) {
  const t = useT();
  const language = useLanguage();
  const { owner, agreedOn } = rule;
  return (
    <dl className="flex min-w-0 flex-wrap gap-x-3 text-12 desk:block">
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
    <div className="flex items-center gap-1 desk:-my-1 desk:justify-end max-desk:justify-between">
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
