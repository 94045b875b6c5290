/** Short notices at the lower edge, spoken politely. */
import { Toast as Base } from '@base-ui/react/toast';
import { useT } from '../i18n/i18n.ts';
import { IconButton } from './Button.tsx';

const manager = Base.createToastManager();

/** Says one sentence for a few seconds. */
export function say(sentence: string): void {
  manager.add({ description: sentence });
}

export function ToastProvider({ children }: { children: React.ReactNode }) {
  return (
    <Base.Provider toastManager={manager} timeout={6_000} limit={3}>
      {children}
      <Base.Portal>
        <Base.Viewport className="no-print fixed right-4 bottom-4 z-50 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 max-tablet:bottom-[76px]">
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList() {
  const t = useT();
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="fade-in flex items-center gap-2 rounded-md border border-line bg-raised py-1 pr-1 pl-3 shadow-2"
    >
      <Base.Description className="min-w-0 flex-1 py-1.5" />
      <Base.Close render={<IconButton icon="close" label={t('ui.close')} />} />
    </Base.Root>
  ));
}
