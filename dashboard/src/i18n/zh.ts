/** The Chinese catalogue: one file for each area of the dashboard. */
import access from './zh/access.json';
import alerts from './zh/alerts.json';
import availability from './zh/availability.json';
import capacity from './zh/capacity.json';
import charts from './zh/charts.json';
import cmdb from './zh/cmdb.json';
import errors from './zh/errors.json';
import fleet from './zh/fleet.json';
import help from './zh/help.json';
import incidents from './zh/incidents.json';
import machines from './zh/machines.json';
import overview from './zh/overview.json';
import rules from './zh/rules.json';
import settings from './zh/settings.json';
import shell from './zh/shell.json';
import states from './zh/states.json';
import time from './zh/time.json';
import ui from './zh/ui.json';
import wall from './zh/wall.json';

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
