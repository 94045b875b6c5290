/** Starts the dashboard: language, queries, routes. */
import './api/zod-setup.ts';
import './ui/app.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { invariant } from '@muster/shared/invariant.ts';
import { ApiError, whenSignedOut } from './api/client.ts';
import { applyTheme, firstLanguage, followSystemTheme, keptTheme } from './app/preferences.ts';
import { meQuery } from './app/session.ts';
import { startI18n } from './i18n/i18n.ts';
import { makeRouter } from './routes.tsx';
import { Toasts } from './ui/Toast.tsx';

const RETRIES_MAX = 2;

/** Only what may be better the next time is tried again. */
function worthRetrying(failures: number, error: unknown): boolean {
  return failures < RETRIES_MAX && error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

async function start(): Promise<void> {
  applyTheme(keptTheme());
  followSystemTheme();
  await startI18n(firstLanguage());
  const queries = new QueryClient({
    defaultOptions: {
      queries: { retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
  const router = makeRouter(queries);
  whenSignedOut(() => {
    // The first reading of the session is the router's own business.
    if (queries.getQueryData(meQuery.queryKey) === undefined) return;
    queries.clear();
    void router.invalidate();
  });
  const element = document.getElementById('root');
  invariant(element, 'index.html has #root');
  createRoot(element).render(
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Suspense>
          <Toasts />
        </Suspense>
      </QueryClientProvider>
    </CSPProvider>,
  );
}

void start();
