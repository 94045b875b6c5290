/** Short notices at the lower edge, spoken politely: what was done, with a way back, or how far a long work is. */
import { Toast as Base } from '@base-ui/react/toast';
import { useT } from '../i18n/i18n.ts';
import { Button, IconButton } from './Button.tsx';

const manager = Base.createToastManager();

const SAID_MS = 6_000;
/** A way back is offered for longer than a sentence is read. */
const OFFERED_MS = 10_000;

export interface ToastAction {
  readonly label: string;
  readonly onPress: () => void;
}

/** Says one sentence for a few seconds; with an action such as Undo for ten. */
export function say(sentence: string, action?: ToastAction): void {
  manager.add(noticeOf(sentence, action));
}

/** A notice that stays while a work goes on, on whatever page; `done` says how it ended. */
export function sayProgress(sentence: string): {
  update(sentence: string): void;
  done(sentence: string, action?: ToastAction): void;
} {
  const id = manager.add({ description: sentence, timeout: 0 });
  return {
    update: (next) => manager.update(id, { description: next }),
    done: (last, action) => manager.update(id, noticeOf(last, action)),
  };
}

function noticeOf(sentence: string, action: ToastAction | undefined) {
  return {
    description: sentence,
    timeout: action === undefined ? SAID_MS : OFFERED_MS,
    ...(action === undefined ? {} : { actionProps: { children: action.label, onClick: action.onPress } }),
  };
}

export function ToastProvider({ children }: { children: React.ReactNode }) {
  return (
    <Base.Provider toastManager={manager} timeout={SAID_MS} limit={3}>
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
  const { toasts, close } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="fade-in flex items-center gap-2 rounded-md border border-line bg-raised py-1 pr-1 pl-3 shadow-2"
    >
      <Base.Description className="min-w-0 flex-1 py-1.5" />
      {toast.actionProps && (
        <Base.Action
          onClick={() => close(toast.id)}
          render={<Button look="quiet" className="text-accent" />}
        />
      )}
      <Base.Close render={<IconButton icon="close" label={t('ui.close')} />} />
    </Base.Root>
  ));
}
