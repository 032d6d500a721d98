//! The crate `oauth2` over https: code with PKCE, refresh, revocation, introspection, a machine, and what refusals look like.

use std::{env, fs, process};

use doorward_clients::{CALLBACK, authorize, http, issuer, secret_of};
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    RevocationUrl, Scope, StandardRevocableToken, TokenIntrospectionResponse, TokenResponse, TokenUrl,
};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

fn client(name: &str) -> Client {
    let at = |path: &str| format!("{}/{path}", issuer());
    BasicClient::new(ClientId::new(name.to_owned()))
        .set_client_secret(ClientSecret::new(secret_of(name)))
        .set_auth_uri(AuthUrl::new(at("authorize")).expect("an address"))
        .set_token_uri(TokenUrl::new(at("token")).expect("an address"))
        .set_introspection_url(IntrospectionUrl::new(at("introspect")).expect("an address"))
        .set_revocation_url(RevocationUrl::new(at("revoke")).expect("an address"))
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a redirect URI"))
}

/// Where Alice's browser is sent, and the verifier of what was asked.
fn answer(client: &Client, test: &str) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(["profile", "offline_access", "orders:read"].map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("prompt", "consent")
        .set_pkce_challenge(challenge)
        .url();
    let jar = env::temp_dir().join(format!("doorward-oauth2-{}-{test}", process::id()));
    let answer = authorize(jar.to_str().expect("text"), &url);
    fs::remove_file(&jar).expect("the browser's cookies");
    let parameter = |name: &str| {
        let mut all = answer.query_pairs();
        all.find(|(key, _)| key == name).unwrap_or_else(|| panic!("no {name} in {answer}")).1.into_owned()
    };
    assert_eq!(&parameter("state"), state.secret());
    assert_eq!(parameter("iss"), issuer());
    (AuthorizationCode::new(parameter("code")), verifier)
}

fn sign_in(client: &Client, test: &str) -> BasicTokenResponse {
    let (code, verifier) = answer(client, test);
    client.exchange_code(code).set_pkce_verifier(verifier).request(&http).expect("tokens")
}

/// The error that the token endpoint answers a refresh with.
fn refused(client: &Client, token: &RefreshToken) -> BasicErrorResponseType {
    match client.exchange_refresh_token(token).request(&http) {
        Err(RequestTokenError::ServerResponse(refusal)) => refusal.error().clone(),
        other => panic!("no refusal: {other:?}"),
    }
}

#[test]
fn a_code_becomes_tokens_and_a_refresh_rotates() {
    let client = client("demo-web");
    let tokens = sign_in(&client, "refresh");
    assert!(tokens.expires_in().is_some());
    let first = tokens.refresh_token().expect("a refresh token");
    let next = client.exchange_refresh_token(first).request(&http).expect("fresh tokens");
    assert_ne!(next.access_token().secret(), tokens.access_token().secret());
    assert_ne!(next.refresh_token().expect("a successor").secret(), first.secret());
}

#[test]
fn a_code_is_worth_nothing_without_its_verifier() {
    let client = client("demo-web");
    let (code, _) = answer(&client, "verifier");
    let (_, other) = PkceCodeChallenge::new_random_sha256();
    match client.exchange_code(code).set_pkce_verifier(other).request(&http) {
        Err(RequestTokenError::ServerResponse(refusal)) => {
            assert_eq!(refusal.error(), &BasicErrorResponseType::InvalidGrant);
        }
        other => panic!("no refusal: {other:?}"),
    }
}

#[test]
fn revoking_the_refresh_token_ends_the_grant() {
    let client = client("demo-web");
    let tokens = sign_in(&client, "revoke");
    let token = tokens.refresh_token().expect("a refresh token");
    let api = self::client("demo-api");
    let told = api.introspect(tokens.access_token()).request(&http).expect("an answer");
    assert!(told.active());

    let revocable = StandardRevocableToken::RefreshToken(token.clone());
    client.revoke_token(revocable).expect("https").request(&http).expect("an empty answer");
    assert_eq!(refused(&client, token), BasicErrorResponseType::InvalidGrant);
    let told = api.introspect(tokens.access_token()).request(&http).expect("an answer");
    assert!(!told.active());
}

#[test]
fn a_machine_gets_a_token_and_gives_it_back() {
    let machine = client("demo-machine");
    let tokens = machine
        .exchange_client_credentials()
        .add_scope(Scope::new("orders:read".to_owned()))
        .request(&http)
        .expect("a token");
    assert!(tokens.refresh_token().is_none());
    let api = client("demo-api");
    let told = api.introspect(tokens.access_token()).request(&http).expect("an answer");
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some("demo-machine"));

    let revocable = StandardRevocableToken::AccessToken(tokens.access_token().clone());
    machine.revoke_token(revocable).expect("https").request(&http).expect("an empty answer");
    let told = api.introspect(tokens.access_token()).request(&http).expect("an answer");
    assert!(!told.active());
}

#[test]
fn a_scope_that_the_client_does_not_have_is_refused() {
    let request = client("demo-machine");
    let request = request.exchange_client_credentials().add_scope(Scope::new("orders:delete".to_owned()));
    match request.request(&http) {
        Err(RequestTokenError::ServerResponse(refusal)) => {
            assert_eq!(refusal.error(), &BasicErrorResponseType::InvalidScope);
        }
        other => panic!("no refusal: {other:?}"),
    }
}
