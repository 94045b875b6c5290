/** The Chinese catalogue: one file for each area of the dashboard. */
import access from './zh/access.json';
import charts from './zh/charts.json';
import errors from './zh/errors.json';
import fleet from './zh/fleet.json';
import incidents from './zh/incidents.json';
import machines from './zh/machines.json';
import overview from './zh/overview.json';
import rules from './zh/rules.json';
import shell from './zh/shell.json';
import states from './zh/states.json';
import time from './zh/time.json';
import ui from './zh/ui.json';

export const catalogue = {
  access,
  charts,
  errors,
  fleet,
  incidents,
  machines,
  overview,
  rules,
  shell,
  states,
  time,
  ui,
};
