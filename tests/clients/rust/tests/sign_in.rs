//! The crate `openidconnect` as a confidential web application. (It revokes over https only; the other clients do that.)

use std::{env, fs, process};

use doorward_clients::{CALLBACK, authorize, demo, http, issuer, secret_of, sign_out};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken, Scope,
    TokenIntrospectionResponse, TokenResponse,
};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Alice with a browser, at an application.
struct Alice {
    client: Client,
    jar: String,
}

impl Alice {
    fn new(test: &str) -> Alice {
        let jar = env::temp_dir().join(format!("doorward-jar-{}-{test}", process::id()));
        Alice { client: client("demo-web"), jar: jar.to_str().expect("text").to_owned() }
    }

    fn sign_in(&self) -> (CoreTokenResponse, CoreIdTokenClaims) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
            .add_prompt(openidconnect::core::CoreAuthPrompt::Consent)
            .set_pkce_challenge(challenge)
            .url();
        let answer = authorize(&self.jar, &url);
        let parameter = |name: &str| {
            answer
                .query_pairs()
                .find(|(key, _)| key == name)
                .unwrap_or_else(|| panic!("no {name} in {answer}"))
                .1
                .into_owned()
        };
        assert_eq!(&parameter("state"), state.secret());
        assert_eq!(parameter("iss"), issuer());

        let tokens = self
            .client
            .exchange_code(AuthorizationCode::new(parameter("code")))
            .expect("a token endpoint")
            .set_pkce_verifier(verifier)
            .request(&http)
            .expect("tokens");
        let id_token = tokens.id_token().expect("an ID token");
        let id_verifier = self.client.id_token_verifier();
        let claims = id_token.claims(&id_verifier, &nonce).expect("a valid ID token").clone();
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().expect("an algorithm");
            let key = id_token.signing_key(&id_verifier).expect("a key");
            let made = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).expect("a hash");
            assert_eq!(&made, hash);
        }
        (tokens, claims)
    }

    fn refresh(&self, token: &RefreshToken) -> Result<CoreTokenResponse, String> {
        let request = self.client.exchange_refresh_token(token).expect("a token endpoint");
        request.request(&http).map_err(|error| format!("{error:?}"))
    }
}

impl Drop for Alice {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.jar);
    }
}

fn client(name: &str) -> Client {
    let url = IssuerUrl::new(issuer()).expect("an issuer");
    let metadata = CoreProviderMetadata::discover(&url, &http).expect("a discovery document");
    let secret = ClientSecret::new(secret_of(name));
    CoreClient::from_provider_metadata(metadata, ClientId::new(name.to_owned()), Some(secret))
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a redirect URI"))
}

#[test]
fn signs_in_and_reads_userinfo() {
    let alice = Alice::new("userinfo");
    let (tokens, claims) = alice.sign_in();
    let person: CoreUserInfoClaims = alice
        .client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .expect("a userinfo endpoint")
        .request(&http)
        .expect("claims");
    assert_eq!(person.email().map(|email| email.as_str()), Some("alice@example.com"));
}

#[test]
fn a_refresh_rotates() {
    let alice = Alice::new("refresh");
    let (tokens, _) = alice.sign_in();
    let first = tokens.refresh_token().expect("a refresh token");
    let next = alice.refresh(first).expect("fresh tokens");
    assert_ne!(next.access_token().secret(), tokens.access_token().secret());
    assert_ne!(next.refresh_token().expect("a successor").secret(), first.secret());
}

#[test]
fn an_api_asks_about_a_machines_token() {
    let machine = client("demo-machine");
    let request = machine.exchange_client_credentials().expect("a token endpoint");
    let tokens = request.add_scope(Scope::new("orders:read".to_owned())).request(&http).expect("a token");

    let address = format!("{}/introspect", issuer());
    let api = client("demo-api")
        .set_introspection_url(openidconnect::IntrospectionUrl::new(address).expect("an address"));
    let told = api.introspect(tokens.access_token()).request(&http).expect("an answer");
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some("demo-machine"));
}

#[test]
fn signing_out_returns_to_the_application() {
    let alice = Alice::new("logout");
    let (tokens, _) = alice.sign_in();
    let back = format!("{}/", demo());
    let url = IssuerUrl::new(issuer()).expect("an issuer");
    let metadata = ProviderMetadataWithLogout::discover(&url, &http).expect("a discovery document");
    let endpoint =
        metadata.additional_metadata().end_session_endpoint.clone().expect("an end of session endpoint");
    let url = LogoutRequest::from(endpoint)
        .set_id_token_hint(tokens.id_token().expect("an ID token"))
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(back.clone()).expect("an address"))
        .set_state(CsrfToken::new("bye".to_owned()))
        .http_get_url();
    assert_eq!(sign_out(&alice.jar, &back, &url).as_str(), format!("{back}?state=bye"));
}
