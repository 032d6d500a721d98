// A person in front of Chromium: opens an application and does the given steps; pages of ours in between are answered as alice.
//
//     node walk.mjs URL STEP...
//
// A step is `click:WORDS`, a link or button, or `see:WORDS`, a text that is waited for. Prints what the last page says; fails when
// the page's script failed or was refused.
import { launch } from './chromium.mjs';
import { allow, button, password, signIn } from './pages.mjs';
import { ALICE, ISSUER } from './world.mjs';

const [url, ...steps] = process.argv.slice(2);
const browser = await launch();
try {
  const context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(10_000);
  const complaints = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const tab = await context.newPage();
  await tab.goto(url);
  for (const step of steps) {
    const [kind, words] = [step.slice(0, step.indexOf(':')), step.slice(step.indexOf(':') + 1)];
    if (kind === 'click') {
      const found = tab.getByRole('link', { name: words, exact: true }).or(tab.getByRole('button', { name: words, exact: true }));
      await found.click();
      await tab.waitForLoadState();
    } else {
      await seen(tab, words);
    }
  }
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  console.log(await tab.locator('body').innerText());
} finally {
  await browser.close();
}

/** Waits for a text of the application's; what the server asks on the way is answered. */
async function seen(tab, words) {
  for (let pages = 0; pages < 6; pages += 1) {
    const wanted = tab.getByText(words);
    const ours = password(tab).or(button(tab, 'Allow'));
    await wanted.or(ours).first().waitFor();
    if (!tab.url().startsWith(`${ISSUER}/`)) {
      await wanted.first().waitFor();
      return;
    }
    if (await password(tab).count()) await signIn(tab, ALICE);
    else await allow(tab);
  }
  throw new Error(`never saw: ${words}`);
}
