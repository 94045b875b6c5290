/** The Chinese words that the other pages need; read after the first page stands. */
import agreed from './zh/agreed.json';
import alerts from './zh/alerts.json';
import assets from './zh/assets.json';
import calendars from './zh/calendars.json';
import cmdb from './zh/cmdb.json';
import config from './zh/config.json';
import control from './zh/control.json';
import exchange from './zh/exchange.json';
import fleet from './zh/fleet.json';
import help from './zh/help.json';
import history from './zh/history.json';
import identity from './zh/identity.json';
import intake from './zh/intake.json';
import machines from './zh/machines.json';
import maintenance from './zh/maintenance.json';
import map from './zh/map.json';
import presence from './zh/presence.json';
import rollouts from './zh/rollouts.json';
import rules from './zh/rules.json';
import settings from './zh/settings.json';
import wall from './zh/wall.json';

export const catalogue = {
  agreed,
  alerts,
  assets,
  calendars,
  cmdb,
  config,
  control,
  exchange,
  fleet,
  help,
  history,
  identity,
  intake,
  machines,
  maintenance,
  map,
  presence,
  rollouts,
  rules,
  settings,
  wall,
};
