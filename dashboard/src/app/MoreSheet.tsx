/** On a phone: every section that the lower edge has no room for, and what belongs to the person. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { Link } from '@tanstack/react-router';
import { useT } from '../i18n/i18n.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { useLanguage } from '../i18n/i18n.ts';
import { useNavigation } from './navigation.ts';
import { keptTheme, setTheme, THEMES, usePreference } from './preferences.ts';
import { useSetLanguage } from './session.ts';

export function MoreSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT();
  const navigation = useNavigation();
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  usePreference('theme');
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fade-in fixed inset-0 z-40 bg-scrim" />
        <Base.Popup className="fade-in fixed inset-x-0 bottom-0 z-40 max-h-[85dvh] overflow-y-auto rounded-t-lg border-t border-line bg-raised px-4 pt-3 pb-[calc(16px+env(safe-area-inset-bottom))] shadow-3">
          <div className="flex items-center">
            <Base.Title className="min-w-0 flex-1 text-16 font-semibold">{t('ui.more')}</Base.Title>
            <Base.Close render={<IconButton icon="close" label={t('ui.close')} className="-mr-2" />} />
          </div>
          {navigation.groups.map((group) => {
            const items = group.items.filter(({ phone }) => !phone);
            return (
              items.length > 0 && (
                <section key={group.word} className="mt-2">
                  <h3 className="px-2 text-12 text-text-3">{t(group.word)}</h3>
                  {items.map((item) => (
                    <SheetLink
                      key={item.to}
                      to={item.to}
                      icon={item.icon}
                      label={t(item.word)}
                      onClick={onClose}
                    />
                  ))}
                </section>
              )
            );
          })}
          <section className="mt-2 border-t border-line pt-2">
            <SheetLink to="/help" icon="note" label={t('help.title')} onClick={onClose} />
            <SheetLink to="/account" icon="user" label={t('access.account')} onClick={onClose} />
          </section>
          <div className="mt-3 flex flex-wrap gap-3 border-t border-line pt-4">
            <Segmented
              label={t('shell.language')}
              value={language}
              options={[
                { value: 'en', label: 'English' },
                { value: 'zh', label: '中文' },
              ]}
              onChange={setLanguage}
            />
            <Segmented
              label={t('shell.theme.label')}
              value={keptTheme()}
              options={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
              onChange={setTheme}
            />
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function SheetLink({
  to,
  icon,
  label,
  onClick,
}: {
  to: string;
  icon: IconName;
  label: string;
  onClick: () => void;
}) {
  return (
    <Link
      to={to}
      onClick={onClick}
      className="flex h-11 items-center gap-3 rounded-md px-2 text-14 hover:bg-hover"
    >
      <Icon name={icon} className="text-text-2" />
      {label}
    </Link>
  );
}
