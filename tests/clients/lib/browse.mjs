// The scripted browser for clients in other languages: prints where the browser was sent at last.
//
//     node browse.mjs --jar FILE --until PREFIX [--user NAME --password WORD] URL
//
// With --user it signs in and consents, or refuses with --deny; without, it follows a sign-out link.
import { parseArgs } from 'node:util';
import { Arrival, Browser } from './browser.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jar: { type: 'string' },
    until: { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    deny: { type: 'boolean', default: false },
  },
});
const browser = new Browser(values.jar);
const [url] = positionals;
const end = values.user
  ? await browser.authorize(url, {
      until: values.until,
      username: values.user,
      password: values.password,
      allow: !values.deny,
    })
  : await browser.signOut(url, { until: values.until });
console.log(end instanceof Arrival ? end.url.href : end.url);
