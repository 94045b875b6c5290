/** The Chinese words of the first page and of the frame. */
import access from './zh/access.json';
import availability from './zh/availability.json';
import capacity from './zh/capacity.json';
import charts from './zh/charts.json';
import errors from './zh/errors.json';
import incidents from './zh/incidents.json';
import overview from './zh/overview.json';
import shell from './zh/shell.json';
import states from './zh/states.json';
import time from './zh/time.json';
import ui from './zh/ui.json';

export const catalogue = {
  access,
  availability,
  capacity,
  charts,
  errors,
  incidents,
  overview,
  shell,
  states,
  time,
  ui,
};
