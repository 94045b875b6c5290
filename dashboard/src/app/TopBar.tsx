/** The bar at the top: where one is, search, live state, language, theme, user. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { initials } from '../ui/Avatar.tsx';
import { IconButton, Key } from '../ui/Button.tsx';
import { Icon, Mark, type IconName } from '../ui/Icon.tsx';
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLinkItem, MenuSeparator } from '../ui/Menu.tsx';
import { PATHS } from '../util/paths.ts';
import { LiveDisc } from './LiveDisc.tsx';
import { sectionOf } from './navigation.ts';
import { keptTheme, setTheme, type Theme, THEMES, usePreference } from './preferences.ts';
import { useMe, useSetLanguage } from './session.ts';
import { useShownTitle } from './title.ts';

const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const satisfies Record<
  Theme,
  IconName
>;

export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const t = useT();
  return (
    <header className="no-print sticky top-0 z-10 flex h-(--topbar) items-center gap-3 border-b border-line bg-surface px-4 tablet:px-6">
      <Crumbs />
      <button
        type="button"
        onClick={onSearch}
        className="mx-auto flex h-8 w-[330px] min-w-0 items-center gap-2 rounded-md border border-line bg-canvas px-2 text-text-3 hover:border-line-strong max-desk:hidden"
      >
        <Icon name="search" />
        <span className="min-w-0 flex-1 truncate text-left">{t('shell.search')}</span>
        <Key>Ctrl K</Key>
      </button>
      <span className="flex-1 desk:hidden" />
      <LiveDisc />
      <IconButton icon="search" label={t('shell.search')} onClick={onSearch} className="desk:hidden" />
      <LanguageButton />
      <ThemeMenu />
      <UserMenu onKeys={onKeys} />
    </header>
  );
}

function Crumbs() {
  const t = useT();
  const title = useShownTitle();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const section = sectionOf(pathname);
  const word = section && t(section.word);
  const deeper = title !== '' && title !== word;
  return (
    <div className="flex min-w-0 items-center gap-1.5 text-text-3">
      <Link
        to={section && deeper ? section.to : PATHS.overview}
        className="flex-none tablet:hidden"
        aria-label={deeper && word ? word : t('shell.nav.overview')}
      >
        {deeper && section ? <Icon name="back" size={20} /> : <Mark />}
      </Link>
      {section && deeper && (
        <>
          <Link to={section.to} className="flex-none hover:text-text max-tablet:hidden">
            {word}
          </Link>
          <span aria-hidden="true" className="max-tablet:hidden">
            /
          </span>
        </>
      )}
      <span className="min-w-0 truncate font-medium text-text">{title}</span>
    </div>
  );
}

/** The name of a language stands in that language, whatever is spoken now. */
export function LanguageButton({ className }: { className?: string }) {
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  const names = { en: 'English', zh: '中文' } as const;
  return (
    <button
      type="button"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => setLanguage(other)}
      className={`h-7 flex-none rounded-md border border-line px-2 text-12 text-text-2 hover:bg-hover coarse:h-(--control) max-tablet:hidden ${className ?? ''}`}
    >
      {names[other]}
    </button>
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
  const navigate = useNavigate();
  const queries = useQueryClient();
  usePreference('theme');
  const signOut = useMutation({
    mutationFn: () => call(ENDPOINTS.signOut, {}),
    onSettled: () => {
      queries.clear();
      void navigate({ to: PATHS.signIn });
    },
  });
  if (me === undefined) return null;
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t('shell.userMenu', { name: me.displayName })}
          className="grid size-7 flex-none place-items-center rounded-full bg-accent-weak text-11 font-semibold text-accent coarse:size-9"
        >
          {initials(me.displayName)}
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
          <Link to={PATHS.account}>
            <Icon name="user" />
            {t('access.account')}
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
        options={[
          { value: 'en', label: 'English' },
          { value: 'zh', label: '简体中文' },
        ]}
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
