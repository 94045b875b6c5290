/**
 * The dashboard's table of contents: every page, its address, its crumb, its place in the navigation and who may see
 * it. The order of the table is the order of the navigation. A new page is one entry here and one file under pages/.
 */
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
import type { Right } from '@muster/shared/api/rights.ts';
import type { NavPlace } from './app/navigation.ts';
import type { Key } from './i18n/catalogue.ts';
import { patiently } from './util/patiently.ts';
import { wordsOfAllPages } from './i18n/i18n.ts';
import { SignInSearch } from './pages/access/search.ts';
import { AssetsSearch, LabelsSearch, ScanSearch, StocktakesSearch } from './pages/assets/search.ts';
import { FleetAvailabilitySearch } from './pages/availability/search.ts';
import { CalendarsSearch } from './pages/calendars/search.ts';
import { CapacitySearch } from './pages/capacity/search.ts';
import { AlertsSearch } from './pages/alerts/search.ts';
import {
  ChangesSearch,
  FindingsSearch,
  SoftwareSearch as ControlSoftwareSearch,
} from './pages/control/search.ts';
import { CiSearch, CisSearch } from './pages/cmdb/search.ts';
import { PrivacySearch } from './pages/config/search.ts';
import { ExchangeSearch } from './pages/exchange/search.ts';
import { AgentsSearch, WizardSearch } from './pages/fleet/search.ts';
import { AccuracySearch, DriftSearch, FeedSearch, PastSearch } from './pages/history/search.ts';
import { IncidentsSearch, IncidentTimesSearch } from './pages/incidents/search.ts';
import { RolloutSearch } from './pages/rollouts/search.ts';
import { RelationsSearch } from './pages/machines/relationsSearch.ts';
import {
  AvailabilitySearch,
  HistorySearch,
  LiveSearch,
  MachinesSearch,
  SoftwareSearch,
} from './pages/machines/search.ts';
import { MaintenanceSearch, NewWindowSearch } from './pages/maintenance/search.ts';
import { MapSearch } from './pages/map/search.ts';
import { NewRuleSearch, RulesSearch } from './pages/rules/search.ts';
import { OverviewSearch } from './pages/overview/search.ts';
import { WallSearch } from './pages/wall/search.ts';
import { AuditSearch } from './pages/settings/search.ts';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Word in the bar at the top and in the window's title. */
    readonly crumb?: Key;
    /** Its entry in the navigation; pages without one are reached from others. */
    readonly nav?: NavPlace;
    /** What a person must be allowed for the page to be shown; every signed-in person where absent. */
    readonly right?: Right;
  }
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

/** Reads a page together with the words it speaks, as soon as the server answers. */
function spoken<T>(load: () => Promise<T>): () => Promise<T> {
  return patiently(async () => {
    const [module] = await Promise.all([load(), wordsOfAllPages()]);
    return module;
  });
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: SignInSearch,
  staticData: { crumb: 'access.signIn' },
  component: lazyRouteComponent(
    patiently(() => import('./pages/access/SignInPage.tsx')),
    'SignInPage',
  ),
});

const wall = createRoute({
  getParentRoute: () => root,
  path: '/wall',
  validateSearch: WallSearch,
  staticData: { crumb: 'wall.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/wall/WallPage.tsx')),
    'WallPage',
  ),
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
      const next = location.href === '/' ? {} : { next: location.href };
      throw redirect({ to: '/sign-in', search: next });
    }
  },
  component: Shell,
  errorComponent: PageError,
});

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: OverviewSearch,
  staticData: { crumb: 'shell.nav.overview', nav: { group: 'now', icon: 'home', key: 'o', phone: true } },
  component: lazyRouteComponent(
    patiently(() => import('./pages/overview/OverviewPage.tsx')),
    'OverviewPage',
  ),
});

const incidents = createRoute({
  getParentRoute: () => app,
  path: '/incidents',
  validateSearch: IncidentsSearch,
  staticData: { crumb: 'shell.nav.incidents', nav: { group: 'now', icon: 'alert', key: 'i', phone: true } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/incidents/IncidentsPage.tsx')),
    'IncidentsPage',
  ),
});

const incidentTimes = createRoute({
  getParentRoute: () => app,
  path: '/incidents/times',
  validateSearch: IncidentTimesSearch,
  staticData: { crumb: 'incidents.times.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/incidents/TimesPage.tsx')),
    'TimesPage',
  ),
});

const incident = createRoute({
  getParentRoute: () => app,
  path: '/incidents/$ref',
  component: lazyRouteComponent(
    spoken(() => import('./pages/incidents/IncidentPage.tsx')),
    'IncidentPage',
  ),
});

const machines = createRoute({
  getParentRoute: () => app,
  path: '/machines',
  validateSearch: MachinesSearch,
  staticData: { crumb: 'shell.nav.machines', nav: { group: 'now', icon: 'monitor', key: 'm', phone: true } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/MachinesPage.tsx')),
    'MachinesPage',
  ),
});

const addMachine = createRoute({
  getParentRoute: () => app,
  path: '/machines/new',
  validateSearch: WizardSearch,
  staticData: { crumb: 'shell.addMachine' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/fleet/AddMachinePage.tsx')),
    'AddMachinePage',
  ),
});

const machine = createRoute({
  getParentRoute: () => app,
  path: '/machines/$id',
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/MachinePage.tsx')),
    'MachinePage',
  ),
});

const machineIndex = createRoute({
  getParentRoute: () => machine,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/machines/$id/live', params, replace: true });
  },
});

const machineLive = createRoute({
  getParentRoute: () => machine,
  path: 'live',
  validateSearch: LiveSearch,
  staticData: { crumb: 'machines.tab.live' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/LiveTab.tsx')),
    'LiveTab',
  ),
});

const machineHardware = createRoute({
  getParentRoute: () => machine,
  path: 'hardware',
  staticData: { crumb: 'machines.tab.hardware' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/HardwareTab.tsx')),
    'HardwareTab',
  ),
});

const machineSoftware = createRoute({
  getParentRoute: () => machine,
  path: 'software',
  validateSearch: SoftwareSearch,
  staticData: { crumb: 'machines.tab.software' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/SoftwareTab.tsx')),
    'SoftwareTab',
  ),
});

const machineChanges = createRoute({
  getParentRoute: () => machine,
  path: 'changes',
  validateSearch: HistorySearch,
  staticData: { crumb: 'machines.tab.changes' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/ChangesTab.tsx')),
    'ChangesTab',
  ),
});

const machineAvailability = createRoute({
  getParentRoute: () => machine,
  path: 'availability',
  validateSearch: AvailabilitySearch,
  staticData: { crumb: 'machines.tab.availability' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/AvailabilityTab.tsx')),
    'AvailabilityTab',
  ),
});

const machineRelations = createRoute({
  getParentRoute: () => machine,
  path: 'relations',
  validateSearch: RelationsSearch,
  staticData: { crumb: 'machines.tab.relations' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/RelationsTab.tsx')),
    'RelationsTab',
  ),
});

const machineIncidents = createRoute({
  getParentRoute: () => machine,
  path: 'incidents',
  staticData: { crumb: 'machines.tab.incidents' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/machines/MachineIncidentsTab.tsx')),
    'MachineIncidentsTab',
  ),
});

const rules = createRoute({
  getParentRoute: () => app,
  path: '/rules',
  validateSearch: RulesSearch,
  staticData: { crumb: 'shell.nav.rules', nav: { group: 'setUp', icon: 'rules', key: 'r' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/rules/RulesPage.tsx')),
    'RulesPage',
  ),
});

const agents = createRoute({
  getParentRoute: () => app,
  path: '/agents',
  validateSearch: AgentsSearch,
  staticData: { crumb: 'shell.nav.agents', nav: { group: 'setUp', icon: 'agent', key: 'a' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/fleet/AgentsPage.tsx')),
    'AgentsPage',
  ),
});

const upgrades = createRoute({
  getParentRoute: () => app,
  path: '/agents/upgrades',
  staticData: { crumb: 'rollouts.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/rollouts/UpgradesPage.tsx')),
    'UpgradesPage',
  ),
});

const rollout = createRoute({
  getParentRoute: () => app,
  path: '/agents/upgrades/$id',
  validateSearch: RolloutSearch,
  component: lazyRouteComponent(
    spoken(() => import('./pages/rollouts/RolloutPage.tsx')),
    'RolloutPage',
  ),
});

const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: AlertsSearch,
  staticData: { crumb: 'shell.nav.alerts', nav: { group: 'now', icon: 'bell', key: 'l' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/alerts/AlertsPage.tsx')),
    'AlertsPage',
  ),
});

const availability = createRoute({
  getParentRoute: () => app,
  path: '/availability',
  validateSearch: FleetAvailabilitySearch,
  staticData: { crumb: 'shell.nav.availability', nav: { group: 'service', icon: 'pulse', key: 'v' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/availability/AvailabilityPage.tsx')),
    'AvailabilityPage',
  ),
});

const capacity = createRoute({
  getParentRoute: () => app,
  path: '/capacity',
  validateSearch: CapacitySearch,
  staticData: { crumb: 'shell.nav.capacity', nav: { group: 'service', icon: 'disk', key: 'c', phone: true } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/capacity/CapacityPage.tsx')),
    'CapacityPage',
  ),
});

const services = createRoute({
  getParentRoute: () => app,
  path: '/services',
  staticData: { crumb: 'shell.nav.services', nav: { group: 'service', icon: 'server', key: 'e' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/services/ServicesPage.tsx')),
    'ServicesPage',
  ),
});

const service = createRoute({
  getParentRoute: () => app,
  path: '/services/$id',
  component: lazyRouteComponent(
    spoken(() => import('./pages/services/ServicePage.tsx')),
    'ServicePage',
  ),
});

const map = createRoute({
  getParentRoute: () => app,
  path: '/map',
  validateSearch: MapSearch,
  staticData: { crumb: 'shell.nav.map', nav: { group: 'service', icon: 'network', key: 'n' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/map/MapPage.tsx')),
    'MapPage',
  ),
});

const findings = createRoute({
  getParentRoute: () => app,
  path: '/findings',
  validateSearch: FindingsSearch,
  staticData: { crumb: 'shell.nav.findings', nav: { group: 'control', icon: 'eye', key: 'f' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/control/FindingsPage.tsx')),
    'FindingsPage',
  ),
});

const changes = createRoute({
  getParentRoute: () => app,
  path: '/changes',
  validateSearch: ChangesSearch,
  staticData: { crumb: 'shell.nav.changes', nav: { group: 'control', icon: 'change', key: 'h' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/control/ChangesPage.tsx')),
    'ChangesPage',
  ),
});

const software = createRoute({
  getParentRoute: () => app,
  path: '/software',
  validateSearch: ControlSoftwareSearch,
  staticData: { crumb: 'shell.nav.software', nav: { group: 'records', icon: 'columns', key: 'w' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/control/SoftwarePage.tsx')),
    'SoftwarePage',
  ),
});

const cis = createRoute({
  getParentRoute: () => app,
  path: '/cis',
  validateSearch: CisSearch,
  staticData: { crumb: 'shell.nav.cis', nav: { group: 'records', icon: 'box', key: 'd' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/cmdb/CisPage.tsx')),
    'CisPage',
  ),
});

const reviews = createRoute({
  getParentRoute: () => app,
  path: '/reviews',
  staticData: { crumb: 'shell.nav.reviews', nav: { group: 'control', icon: 'search', key: 'q' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/cmdb/ReviewsPage.tsx')),
    'ReviewsPage',
  ),
});

const ci = createRoute({
  getParentRoute: () => app,
  path: '/cis/$id',
  validateSearch: CiSearch,
  component: lazyRouteComponent(
    spoken(() => import('./pages/cmdb/CiPage.tsx')),
    'CiPage',
  ),
});

const assets = createRoute({
  getParentRoute: () => app,
  path: '/assets',
  validateSearch: AssetsSearch,
  staticData: { crumb: 'shell.nav.assets', nav: { group: 'records', icon: 'laptop', key: 't' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/AssetsPage.tsx')),
    'AssetsPage',
  ),
});

const locations = createRoute({
  getParentRoute: () => app,
  path: '/locations',
  staticData: { crumb: 'shell.nav.locations' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/LocationsPage.tsx')),
    'LocationsPage',
  ),
});

const imports = createRoute({
  getParentRoute: () => app,
  path: '/imports',
  staticData: {
    crumb: 'shell.nav.imports',
    right: 'cis.write',
    nav: { group: 'records', icon: 'table', key: 'b' },
  },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/ImportsPage.tsx')),
    'ImportsPage',
  ),
});

const oneImport = createRoute({
  getParentRoute: () => app,
  path: '/imports/$id',
  staticData: { right: 'cis.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/ImportPage.tsx')),
    'ImportPage',
  ),
});

const labels = createRoute({
  getParentRoute: () => app,
  path: '/labels',
  validateSearch: LabelsSearch,
  staticData: { crumb: 'assets.labels.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/LabelsPage.tsx')),
    'LabelsPage',
  ),
});

const scan = createRoute({
  getParentRoute: () => app,
  path: '/scan',
  validateSearch: ScanSearch,
  staticData: { crumb: 'assets.scan.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/ScanPage.tsx')),
    'ScanPage',
  ),
});

const scanned = createRoute({
  getParentRoute: () => app,
  path: '/scan/$number',
  staticData: { crumb: 'assets.scan.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/ScanPage.tsx')),
    'ScannedPage',
  ),
});

const stocktakes = createRoute({
  getParentRoute: () => app,
  path: '/stocktakes',
  validateSearch: StocktakesSearch,
  staticData: { crumb: 'assets.count.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/StocktakesPage.tsx')),
    'StocktakesPage',
  ),
});

const receipt = createRoute({
  getParentRoute: () => app,
  path: '/assignments/$id',
  component: lazyRouteComponent(
    spoken(() => import('./pages/assets/ReceiptPage.tsx')),
    'ReceiptPage',
  ),
});

const pastCis = createRoute({
  getParentRoute: () => app,
  path: '/past',
  validateSearch: PastSearch,
  staticData: { crumb: 'history.asOf.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/PastCisPage.tsx')),
    'PastCisPage',
  ),
});

const pastCi = createRoute({
  getParentRoute: () => app,
  path: '/past/$id',
  validateSearch: PastSearch,
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/PastCiPage.tsx')),
    'PastCiPage',
  ),
});

const changesFeed = createRoute({
  getParentRoute: () => app,
  path: '/history',
  validateSearch: FeedSearch,
  staticData: {
    crumb: 'shell.nav.history',
    nav: {
      group: 'records',
      icon: 'copy',
      key: 'y',
      also: ['/past', '/baselines', '/drift', '/accuracy'],
    },
  },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/FeedPage.tsx')),
    'FeedPage',
  ),
});

const baselines = createRoute({
  getParentRoute: () => app,
  path: '/baselines',
  staticData: { crumb: 'shell.nav.baselines' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/BaselinesPage.tsx')),
    'BaselinesPage',
  ),
});

const drift = createRoute({
  getParentRoute: () => app,
  path: '/drift',
  validateSearch: DriftSearch,
  staticData: { crumb: 'shell.nav.drift' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/DriftPage.tsx')),
    'DriftPage',
  ),
});

const accuracy = createRoute({
  getParentRoute: () => app,
  path: '/accuracy',
  validateSearch: AccuracySearch,
  staticData: { crumb: 'shell.nav.accuracy' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/AccuracyPage.tsx')),
    'AccuracyPage',
  ),
});

const newRule = createRoute({
  getParentRoute: () => app,
  path: '/rules/new',
  validateSearch: NewRuleSearch,
  staticData: { crumb: 'rules.newTitle', right: 'rules.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/rules/RulePage.tsx')),
    'NewRulePage',
  ),
});

const maintenance = createRoute({
  getParentRoute: () => app,
  path: '/maintenance',
  validateSearch: MaintenanceSearch,
  staticData: { crumb: 'shell.nav.maintenance', nav: { group: 'control', icon: 'pause', key: 'p' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/maintenance/MaintenancePage.tsx')),
    'MaintenancePage',
  ),
});

const newWindow = createRoute({
  getParentRoute: () => app,
  path: '/maintenance/new',
  validateSearch: NewWindowSearch,
  staticData: { crumb: 'maintenance.set', right: 'maintenance.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/maintenance/WindowPage.tsx')),
    'NewWindowPage',
  ),
});

const maintenanceWindow = createRoute({
  getParentRoute: () => app,
  path: '/maintenance/$id',
  component: lazyRouteComponent(
    spoken(() => import('./pages/maintenance/WindowPage.tsx')),
    'WindowPage',
  ),
});

const rule = createRoute({
  getParentRoute: () => app,
  path: '/rules/$id',

  component: lazyRouteComponent(
    spoken(() => import('./pages/rules/RulePage.tsx')),
    'RulePage',
  ),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  staticData: { crumb: 'shell.nav.settings', nav: { group: 'setUp', icon: 'gear', key: 's' } },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/SettingsPage.tsx')),
    'SettingsPage',
  ),
});

const settingsNotify = createRoute({
  getParentRoute: () => settings,
  path: 'notify',
  staticData: { crumb: 'settings.nav.notify', right: 'channels.read' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/NotifySettings.tsx')),
    'NotifySettings',
  ),
});

const settingsUsers = createRoute({
  getParentRoute: () => settings,
  path: 'users',
  staticData: { crumb: 'settings.nav.users', right: 'users.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/UsersSettings.tsx')),
    'UsersSettings',
  ),
});

const settingsTokens = createRoute({
  getParentRoute: () => settings,
  path: 'tokens',
  staticData: { crumb: 'settings.nav.tokens', right: 'tokens.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/TokensSettings.tsx')),
    'TokensSettings',
  ),
});

const settingsOtherAgents = createRoute({
  getParentRoute: () => settings,
  path: 'other-agents',
  staticData: { crumb: 'intake.title', right: 'enrolment.write' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/IntakeSettings.tsx')),
    'IntakeSettings',
  ),
});

const settingsExchange = createRoute({
  getParentRoute: () => settings,
  path: 'exchange',
  validateSearch: ExchangeSearch,
  staticData: { crumb: 'exchange.nav', right: 'exchange.read' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/exchange/ExchangeSettings.tsx')),
    'ExchangeSettings',
  ),
});

const settingsClasses = createRoute({
  getParentRoute: () => settings,
  path: 'classes',
  staticData: { crumb: 'settings.nav.classes' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/ClassesSettings.tsx')),
    'ClassesSettings',
  ),
});

const settingsCalendars = createRoute({
  getParentRoute: () => settings,
  path: 'calendars',
  validateSearch: CalendarsSearch,
  staticData: { crumb: 'calendars.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/calendars/CalendarsPage.tsx')),
    'CalendarsPage',
  ),
});

const settingsFingerprints = createRoute({
  getParentRoute: () => settings,
  path: 'fingerprints',
  staticData: { crumb: 'settings.nav.fingerprints' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/FingerprintSettings.tsx')),
    'FingerprintSettings',
  ),
});

const settingsAgentConfig = createRoute({
  getParentRoute: () => settings,
  path: 'agent-config',
  staticData: { crumb: 'config.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/config/AgentConfigSettings.tsx')),
    'AgentConfigSettings',
  ),
});

const settingsPrivacy = createRoute({
  getParentRoute: () => settings,
  path: 'privacy',
  validateSearch: PrivacySearch,
  staticData: { crumb: 'config.privacy.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/config/PrivacySettings.tsx')),
    'PrivacySettings',
  ),
});

const settingsPresence = createRoute({
  getParentRoute: () => settings,
  path: 'presence',
  staticData: { crumb: 'presence.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/presence/PresenceSettings.tsx')),
    'PresenceSettings',
  ),
});

const settingsIncidents = createRoute({
  getParentRoute: () => settings,
  path: 'incidents',
  staticData: { crumb: 'incidents.settings.title', right: 'read' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/IncidentSettings.tsx')),
    'IncidentSettings',
  ),
});

const settingsControl = createRoute({
  getParentRoute: () => settings,
  path: 'changes',
  staticData: { crumb: 'control.settings.title', right: 'read' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/ControlSettings.tsx')),
    'ControlSettings',
  ),
});

const settingsEngine = createRoute({
  getParentRoute: () => settings,
  path: 'engine',
  staticData: { crumb: 'settings.nav.engine' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/EngineSettings.tsx')),
    'EngineSettings',
  ),
});

const settingsTwin = createRoute({
  getParentRoute: () => settings,
  path: 'twin',
  staticData: { crumb: 'map.twin.nav' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/TwinSettings.tsx')),
    'TwinSettings',
  ),
});

const settingsHistory = createRoute({
  getParentRoute: () => settings,
  path: 'history',
  staticData: { crumb: 'history.kept.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/history/RetentionSettings.tsx')),
    'RetentionSettings',
  ),
});

const settingsAudit = createRoute({
  getParentRoute: () => settings,
  path: 'audit',
  validateSearch: AuditSearch,
  staticData: { crumb: 'settings.nav.audit', right: 'audit.read' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/settings/AuditSettings.tsx')),
    'AuditSettings',
  ),
});

const help = createRoute({
  getParentRoute: () => app,
  path: '/help',
  staticData: { crumb: 'help.title' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/help/HelpPage.tsx')),
    'HelpPage',
  ),
});

const account = createRoute({
  getParentRoute: () => app,
  path: '/account',
  staticData: { crumb: 'access.account' },
  component: lazyRouteComponent(
    spoken(() => import('./pages/access/AccountPage.tsx')),
    'AccountPage',
  ),
});

const elsewhere = createRoute({
  getParentRoute: () => app,
  path: '$',
  staticData: { crumb: 'errors.pageNotFound' },
  component: NotFoundPage,
});

const tree = root.addChildren([
  signIn,
  wall,
  app.addChildren([
    overview,
    incidents,
    incidentTimes,
    incident,
    alerts,
    machines,
    addMachine,
    machine.addChildren([
      machineIndex,
      machineLive,
      machineHardware,
      machineSoftware,
      machineChanges,
      machineAvailability,
      machineRelations,
      machineIncidents,
    ]),
    availability,
    capacity,
    services,
    service,
    map,
    findings,
    changes,
    maintenance,
    newWindow,
    maintenanceWindow,
    software,
    cis,
    assets,
    locations,
    imports,
    oneImport,
    labels,
    scan,
    scanned,
    stocktakes,
    receipt,
    ci,
    reviews,
    pastCis,
    pastCi,
    changesFeed,
    baselines,
    drift,
    accuracy,
    rules,
    newRule,
    rule,
    agents,
    upgrades,
    rollout,
    settings.addChildren([
      settingsNotify,
      settingsUsers,
      settingsTokens,
      settingsOtherAgents,
      settingsExchange,
      settingsClasses,
      settingsCalendars,
      settingsAgentConfig,
      settingsPrivacy,
      settingsFingerprints,
      settingsPresence,
      settingsIncidents,
      settingsControl,
      settingsEngine,
      settingsTwin,
      settingsHistory,
      settingsAudit,
    ]),
    help,
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
