/** What one delivery may cost; each limit has a name. The largest honest report (20,000 packages) has some 9 MiB of XML. */
import { MINUTE_MS } from '@muster/shared/time.ts';

/** As sent. */
export const BODY_BYTES_MAX = 4 << 20;
/** After inflating; inflating stops here. */
export const INFLATED_BYTES_MAX = 16 << 20;
/** Real reports have at most 9 levels. */
export const XML_DEPTH_MAX = 24;
export const XML_ELEMENTS_MAX = 300_000;
/** Text of one element. */
export const XML_TEXT_CHARS_MAX = 256 << 10;
/** Without an element, an end of one or text: a name, attributes, a comment or an instruction of that length. */
export const XML_SILENT_CHARS_MAX = 512 << 10;
export const JSON_DEPTH_MAX = 24;
/** Keys and items; 20,000 packages have some 250,000. */
export const JSON_VALUES_MAX = 1_000_000;
/** Items of one section of a report. */
export const SECTION_ITEMS_MAX = 25_000;
/** Reports of network devices in one message. */
export const DEVICES_PER_MESSAGE_MAX = 64;
/** Deliveries whose bodies are held at once; the others are asked to come again. */
export const DELIVERIES_IN_FLIGHT_MAX = 8;
/** Of them from one address, so that one that sends slowly keeps nobody else out. */
export const DELIVERIES_PER_ADDRESS_MAX = 4;
/** A site of some thousand machines may stand behind one address. */
export const REQUESTS_PER_ADDRESS_MAX = 1_200;
export const REQUEST_WINDOW_MS = MINUTE_MS;
/** Addresses that are remembered; beyond it the oldest are forgotten. */
export const ADDRESSES_MAX = 10_000;
/** Intake sites that are not revoked. */
export const SITES_MAX = 500;
/** Deliveries that are listed, per site; older ones are forgotten. */
export const DELIVERIES_KEPT_MAX = 2_000;
/** When other agents are asked to deliver again. */
export const DELIVERY_HOURS = 24;
/** Asked of those that have to come again. */
export const RETRY_SECONDS = 60;
