/** The English words of the first page and of the frame. */
import access from './en/access.json';
import availability from './en/availability.json';
import capacity from './en/capacity.json';
import charts from './en/charts.json';
import errors from './en/errors.json';
import incidents from './en/incidents.json';
import overview from './en/overview.json';
import shell from './en/shell.json';
import states from './en/states.json';
import time from './en/time.json';
import ui from './en/ui.json';

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
