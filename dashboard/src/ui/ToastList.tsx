/** Draws the notices of `Toast.tsx`. */
import { Toast as Base } from '@base-ui/react/toast';
import { useEffect, useRef } from 'react';
import { useT } from '../i18n/i18n.ts';
import { Button, IconButton } from './Button.tsx';
import { drawNotices, type Notice } from './Toast.tsx';

const TOASTS_MAX = 3;
export function ToastList() {
  return (
    <Base.Provider limit={TOASTS_MAX}>
      <Base.Portal>
        <Base.Viewport className="no-print fixed right-4 bottom-4 z-50 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 max-tablet:bottom-[76px]">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Toasts() {
  const t = useT();
  const { toasts, add, update, close } = Base.useToastManager();
  const drawn = useRef(new Set<string>());
  useEffect(() => {
    drawNotices(({ id, sentence, timeoutMs, action }: Notice) => {
      const toast = {
        description: sentence,
        timeout: timeoutMs,
        ...(action === undefined ? {} : { actionProps: { children: action.label, onClick: action.onPress } }),
      };
      if (drawn.current.has(id)) update(id, toast);
      else add({ ...toast, id, onRemove: () => drawn.current.delete(id) });
      drawn.current.add(id);
    });
  }, [add, update]);
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      aria-label={typeof toast.description === 'string' ? toast.description : undefined}
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
