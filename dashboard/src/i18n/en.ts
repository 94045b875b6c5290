/** The English catalogue: one file for each area of the dashboard. */
import access from './en/access.json';
import charts from './en/charts.json';
import errors from './en/errors.json';
import fleet from './en/fleet.json';
import incidents from './en/incidents.json';
import machines from './en/machines.json';
import overview from './en/overview.json';
import rules from './en/rules.json';
import shell from './en/shell.json';
import states from './en/states.json';
import time from './en/time.json';
import ui from './en/ui.json';

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
