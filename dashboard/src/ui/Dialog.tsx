/** Modal dialog: heading, body, actions at the end; Escape and a click outside close it. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { useRef } from 'react';
import { useT } from '../i18n/i18n.ts';
import { IconButton } from './Button.tsx';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: string | undefined;
  readonly children: React.ReactNode;
  readonly initialFocus?: React.RefObject<HTMLElement | null>;
  /** It shows what is shown once: a stray click outside does not close it. */
  readonly shownOnce?: boolean;
}

export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  initialFocus,
  shownOnce = false,
}: DialogProps) {
  const t = useT();
  const body = useRef<HTMLDivElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()} disablePointerDismissal={shownOnce}>
      <Base.Portal>
        <Base.Backdrop className="fade-in fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          ref={popup}
          // A finger has not asked for the keyboard yet.
          initialFocus={
            initialFocus ??
            ((openedBy) => (openedBy === 'touch' ? popup.current : firstControl(body.current)))
          }
          className="fade-in fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-32px)] w-[min(480px,calc(100vw-32px))] -translate-1/2 flex-col overflow-y-auto rounded-lg border border-line bg-raised p-5 shadow-3"
        >
          <div className="flex items-start gap-3">
            <Base.Title className="min-w-0 flex-1 text-16 leading-6 font-semibold">{title}</Base.Title>
            <Base.Close
              render={
                <IconButton
                  icon="close"
                  label={t('ui.close')}
                  className="-my-1 -mr-2 coarse:-my-2.5 coarse:-mr-3.5"
                />
              }
            />
          </div>
          {description && (
            <Base.Description className="mt-1 leading-prose text-text-2">{description}</Base.Description>
          )}
          <div ref={body} className="mt-4">
            {children}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** The first field; in a dialog that only asks, its first button, which is the one that changes nothing. */
function firstControl(body: HTMLElement | null): HTMLElement | null {
  return (
    body?.querySelector<HTMLElement>(
      ':is(input:not([type=hidden]):not([type=radio]:not(:checked)), select, textarea):enabled',
    ) ??
    body?.querySelector<HTMLElement>('button:enabled') ??
    null
  );
}

/** The buttons at the end of a dialog; the main one last. */
export function DialogActions({ children }: { children: React.ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
