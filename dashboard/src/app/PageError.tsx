/** What stands in the place of a page that failed or does not exist. */
import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { useT } from '../i18n/i18n.ts';
import { buttonClass } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { usePageTitle } from './title.ts';

export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="mx-auto max-w-2xl p-6">
      <Card>
        <ErrorPanel error={error} retry={reset} />
      </Card>
    </div>
  );
}

export function NotFoundPage() {
  const t = useT();
  usePageTitle(t('errors.pageNotFound'));
  return (
    <div className="mx-auto max-w-2xl p-6 text-center">
      <h1 className="mb-4">{t('errors.pageNotFound')}</h1>
      <Card>
        <EmptyState
          action={
            <Link to="/" className={buttonClass('primary')}>
              {t('errors.toOverview')}
            </Link>
          }
        >
          {t('errors.pageNotFoundHint')}
        </EmptyState>
      </Card>
    </div>
  );
}

/** A page that this person's role may not see; says which role it is and who can change that. */
export function ForbiddenPage({ reason }: { reason: string }) {
  const t = useT();
  return (
    <div className="mx-auto max-w-2xl p-6 text-center">
      <h1 className="mb-4">{t('errors.pageForbidden')}</h1>
      <Card>
        <EmptyState
          action={
            <Link to="/" className={buttonClass('primary')}>
              {t('errors.toOverview')}
            </Link>
          }
        >
          {reason}
        </EmptyState>
      </Card>
    </div>
  );
}
