// A public client as its documentation shows it; what it knows is shown in #state for the test to read.
const manager = new oidc.UserManager({
  authority: new URLSearchParams(location.search).get('authority') ?? sessionStorage.getItem('authority'),
  client_id: 'demo-spa',
  redirect_uri: 'http://localhost:9000/cb',
  scope: 'openid profile offline_access',
  loadUserInfo: true,
  automaticSilentRenew: false,
  monitorSession: false,
});
sessionStorage.setItem('authority', manager.settings.authority);

function show(what) {
  document.querySelector('#state').textContent = JSON.stringify(what);
}

function on(id, action) {
  document.querySelector(`#${id}`).addEventListener('click', () => {
    show({ busy: id });
    action().catch((error) => show({ error: error.error ?? error.message }));
  });
}

function describe(user) {
  return { profile: user.profile, access: user.access_token, refresh: user.refresh_token, expired: user.expired };
}

on('sign-in', () => manager.signinRedirect({ prompt: 'consent' }));
on('refresh', async () => show(describe(await manager.signinSilent())));
on('refresh-garbage', async () => {
  const user = await manager.getUser();
  await manager.storeUser(new oidc.User({ ...user, refresh_token: 'garbage' }));
  show(describe(await manager.signinSilent()));
});
on('revoke', async () => {
  await manager.revokeTokens(['refresh_token', 'access_token']);
  show({ revoked: true });
});
on('sign-out', () => manager.signoutRedirect());

if (location.pathname === '/cb') {
  manager.signinCallback().then(
    (user) => show(describe(user)),
    (error) => show({ error: error.error ?? error.message }),
  );
} else {
  show({ ready: true });
}
