/** Under a list that is read page by page: the way to more, or why there is none. */
import { useT } from '../i18n/i18n.ts';
import { Button } from './Button.tsx';
import { ErrorPanel } from './ErrorPanel.tsx';

export interface MorePagesProps {
  readonly pages: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly error: Error | null;
    readonly fetchNextPage: () => unknown;
    readonly refetch: () => unknown;
  };
  readonly label: string;
}

export function MorePages({ pages, label }: MorePagesProps) {
  const t = useT();
  if (pages.error !== null)
    return (
      <div className="no-print border-t border-line px-4">
        <ErrorPanel
          error={pages.error}
          retry={() => void (pages.isFetchNextPageError ? pages.fetchNextPage() : pages.refetch())}
        />
      </div>
    );
  if (!pages.hasNextPage) return null;
  return (
    <div className="no-print flex justify-center border-t border-line p-3">
      <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {pages.isFetchingNextPage ? t('ui.loading') : label}
      </Button>
    </div>
  );
}
