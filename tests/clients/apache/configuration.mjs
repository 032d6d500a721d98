// The configuration of an Apache that is nobody's service: every path in one folder, two ports on loopback, no file of the
// distribution's. It protects an application behind it with mod_auth_openidc.

const MODULES = '/usr/lib/apache2/modules';
const LOADED = {
  mpm_event: 'mod_mpm_event.so',
  authn_core: 'mod_authn_core.so',
  authz_core: 'mod_authz_core.so',
  authz_user: 'mod_authz_user.so',
  socache_shmcb: 'mod_socache_shmcb.so',
  ssl: 'mod_ssl.so',
  alias: 'mod_alias.so',
  headers: 'mod_headers.so',
  proxy: 'mod_proxy.so',
  proxy_http: 'mod_proxy_http.so',
  auth_openidc: 'mod_auth_openidc.so',
};

/**
 * @param {object} of
 * @param {string} of.folder where Apache keeps what it writes; ca.pem in it is the authority of the server's certificate
 * @param {number} of.port where it listens
 * @param {number} of.application where the application behind it listens
 * @param {string} of.issuer
 * @param {string} of.data the server's data folder, whose certificate Apache uses too
 * @param {{id: string, secret: string}} of.client
 * @param {{id: string, secret: string}} of.api who may ask about tokens
 * @param {string} of.passphrase of the module's own cookies
 */
export function configuration({ folder, port, application, issuer, data, client, api, passphrase }) {
  const loads = Object.entries(LOADED).map(([name, file]) => `LoadModule ${name}_module ${MODULES}/${file}`);
  const user = process.getuid() === 0 ? ['User nobody', 'Group nogroup'] : [];
  return `
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel warn
ServerName localhost:${port}
Listen 127.0.0.1:${port}
StartServers 1
MinSpareThreads 1
MaxSpareThreads 25
ThreadsPerChild 25
MaxRequestWorkers 25
${[...loads, ...user].join('\n')}

SSLEngine on
SSLSessionCache none
SSLCertificateFile ${data}/dev-tls/cert.pem
SSLCertificateKeyFile ${data}/dev-tls/key.pem

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCCABundlePath ${folder}/ca.pem
OIDCSSLValidateServer On
OIDCClientID ${client.id}
OIDCClientSecret ${client.secret}
OIDCRedirectURI https://localhost:${port}/openidc
OIDCCryptoPassphrase ${passphrase}
OIDCScope "openid profile email offline_access"
OIDCPKCEMethod S256
OIDCUserInfoRefreshInterval 0
OIDCRemoteUserClaim email
OIDCPassRefreshToken On
# The module tells pages from scripts by Sec-Fetch-Mode, which Node's fetch sets as a script's: here they are told by Accept.
OIDCUnAuthAction auth "%{HTTP_ACCEPT} =~ m#text/html#"

OIDCOAuthIntrospectionEndpoint ${issuer}/introspect
OIDCOAuthClientID ${api.id}
OIDCOAuthClientSecret ${api.secret}
OIDCOAuthSSLValidateServer On
OIDCOAuthRemoteUserClaim client_id

ProxyPass /openidc !
ProxyPass / http://127.0.0.1:${application}/
RequestHeader unset X-Remote-User

<Location /openidc>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /desk>
  AuthType openid-connect
  Require valid-user
  RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
</Location>
<Location /desk/bob>
  AuthType openid-connect
  Require claim preferred_username:bob
</Location>
<Location /orders>
  AuthType oauth20
  Require claim scope~orders:read
  RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
</Location>
`;
}
