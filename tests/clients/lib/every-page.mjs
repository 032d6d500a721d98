// Every page that there is: where it stands, the template that it is made of, and how to come to it in a browser without cookies.
//
// `at` is a path below the issuer as the table of routes has it, `{}` for what differs; the demo application's begin with `demo:`.
// A page that has no row is found out by the test that reads the routes and the templates.
import { openAs, mailTo, setUpApp, typeNew, wrongCode } from './ways.mjs';
import { STRICT, apply, doorward, link, newcomer } from './commands.mjs';
import { allow, arrival, button, openAccount, press, redeem, signIn, start } from './pages.mjs';
import { ALICE, AMY, BOB, CAROL, DEMO, ISSUER, authorizationUrl, random } from './world.mjs';

const OURS = `${ISSUER}/t/pages`;
const ofPages = (...words) => [...words, '--tenant', 'pages'];

/** A page of the console, as the administrator of the server; `path` is below a tenant. */
const administer = (path, tenant = 'demo') => async (tab) => {
  await tab.goto(`${ISSUER}/console/tenants/${tenant}${path}`);
  await signIn(tab, CAROL);
};
/** Follows the first link of the page whose address holds that. */
const into = (tab, part) => press(tab.locator(`main a[href*="${part}"]`).first());

const page = (name, at, template, open) => ({ name, at, template, open });
const ofConsole = (name, at, open) => page(`console ${name}`, `/console${at}`, 'console/page', open);
const IN = '/tenants/{}';

export const EVERY_PAGE = [
  page('sign-in', '/authorize', 'sign_in', (tab) => start(tab)),
  page('sign-in after a wrong password', '/sign-in', 'sign_in', async (tab) => {
    await start(tab);
    await signIn(tab, { ...ALICE, password: 'not the password' });
  }),
  page('sign-in to the account', '/sign-in', 'sign_in', (tab) => tab.goto(`${ISSUER}/sign-in`)),
  page('consent', '/authorize', 'consent', async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'consent', scope: 'openid profile email address phone offline_access orders:read' });
    await button(tab, 'Allow').waitFor();
  }),
  page('consent after signing in', '/sign-in', 'consent', async (tab) => {
    await start(tab, { prompt: 'login consent' });
    await signIn(tab, ALICE);
    await button(tab, 'Allow').waitFor();
  }),
  page('choose an account', '/authorize', 'select_account', async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'select_account' });
  }),
  page('continue to an app', '/authorize', 'continue_to', async (tab) => {
    const native = { client_id: 'demo-native', redirect_uri: 'com.example.app:/cb', scope: 'openid' };
    await openAccount(tab, ALICE);
    await start(tab, { ...native, prompt: 'none' });
    await tab.getByRole('link', { name: 'Continue' }).waitFor();
  }),
  page('an answer that is posted', '/authorize', 'form_post', async (tab) => {
    await openAccount(tab, ALICE);
    await withoutScripts(tab);
    await start(tab, { client_id: 'demo-first', response_mode: 'form_post' });
  }),
  page('a request from elsewhere', '/authorize', 'hop', async (tab) => {
    await tab.goto('http://127.0.0.1:9000/cb');
    await withoutScripts(tab);
    const fields = [...authorizationUrl({ login_hint: 'x'.repeat(8000) }).searchParams];
    const sent = tab.waitForURL(`${ISSUER}/authorize`);
    await tab.evaluate(({ action, fields }) => {
      const form = document.body.appendChild(Object.assign(document.createElement('form'), { method: 'post', action }));
      for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
      form.submit();
    }, { action: `${ISSUER}/authorize`, fields });
    await sent;
  }),
  page('an extension that is not for this person', '/extensions/{}/authorize', 'error', async (tab) => {
    const address = `${ISSUER}/extensions/demo-extension/authorize?state=s`;
    await tab.goto(address);
    await signIn(tab, CAROL);
    await tab.goto(address);
    await tab.locator('button[value=switch]').waitFor();
  }),
  page('unknown application', '/authorize', 'error', (tab) => start(tab, { client_id: 'nobody' })),
  page('page not found', '/no-such-page', 'error', (tab) => tab.goto(`${ISSUER}/no-such-page`)),
  page('sign-out', '/logout', 'sign_out', async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/logout`);
  }),
  page('signed out', '/sign-out', 'signed_out', async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/logout`);
    await press(button(tab, 'Sign out'));
  }),

  // The account.
  page('account', '/account', 'account', async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'consent', scope: 'openid profile offline_access' });
    await allow(tab);
    await redeem((await arrival(tab)).get('code'));
    await tab.goto(`${ISSUER}/account`);
    await tab.locator('details').first().evaluate((details) => (details.open = true));
  }),
  page('account after a wrong password', '/account/password', 'account', async (tab) => {
    await openAccount(tab, BOB);
    await tab.getByLabel('Current password').fill('not the password');
    await tab.getByLabel('New password', { exact: true }).fill('unrelated words make one');
    await tab.getByLabel('New password again').fill('unrelated words make one');
    await press(button(tab, 'Change password'));
  }),
  page('e-mail address', '/account/email', 'change_email', async (tab) => {
    await openAs(tab, await newcomer(undefined, { email_verified: false }));
    await tab.goto(`${OURS}/account/email`);
  }),
  page('e-mail address, the same', '/account/email', 'change_email', async (tab) => {
    const person = await openAs(tab, await newcomer());
    await tab.goto(`${OURS}/account/email`);
    await tab.getByLabel('New e-mail address').fill(person.email);
    await tab.getByLabel('Current password').fill(person.password);
    await press(button(tab, 'Send the link'));
  }),
  page('two-step sign-in, off', '/account/second-factor', 'second_factor_manage', async (tab) => {
    await openAs(tab, await newcomer());
    await tab.goto(`${OURS}/account/second-factor`);
  }),
  page('two-step sign-in, on', '/account/second-factor', 'second_factor_manage', async (tab) => {
    await setUpApp(tab, await newcomer());
    await tab.goto(`${OURS}/account/second-factor`);
  }),

  // Extensions.
  page('extensions', '/account/extensions', 'my_extensions', (tab) => openExtensions(tab)),
  page('extensions to install', '/account/extensions', 'my_extensions', (tab) => openExtensions(tab, ['keeper'])),
  page('where to install an extension', '/account/extensions/{}/install', 'install_extension', async (tab) => {
    await openExtensions(tab, ['keeper']);
    await press(tab.getByRole('link', { name: /Install Label Maker/ }));
  }),
  page('install an extension', '/account/extensions/{}/install', 'install_extension', (tab) => openInstall(tab)),
  page('an installation, just installed', '/account/installations/{}', 'installation', async (tab) => {
    const context = `room/n-${random().toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`;
    await openInstall(tab, context);
    await press(button(tab, 'Install'));
    await tab.getByRole('status').waitFor();
  }),
  page('an installation, as a member', '/account/installations/{}', 'installation', async (tab) => {
    await openExtensions(tab);
    await press(tab.getByRole('link', { name: /Letter Press.*Depot/ }));
  }),
  page('what an installation may do', '/account/installations/{}/scopes', 'install_extension', async (tab) => {
    await openInstallation(tab);
    await press(tab.getByRole('link', { name: 'Change what it may do' }));
  }),
  page('remove an installation', '/account/installations/{}/remove', 'remove_installation', async (tab) => {
    await openInstallation(tab);
    await press(tab.getByRole('link', { name: 'Remove' }));
  }),
  page('open an extension that asks', '/account/installations/{}/open', 'ask_extension', async (tab) => {
    await openExtensions(tab);
    await press(tab.getByRole('button', { name: /Letter Press/ }).first());
    await button(tab, 'Allow').waitFor();
  }),
  page('which installation is meant', '/extensions/{}/authorize', 'select_installation', async (tab) => {
    await openExtensions(tab);
    await tab.goto(`${OURS}/extensions/invoices/authorize?state=s`);
    await tab.getByRole('button', { name: /Depot/ }).waitFor();
  }),
  page('a frame that nobody is signed in to', '/extensions/{}/frame', 'framed_sign_in', async (tab) => {
    await tab.goto(`${OURS}/sign-in`);
    const answered = tab.waitForURL('**/extensions/invoices/frame?state=s');
    await tab.evaluate((action) => {
      const form = document.body.appendChild(Object.assign(document.createElement('form'), { method: 'post', action }));
      form.submit();
    }, `${OURS}/extensions/invoices/frame?state=s`);
    await answered;
  }),
  page('the window beside a frame', '/extensions/{}/frame', 'handover', async (tab) => {
    await openExtensions(tab);
    await tab.goto(`${OURS}/extensions/invoices/frame?state=s`);
  }),
  page('an extension in a frame', '/account/installations/{}/frame', 'show_extension', async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/account/extensions`);
    const action = await tab.locator('li', { hasText: 'Task Board' }).locator('form[action$="/open"]').getAttribute('action');
    await tab.goto(`${ISSUER}${action.replace(/open$/, 'frame')}`);
    await tab.frameLocator('iframe').getByRole('heading', { level: 1 }).waitFor();
  }),

  // The second factor.
  page('set up an app', '/account/second-factor', 'second_factor_enrol', async (tab) => {
    await setUpApp(tab, await newcomer(), 'shown');
  }),
  page('set up an app, as one must', '/sign-in', 'second_factor_enrol', async (tab) => {
    const person = await newcomer(STRICT);
    await tab.goto(`${ISSUER}/t/strict/sign-in`);
    await signIn(tab, person);
    await tab.getByLabel('Code that the app shows').waitFor();
  }),
  page('set up an app, a wrong code', '/second-factor', 'second_factor_enrol', async (tab) => {
    await setUpApp(tab, await newcomer(), 'shown');
    await wrongCode(tab, 'Code that the app shows', 'Set up');
  }),
  page('recovery codes', '/second-factor', 'recovery_codes', async (tab) => {
    await setUpApp(tab, await newcomer(), 'codes');
  }),
  page('a code', '/sign-in', 'second_factor', (tab) => askedForCode(tab)),
  page('a wrong code', '/second-factor', 'second_factor', async (tab) => {
    await askedForCode(tab);
    await wrongCode(tab, 'Code from your authenticator app', 'Continue');
  }),
  page('a recovery code', '/second-factor', 'second_factor', async (tab) => {
    await askedForCode(tab);
    await press(button(tab, 'Use a recovery code instead'));
  }),

  // Passwords.
  page('forgotten password', '/forgot-password', 'forgot', (tab) => tab.goto(`${OURS}/forgot-password`)),
  page('forgotten password, sent', '/forgot-password', 'forgot', async (tab) => {
    await tab.goto(`${OURS}/forgot-password`);
    await tab.getByLabel('User name or e-mail address').fill('nobody');
    await press(button(tab, 'Send the link'));
  }),
  page('reset password', '/reset-password', 'reset_password', async (tab) => {
    await tab.goto(await link(...ofPages('user', 'reset-link', (await newcomer()).username)));
  }),
  page('reset password, too short', '/reset-password', 'reset_password', async (tab) => {
    await tab.goto(await link(...ofPages('user', 'reset-link', (await newcomer()).username)));
    await typeNew(tab, 'password123');
    await press(button(tab, 'Change password'));
  }),
  page('reset password, spent', '/reset-password', 'reset_password', (tab) => tab.goto(`${OURS}/reset-password?link=x`)),
  page('due password', '/sign-in', 'choose_password', (tab) => askedForPassword(tab)),
  page('due password, too easy', '/new-password', 'choose_password', async (tab) => {
    await askedForPassword(tab);
    await typeNew(tab, 'password123');
    await press(button(tab, 'Change password'));
  }),

  // Links, and who is new.
  page('sign in by a link', '/sign-in/link', 'link_step', async (tab) => {
    await tab.goto(await link(...ofPages('user', 'sign-in-link', (await newcomer()).username)));
  }),
  page('a link that is over', '/sign-in/link', 'link_step', (tab) => tab.goto(`${OURS}/sign-in/link?link=x`)),
  page('confirm an address', '/address', 'link_step', async (tab) => {
    const person = await openAs(tab, await newcomer(undefined, { email_verified: false }));
    await tab.goto(`${OURS}/account/email`);
    await press(button(tab, 'Confirm this address'));
    await tab.goto(await mailTo(tab, person.email));
  }),
  page('confirm a new address', '/address/new', 'link_step', async (tab) => {
    await tab.goto(await mailTo(tab, (await movedTo(tab)).email));
  }),
  page('a new address, confirmed', '/address/new', 'link_step', async (tab) => {
    await tab.goto(await mailTo(tab, (await movedTo(tab)).email));
    await press(button(tab, 'Confirm'));
  }),
  page('keep the old address', '/address/undo', 'link_step', async (tab) => {
    const { email, before } = await movedTo(tab);
    await tab.goto(await mailTo(tab, email));
    await press(button(tab, 'Confirm'));
    await tab.goto(await mailTo(tab, before));
  }),
  page('sign-up', '/sign-up', 'sign_up', (tab) => tab.goto(`${OURS}/sign-up`)),
  page('sign-up, sent', '/sign-up', 'sign_up', (tab) => signUp(tab)),
  page('sign-up, from the mail', '/sign-up/finish', 'join', async (tab) => {
    await tab.goto(await mailTo(tab, await signUp(tab)));
  }),
  page('invited', '/join', 'join', async (tab) => {
    await tab.goto(await link(...ofPages('user', 'invite')));
  }),
  page('invited, a name that is taken', '/join', 'join', async (tab) => {
    const person = await newcomer();
    await tab.goto(await link(...ofPages('user', 'invite')));
    await tab.getByLabel('User name').fill(person.username);
    await typeNew(tab, 'a harbour in the hills');
    await press(button(tab, 'Create account'));
  }),
  page('set up the server', '/setup', 'set_up', async (tab) => {
    await tab.goto(await link(...ofPages('user', 'setup-link')));
  }),
  page('set up the server, too late', '/setup', 'set_up', (tab) => tab.goto(`${ISSUER}/setup?link=x`)),

  // The console. Its first page is the one for nobody: whoever administers is sent on.
  ofConsole('for nobody', '', async (tab) => {
    await tab.goto(`${ISSUER}/console`);
    await signIn(tab, BOB);
  }),
  ofConsole('tenants', '/tenants', async (tab) => {
    await administer('')(tab);
    await tab.goto(`${ISSUER}/console/tenants`);
  }),
  ofConsole('overview', IN, administer('')),
  ofConsole('act', `${IN}/act`, async (tab) => {
    await administer('/users?q=alice')(tab);
    await press(tab.getByRole('link', { name: 'alice', exact: true }));
    await into(tab, '/act?act=user-disable');
  }),
  ofConsole('act with a call', `${IN}/act`, administer('/act?act=invite&id=&email=dora%40example.net&way=link&name=Dora', 'pages')),
  ofConsole('edit a document', `${IN}/act`, async (tab) => {
    await administer('/clients')(tab);
    await press(tab.locator('table a').first());
    await into(tab, '/act?act=client-edit');
  }),
  ofConsole('invitation', `${IN}/act`, async (tab) => {
    await administer('/users')(tab);
    await tab.getByLabel('Name', { exact: true }).fill('Nina Neumann');
    await press(button(tab, 'Weiter'));
  }),
  ofConsole('find', `${IN}/find`, async (tab) => {
    await administer('')(tab);
    await tab.getByRole('search').getByRole('searchbox').or(tab.locator('input[name="find"]')).first().fill('nothing of that name');
    await press(tab.getByRole('search').getByRole('button'));
  }),
  ofConsole('people', `${IN}/users`, administer('/users')),
  ofConsole('person', `${IN}/users/{}`, async (tab) => {
    await administer('/users?q=alice')(tab);
    await press(tab.getByRole('link', { name: 'alice', exact: true }));
  }),
  ofConsole("person's grants", `${IN}/users/{}/grants`, async (tab) => {
    await granted(tab);
    await administer('/users?q=alice')(tab);
    await press(tab.getByRole('link', { name: 'alice', exact: true }));
    await tab.goto(`${tab.url()}/grants`);
  }),
  ofConsole('roles', `${IN}/roles`, administer('/roles', 'pages')),
  ofConsole('role', `${IN}/roles/{}`, administer('/roles/editor', 'pages')),
  ofConsole('contexts', `${IN}/contexts`, administer('/contexts', 'pages')),
  ofConsole('context', `${IN}/contexts/{}`, administer('/contexts/project%2Fharbour', 'pages')),
  ofConsole('clients', `${IN}/clients`, administer('/clients')),
  ofConsole('client', `${IN}/clients/{}`, administer('/clients/demo-web')),
  ofConsole("client's grants", `${IN}/clients/{}/grants`, async (tab) => {
    await granted(tab);
    await administer('/clients/demo-web/grants')(tab);
  }),
  ofConsole('grant', `${IN}/grants/{}`, async (tab) => {
    await granted(tab);
    await administer('/clients/demo-web/grants')(tab);
    await into(tab, '/demo/grants/');
  }),
  ofConsole('extensions', `${IN}/extensions`, administer('/extensions', 'pages')),
  ofConsole('extension', `${IN}/extensions/{}`, administer('/extensions/invoices', 'pages')),
  ofConsole('installations', `${IN}/installations`, administer('/installations', 'pages')),
  ofConsole('installation', `${IN}/installations/{}`, async (tab) => {
    await administer('/installations', 'pages')(tab);
    await press(tab.locator('table a[href*="/installations/"]').first());
  }),
  ofConsole('deliveries', `${IN}/installations/{}/deliveries`, async (tab) => {
    await administer('/installations?context=project%2Fharbour', 'pages')(tab);
    await press(tab.locator('table a[href*="/installations/"]').first());
    await into(tab, '/deliveries');
  }),
  ofConsole('what an extension answers', `${IN}/act`, async (tab) => {
    await administer('/installations?extension=posts', 'pages')(tab);
    await press(tab.locator('table a[href*="/installations/"]').first());
    await into(tab, '/deliveries');
    await press(button(tab, 'Weiter').last());
    await press(button(tab, 'Ausprobieren'));
  }),
  ofConsole('explain', `${IN}/explain`, async (tab) => {
    const person = await newcomer();
    await administer(`/explain?client=invoices&user=${person.username}&scope=openid+email+orders:read`, 'pages')(tab);
  }),
  ofConsole('explain, of nothing', `${IN}/explain`, administer('/explain?client=nobody', 'pages')),
  ofConsole('apis', `${IN}/apis`, administer('/apis')),
  ofConsole('api', `${IN}/apis/{}`, administer('/apis/https%3A%2F%2Fapi.demo.example')),
  ofConsole('keys', `${IN}/keys`, administer('/keys')),
  ofConsole('audit', `${IN}/events`, administer('/events')),
  ofConsole('of a tenant', `${IN}/roles/{}`, async (tab) => {
    await tab.goto(`${ISSUER}/t/acme/console/tenants/acme/roles/administrator`);
    await signIn(tab, AMY);
  }),

  // The application of `doorward dev`, and its mails.
  page('demo application', 'demo:/', 'demo/home', (tab) => tab.goto(`${DEMO}/`)),
  page('demo application, signed in', 'demo:/', 'demo/signed_in', async (tab) => {
    await tab.goto(`${DEMO}/`);
    await press(button(tab, 'Sign in'));
    await signIn(tab, ALICE);
    if (await button(tab, 'Allow').count()) await allow(tab);
    await press(button(tab, 'Call userinfo'));
  }),
  page('demo application, refused', 'demo:/callback', 'demo/error', (tab) => tab.goto(`${DEMO}/callback?error=access_denied&state=x`)),
  page('a sequence of the demo application', 'demo:/systems/mittwald', 'demo/sequence', async (tab) => {
    await tab.goto(`${DEMO}/systems/mittwald`);
    await press(button(tab, 'Go to the issuer'));
    await signIn(tab, ALICE);
    for (let turn = 0; turn < 3; turn += 1) await press(button(tab, 'Send it'));
  }),
  page('an answer in the fragment', 'demo:/systems/smartenit/callback', 'demo/fragment', async (tab) => {
    await tab.goto(`${DEMO}/systems/smartenit`);
    await press(button(tab, 'Go to the issuer'));
    await signIn(tab, ALICE);
    if (await button(tab, 'Allow').count()) await allow(tab);
    while (await button(tab, 'Send it').count()) await press(button(tab, 'Send it'));
    await withoutScripts(tab);
    await press(button(tab, 'Go to the issuer'));
    await tab.getByRole('heading', { level: 1, name: 'Tokens in the address' }).waitFor();
  }),
  page('demo extension', 'demo:/extension/open', 'demo/extension', async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/account/extensions`);
    await press(tab.getByRole('button', { name: /Task Board/ }).first());
  }),
  page('mails', 'demo:/mails', 'demo/mails', async (tab) => {
    await mailTo(tab, await signUp(tab));
  }),
];

/** Pages that go on by themselves stay: their scripts never arrive. */
const withoutScripts = (tab) => tab.route(/\.js(\?|$)/, (route) => route.abort());

/** The extensions of somebody new, who belongs where they are installed, with these roles there. */
async function openExtensions(tab, roles = [], context = 'company/north') {
  const person = await newcomer();
  await apply({ id: 'pages', memberships: [{ user: person.username, context, roles }] });
  await openAs(tab, person);
  await tab.goto(`${OURS}/account/extensions`);
}

/** The page on which Label Maker is installed, in a context that is made for it where it is not there. */
async function openInstall(tab, context = 'project/harbour') {
  if (context.startsWith('room/')) await apply({ id: 'pages', contexts: [{ id: context, name: 'Packing room' }] });
  await openExtensions(tab, ['keeper'], context);
  await tab.goto(`${OURS}/account/extensions/labels/install?context=${encodeURIComponent(context)}`);
}

/** An installation of Letter Press, as somebody who administers it. */
async function openInstallation(tab) {
  await openExtensions(tab, ['keeper']);
  await press(tab.getByRole('link', { name: /Letter Press.*Depot/ }));
}

/** A person with an app, who typed their password. */
async function askedForCode(tab) {
  const person = await newcomer();
  await setUpApp(tab, person);
  await tab.context().clearCookies();
  await tab.goto(`${OURS}/sign-in`);
  await signIn(tab, person);
  await tab.getByLabel('Code from your authenticator app').waitFor();
}

/** A person who must choose another password, and typed the one they have. */
async function askedForPassword(tab) {
  const person = await newcomer();
  await doorward(...ofPages('user', 'require-password', person.username));
  await tab.goto(`${OURS}/sign-in`);
  await signIn(tab, person);
  await tab.getByLabel('New password', { exact: true }).waitFor();
}

/** A person who asked for another address. */
async function movedTo(tab) {
  const person = await openAs(tab, await newcomer());
  const email = `new-${person.email}`;
  await tab.goto(`${OURS}/account/email`);
  await tab.getByLabel('New e-mail address').fill(email);
  await tab.getByLabel('Current password').fill(person.password);
  await press(button(tab, 'Send the link'));
  return { email, before: person.email };
}

/** Somebody who signs up: the address. */
async function signUp(tab) {
  const { email } = await newcomer();
  const address = `up-${email}`;
  await tab.goto(`${OURS}/sign-up`);
  await tab.getByLabel('E-mail address').fill(address);
  await press(button(tab, 'Send the link'));
  return address;
}

/** A grant of alice to demo-web, from a browser that is gone afterwards. */
async function granted(tab) {
  await openAccount(tab, ALICE);
  await start(tab, { prompt: 'consent', scope: 'openid profile offline_access' });
  await allow(tab);
  await redeem((await arrival(tab)).get('code'));
  await tab.context().clearCookies();
}
