/** The dashboard's table of contents: every page, its address and its crumb. */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from './api/client.ts';
import { NotFoundPage, PageError } from './app/PageError.tsx';
import { meQuery } from './app/session.ts';
import { Shell } from './app/Shell.tsx';
import type { Key } from './i18n/catalogue.ts';
import {
  AgentsSearch,
  AvailabilitySearch,
  HistorySearch,
  IncidentsSearch,
  LiveSearch,
  MachinesSearch,
  SignInSearch,
  SoftwareSearch,
  WizardSearch,
} from './util/search.ts';
import { PATHS } from './util/paths.ts';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Word in the bar at the top and in the window's title. */
    readonly crumb?: Key;
  }
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: PATHS.signIn,
  validateSearch: SignInSearch,
  staticData: { crumb: 'access.signIn' },
  component: lazyRouteComponent(() => import('./pages/access/SignInPage.tsx'), 'SignInPage'),
});

/** Everything behind the sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const next = location.href === PATHS.overview ? {} : { next: location.href };
      throw redirect({ to: PATHS.signIn, search: next });
    }
  },
  component: Shell,
  errorComponent: PageError,
});

const overview = createRoute({
  getParentRoute: () => app,
  path: PATHS.overview,
  staticData: { crumb: 'shell.nav.overview' },
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage.tsx'), 'OverviewPage'),
});

const incidents = createRoute({
  getParentRoute: () => app,
  path: PATHS.incidents,
  validateSearch: IncidentsSearch,
  staticData: { crumb: 'shell.nav.incidents' },
  component: lazyRouteComponent(() => import('./pages/incidents/IncidentsPage.tsx'), 'IncidentsPage'),
});

const incident = createRoute({
  getParentRoute: () => app,
  path: PATHS.incident,
  component: lazyRouteComponent(() => import('./pages/incidents/IncidentPage.tsx'), 'IncidentPage'),
});

const machines = createRoute({
  getParentRoute: () => app,
  path: PATHS.machines,
  validateSearch: MachinesSearch,
  staticData: { crumb: 'shell.nav.machines' },
  component: lazyRouteComponent(() => import('./pages/machines/MachinesPage.tsx'), 'MachinesPage'),
});

const addMachine = createRoute({
  getParentRoute: () => app,
  path: PATHS.addMachine,
  validateSearch: WizardSearch,
  staticData: { crumb: 'fleet.add.title' },
  component: lazyRouteComponent(() => import('./pages/fleet/AddMachinePage.tsx'), 'AddMachinePage'),
});

const machine = createRoute({
  getParentRoute: () => app,
  path: PATHS.machine,
  component: lazyRouteComponent(() => import('./pages/machines/MachinePage.tsx'), 'MachinePage'),
});

const machineIndex = createRoute({
  getParentRoute: () => machine,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: PATHS.machineLive, params, replace: true });
  },
});

const machineLive = createRoute({
  getParentRoute: () => machine,
  path: 'live',
  validateSearch: LiveSearch,
  staticData: { crumb: 'machines.tab.live' },
  component: lazyRouteComponent(() => import('./pages/machines/LiveTab.tsx'), 'LiveTab'),
});

const machineHardware = createRoute({
  getParentRoute: () => machine,
  path: 'hardware',
  staticData: { crumb: 'machines.tab.hardware' },
  component: lazyRouteComponent(() => import('./pages/machines/HardwareTab.tsx'), 'HardwareTab'),
});

const machineSoftware = createRoute({
  getParentRoute: () => machine,
  path: 'software',
  validateSearch: SoftwareSearch,
  staticData: { crumb: 'machines.tab.software' },
  component: lazyRouteComponent(() => import('./pages/machines/SoftwareTab.tsx'), 'SoftwareTab'),
});

const machineChanges = createRoute({
  getParentRoute: () => machine,
  path: 'changes',
  validateSearch: HistorySearch,
  staticData: { crumb: 'machines.tab.changes' },
  component: lazyRouteComponent(() => import('./pages/machines/ChangesTab.tsx'), 'ChangesTab'),
});

const machineAvailability = createRoute({
  getParentRoute: () => machine,
  path: 'availability',
  validateSearch: AvailabilitySearch,
  staticData: { crumb: 'machines.tab.availability' },
  component: lazyRouteComponent(() => import('./pages/machines/AvailabilityTab.tsx'), 'AvailabilityTab'),
});

const machineIncidents = createRoute({
  getParentRoute: () => machine,
  path: 'incidents',
  staticData: { crumb: 'machines.tab.incidents' },
  component: lazyRouteComponent(
    () => import('./pages/machines/MachineIncidentsTab.tsx'),
    'MachineIncidentsTab',
  ),
});

const rules = createRoute({
  getParentRoute: () => app,
  path: PATHS.rules,
  staticData: { crumb: 'shell.nav.rules' },
  component: lazyRouteComponent(() => import('./pages/rules/RulesPage.tsx'), 'RulesPage'),
});

const agents = createRoute({
  getParentRoute: () => app,
  path: PATHS.agents,
  validateSearch: AgentsSearch,
  staticData: { crumb: 'shell.nav.agents' },
  component: lazyRouteComponent(() => import('./pages/fleet/AgentsPage.tsx'), 'AgentsPage'),
});

const account = createRoute({
  getParentRoute: () => app,
  path: PATHS.account,
  staticData: { crumb: 'access.account' },
  component: lazyRouteComponent(() => import('./pages/access/AccountPage.tsx'), 'AccountPage'),
});

const elsewhere = createRoute({
  getParentRoute: () => app,
  path: '$',
  staticData: { crumb: 'errors.pageNotFound' },
  component: NotFoundPage,
});

const tree = root.addChildren([
  signIn,
  app.addChildren([
    overview,
    incidents,
    incident,
    machines,
    addMachine,
    machine.addChildren([
      machineIndex,
      machineLive,
      machineHardware,
      machineSoftware,
      machineChanges,
      machineAvailability,
      machineIncidents,
    ]),
    rules,
    agents,
    account,
    elsewhere,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}
