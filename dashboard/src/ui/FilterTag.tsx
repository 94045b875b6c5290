/** A filter in force, with the way to take it off. */
import { useT } from '../i18n/i18n.ts';
import { Icon } from './Icon.tsx';

export function FilterTag({ children, onRemove }: { children: React.ReactNode; onRemove: () => void }) {
  const t = useT();
  return (
    <button
      type="button"
      onClick={onRemove}
      className="inline-flex h-7 max-w-full flex-none items-center gap-1.5 rounded-md bg-sunken pr-1.5 pl-2.5 text-12 text-text-2 coarse:h-(--control)"
    >
      <span className="truncate">{children}</span>
      <Icon name="close" size={12} />
      <span className="sr-only">{t('ui.removeFilter')}</span>
    </button>
  );
}
