/** The English catalogue: one file for each area of the dashboard. */
import access from './en/access.json';
import alerts from './en/alerts.json';
import availability from './en/availability.json';
import capacity from './en/capacity.json';
import charts from './en/charts.json';
import cmdb from './en/cmdb.json';
import errors from './en/errors.json';
import fleet from './en/fleet.json';
import help from './en/help.json';
import incidents from './en/incidents.json';
import machines from './en/machines.json';
import overview from './en/overview.json';
import rules from './en/rules.json';
import settings from './en/settings.json';
import shell from './en/shell.json';
import states from './en/states.json';
import time from './en/time.json';
import ui from './en/ui.json';
import wall from './en/wall.json';

export const catalogue = {
  access,
  alerts,
  availability,
  capacity,
  charts,
  cmdb,
  errors,
  fleet,
  help,
  incidents,
  machines,
  overview,
  rules,
  settings,
  shell,
  states,
  time,
  ui,
  wall,
};
