/** What is done with one to whom messages or samples are sent: switch, test, change, take away; and what it answered. */
import type { Right } from '@muster/shared/api/rights.ts';
import { useActionRefusal } from '../app/refusal.ts';
import { useRefusal } from '../app/session.ts';
import { useT } from '../i18n/i18n.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import { Switch } from '../ui/Switch.tsx';

export interface ReceiverBarProps {
  readonly name: string;
  /** To change it; without it the way to edit and remove is not shown. */
  readonly right: Right;
  readonly enabled: boolean;
  /** What the switch is called, and what it says. */
  readonly label: string;
  readonly state: string;
  /** Of the last entry of the menu. */
  readonly remove: string;
  readonly isSwitching: boolean;
  readonly isTesting: boolean;
  readonly isEditing: boolean;
  readonly onSwitch: (enabled: boolean) => void;
  readonly onTest: () => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

export function ReceiverBar(props: ReceiverBarProps) {
  const t = useT();
  const role = useRefusal(props.right);
  const refusal = useActionRefusal(props.right);
  const { name, isTesting, isEditing } = props;
  return (
    <>
      <Switch
        label={props.label}
        checked={props.enabled}
        disabled={props.isSwitching}
        disabledReason={refusal}
        onChange={props.onSwitch}
      >
        {props.state}
      </Switch>
      <Button size="small" disabled={isTesting} disabledReason={refusal} onClick={props.onTest}>
        {t(isTesting ? 'settings.notify.testing' : 'settings.notify.test')}
      </Button>
      {role === undefined && (
        <>
          <Button size="small" aria-expanded={isEditing} onClick={props.onEdit}>
            {t('settings.notify.edit')}
          </Button>
          <Menu
            trigger={
              <IconButton
                icon="more"
                label={t('settings.notify.actionsFor', { name })}
                className="!size-7 coarse:!size-11"
              />
            }
          >
            <MenuItem onSelect={props.onRemove}>{props.remove}</MenuItem>
          </Menu>
        </>
      )}
    </>
  );
}

const LOOKS = {
  good: { glyph: 'tick', tone: 'text-text-2', mark: 'text-up-solid' },
  bad: { glyph: 'triangle', tone: 'font-medium text-warn-fg', mark: '' },
  waiting: { glyph: 'half', tone: 'text-text-2', mark: '' },
  never: { glyph: 'ring', tone: 'text-text-3', mark: '' },
} as const;

export interface AnswerLineProps {
  readonly look: keyof typeof LOOKS;
  readonly words: string;
  /** The other end's own; '' where it said nothing. */
  readonly answer: string;
}

export function AnswerLine({ look, words, answer }: AnswerLineProps) {
  const { glyph, tone, mark } = LOOKS[look];
  return (
    <p
      role="status"
      className="flex min-h-9 flex-wrap items-center gap-x-2 border-t border-line px-4 py-1.5 text-12"
    >
      <Glyph name={glyph} className={cx(tone, mark)} />
      <span className={tone}>{words}</span>
      {answer !== '' && (
        <code lang="en" className="min-w-0 break-all text-text-3">
          {answer}
        </code>
      )}
    </p>
  );
}
