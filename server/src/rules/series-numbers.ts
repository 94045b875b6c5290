/** The numbers that rules keep of a series, side by side in the one array of its machine. */

/** Where the numbers of a series stand, from its offset on. Newest sample; late ones do not go back behind it. */
export const LAST = 0;
/** The newest that said something: of a counter its rate. */
export const VALUE = 1;
/** From this time on each sample is looked at. -Infinity: from now on, since something is at work. */
export const WAKE = 2;
export const GAUGE_NUMBERS = 3;
/** Of a counter: the newest sample as it came, when there was a rate last, and the distances between the samples before; 0 = none. */
export const RAW = 3;
export const READ = 4;
export const BEFORE_1 = 5;
export const BEFORE_2 = 6;
export const COUNTER_NUMBERS = 7;
