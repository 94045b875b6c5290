/** Cases whose expected value is wrong or out of scope, each with its reason. A listed case that passes is reported. */

import { HAS_USB_IDS } from './blocks/usb-ids.ts';

/** `AREA: CASE` → why. */
export const QUIRKS: Readonly<Record<string, string>> = {
  'glpi-agent tasks__inventory__generic__dmidecode__ports/tests: rhel-2.1':
    'the expectation has the connector as caption and the designator as description, all others the other way round',
  'glpi-agent agent__tools__linux/ifconfig_tests: linux-bonding':
    'the expectation lacks sit0, the last interface of the recording, because no empty line ends it',
  'glpi-agent agent__tools__linux/ipaddrshow_tests: ip_addr-3':
    'the expectation has fff0:: as the mask of ::1/128; 128 bits are ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, as its BSD cases have it',
  'glpi-agent agent__tools__linux/ipaddrshow_tests: ip_addr-el8':
    'the expectation has fff0:: as the mask of ::1/128; 128 bits are ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, as its BSD cases have it',
  ...(HAS_USB_IDS
    ? {}
    : {
        'glpi-agent tasks__inventory__windows__usb/tests: 7':
          'the names in the expectation come from the list of USB ids (Debian: usb.ids), which this machine has not',
      }),
};
