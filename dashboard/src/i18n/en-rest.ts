/** The English words that the other pages need; read after the first page stands. */
import agreed from './en/agreed.json';
import alerts from './en/alerts.json';
import assets from './en/assets.json';
import calendars from './en/calendars.json';
import cmdb from './en/cmdb.json';
import config from './en/config.json';
import control from './en/control.json';
import exchange from './en/exchange.json';
import fleet from './en/fleet.json';
import help from './en/help.json';
import history from './en/history.json';
import identity from './en/identity.json';
import intake from './en/intake.json';
import machines from './en/machines.json';
import maintenance from './en/maintenance.json';
import map from './en/map.json';
import presence from './en/presence.json';
import rollouts from './en/rollouts.json';
import rules from './en/rules.json';
import settings from './en/settings.json';
import wall from './en/wall.json';

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
