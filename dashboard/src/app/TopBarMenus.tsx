/** The menus of the bar at the top: theme, and the user with account, language and sign-out. */
import { Link } from '@tanstack/react-router';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { LANGUAGE_OPTIONS } from '../i18n/languages.ts';
import { AVATAR_BUTTON, initials } from '../ui/Avatar.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLinkItem, MenuSeparator } from '../ui/Menu.tsx';
import { keptTheme, setTheme, type Theme, THEMES, usePreference } from './preferences.ts';
import { useMe, useSetLanguage, useSignOut } from './session.ts';

const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const satisfies Record<
  Theme,
  IconName
>;

export function TopBarMenus({ onKeys }: { onKeys: () => void }) {
  return (
    <span className="flex items-center gap-3">
      <ThemeMenu />
      <UserMenu onKeys={onKeys} />
    </span>
  );
}

function ThemeMenu() {
  const t = useT();
  usePreference('theme');
  const theme = keptTheme();
  return (
    <span className="max-tablet:hidden">
      <Menu trigger={<IconButton icon={THEME_ICONS[theme]} label={t('shell.theme.label')} />}>
        <MenuChoice
          label={t('shell.theme.label')}
          value={theme}
          options={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
          onChange={setTheme}
        />
      </Menu>
    </span>
  );
}

function UserMenu({ onKeys }: { onKeys: () => void }) {
  const t = useT();
  const me = useMe();
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  usePreference('theme');
  const signOut = useSignOut();
  if (me === undefined) return null;
  return (
    <Menu
      trigger={
        <button type="button" className={AVATAR_BUTTON}>
          <span aria-hidden="true">{initials(me.displayName)}</span>
          <span className="sr-only">{t('shell.userMenu', { name: me.displayName })}</span>
        </button>
      }
    >
      <MenuHeading>
        <span className="block text-13 font-medium text-text">{me.displayName}</span>
        <span className="block">{t(`states.role.${me.role}`)}</span>
      </MenuHeading>
      <MenuSeparator />
      <MenuLinkItem
        render={
          <Link to="/account">
            <Icon name="user" />
            {t('access.account')}
          </Link>
        }
      />
      <MenuLinkItem
        render={
          <Link to="/help">
            <Icon name="note" />
            {t('help.title')}
          </Link>
        }
      />
      <MenuLinkItem
        render={
          <Link to="/wall">
            <Icon name="monitor" />
            {t('wall.title')}
          </Link>
        }
      />
      <MenuItem onSelect={onKeys}>
        <Icon name="more" />
        {t('shell.keys.title')}
      </MenuItem>
      <MenuSeparator />
      <MenuChoice
        label={t('shell.language')}
        value={language}
        options={LANGUAGE_OPTIONS}
        onChange={setLanguage}
      />
      <MenuChoice
        label={t('shell.theme.label')}
        value={keptTheme()}
        options={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
        onChange={setTheme}
      />
      <MenuSeparator />
      <MenuItem onSelect={() => signOut.mutate()}>
        <Icon name="external" />
        {t('access.signOut')}
      </MenuItem>
    </Menu>
  );
}
