/** Cases whose expected value is wrong or out of scope, each with its reason. A listed case that passes is reported. */

/** `AREA: CASE` → why. */
export const QUIRKS: Readonly<Record<string, string>> = {
  'glpi-agent tasks__inventory__generic__dmidecode__ports/tests: rhel-2.1':
    'the expectation has the connector as caption and the designator as description, all others the other way round',
};
