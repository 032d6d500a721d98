//! What the wire contract of an issuer chooses among the rules of the core: its dialect presets it, and the core decides by it. What older
//! contracts need and the specifications have given up is chosen by their dialects only.

use std::borrow::Cow;

use doorward_crypto::jose::algorithm::Algorithm;
use doorward_wire::response::TokenType;
use serde_json::Value;

use crate::authorize::Row;
use crate::authorize::response_type;
use crate::client_auth::unnamed::Unnamed;
use crate::grant::token_exchange;
use crate::id::IssuerId;
use crate::installation::session_token::SessionClaims;
use crate::keys::TenantKeys;
use crate::model::{Client, Issuer};

/// The choices.
#[derive(Clone, Copy, Debug)]
pub struct Policies {
    /// Grant types whose client may be the one that what is redeemed was made for, where the request names none, and by what.
    pub unnamed_clients: &'static [Unnamed],
    /// Whether only clients that list the issuer may use it: one that lists none uses those where nothing is weaker than the specifications.
    pub listed_clients: bool,
    /// What may be asked for at the authorization endpoint.
    pub response_types: &'static [Row],
    /// The grant types that are spoken here, where not all are that the specifications have.
    pub grant_types: Option<&'static [&'static str]>,
    /// Grant types that are spoken here, and that the specifications have given up.
    pub legacy_grants: &'static [&'static str],
    /// Client authentication methods that are spoken here: rows of the table.
    pub auth_methods: &'static [&'static str],
    /// Whether an authorization request may do without `state`, `nonce` and PKCE: what it is answered is bound to nothing.
    pub unbound_answers: bool,
    /// Whether the answer with a code says in `expires_in` how many seconds it lives.
    pub tells_code_lifetime: bool,
    /// Whether what a code or a refresh token is answered is a pair: both tokens are letters and digits, and both end when the
    /// next pair is issued.
    pub rotates_pairs: bool,
    /// Whether `grant_consent` answers for the consent page.
    pub answers_consent: bool,
    /// How session tokens of embedded pages are written.
    pub session_tokens: SessionTokens,
    /// How the ids of people and installations are written in the address that an extension is opened at.
    pub names: fn(&str) -> Cow<'_, str>,
    /// Whether a code is bound to the `state` of its request, which comes again where it is redeemed, with or without the redirect URI.
    pub binds_state: bool,
    /// Whether a redirect URI that was sent for a code, and is left out where that is redeemed, is a parameter that is missing; it is another
    /// one otherwise.
    pub asks_redirect_uri: bool,
    /// Whether whoever redeems a code may say in `redirect` where the browser goes then: an address that is registered, whatever its query.
    pub redirects_on: bool,
    /// Whether a client gets its default scopes beside those that it asks for, not only when it asks for none.
    pub adds_default_scopes: bool,
    /// Whether `offline_access` is heard. Where it is not, all that is granted ends with the session.
    pub hears_offline: bool,
    /// Whether who gets tokens for a person's password is told who that is beside them, with the topmost context that they belong to.
    pub tells_account: bool,
    /// What access tokens are.
    pub access_tokens: AccessTokens,
    /// What ID tokens are.
    pub id_tokens: IdTokens,
    /// Seconds that a code lives at most, whatever its client may have.
    pub longest_code_s: Option<i64>,
    /// Whether the port of a loopback address may differ from that of the redirect URI that is registered (RFC 8252, section 7.3).
    pub any_loopback_port: bool,
    /// Whether the redirect URIs of clients that are marked so stand for all below them.
    pub prefix_redirects: bool,
    /// What clients assert by a key of their own.
    pub assertions: Assertions,
    /// Whether browsers come back by https alone to clients that list an issuer which is reached by it; to a native one by plain http too, at a
    /// loopback address (RFC 8252, section 7.3).
    pub secure_redirects: bool,
}

/// What the dialect of a name chooses. Where nobody says, it is the specifications.
#[derive(Clone, Copy, Debug)]
pub struct Chosen(pub fn(&str) -> &'static Policies);

impl Default for Chosen {
    fn default() -> Self {
        Self(|_| &Policies::STANDARD)
    }
}

/// What ID tokens are beside what the specifications say (OpenID Connect Core, section 2).
#[derive(Clone, Copy, Debug)]
pub struct IdTokens {
    /// What signs them, whatever their clients ask for.
    pub algorithm: Option<Algorithm>,
    /// Whether `sub` is the user name, and not the person's id.
    pub names_user: bool,
    /// Whether APIs take them as others take access tokens. They name the grant that they hang on then, and end with it.
    pub are_borne: bool,
}

/// What a client asserts by a key of its own (RFC 7523, section 3).
#[derive(Clone, Copy, Debug)]
pub struct Assertions {
    /// Whom an assertion may be meant for, beside the issuer by its address.
    pub audience: Option<&'static str>,
    /// Seconds that one lives at most.
    pub longest_s: i64,
    /// Whether its header says by `kid` which key signs it, also where the client has but one (RFC 7515, section 4.1.4).
    pub names_key: bool,
}

/// What access tokens are beside what the specifications say (RFC 9068, section 2.2).
#[derive(Clone, Copy, Debug)]
pub struct AccessTokens {
    /// Whether the token endpoint issues them. Where it does not, ID tokens are all that a request is answered with beside a refresh token.
    pub are_issued: bool,
    /// Whether those of an installed extension are for the audiences of its manifest too.
    pub names_extension: bool,
    /// Whether they say in `user` who the person is, as far as the scopes let them.
    pub tells_user: bool,
    /// What signs them, whatever their APIs ask for.
    pub algorithm: Option<Algorithm>,
    /// Whether `aud` is a list, also of one (RFC 7519, section 4.1.3).
    pub lists_audience: bool,
    /// What introspection says that they are presented as (RFC 7662, section 2.2).
    pub token_type: TokenType,
}

/// How session tokens of embedded pages are written, and read again.
#[derive(Clone, Copy, Debug)]
pub struct SessionTokens {
    /// What signs them.
    pub algorithm: Algorithm,
    /// Seconds that what one is exchanged for lives at most.
    pub exchanged_s: i64,
    /// Their claims, under the key of that `kid`.
    pub write: fn(&SessionClaims, &str) -> Value,
    /// What claims mean; none for those of another kind of token.
    pub read: fn(Value) -> Option<SessionClaims>,
}

/// Where a request came to, as far as it is told before anything is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'a> {
    /// The issuer.
    pub issuer: &'a Issuer,
    /// Its tenant's keys.
    pub keys: &'a TenantKeys,
    /// What its dialect chooses.
    pub policies: &'static Policies,
}

impl Policies {
    /// The specifications.
    pub const STANDARD: Self = Self {
        unnamed_clients: &[],
        listed_clients: false,
        response_types: &[response_type::CODE],
        grant_types: None,
        legacy_grants: &[],
        auth_methods: &["private_key_jwt", "client_secret_basic", "client_secret_post", "none"],
        unbound_answers: false,
        tells_code_lifetime: false,
        rotates_pairs: false,
        answers_consent: false,
        session_tokens: SessionTokens::STANDARD,
        names: |id| Cow::Borrowed(id),
        binds_state: false,
        asks_redirect_uri: false,
        redirects_on: false,
        adds_default_scopes: false,
        hears_offline: true,
        tells_account: false,
        access_tokens: AccessTokens::STANDARD,
        id_tokens: IdTokens::STANDARD,
        longest_code_s: None,
        any_loopback_port: true,
        prefix_redirects: false,
        assertions: Assertions::STANDARD,
        secure_redirects: false,
    };

    /// Whether a client may use an issuer of such a dialect.
    pub fn admits(&self, client: &Client, issuer: &IssuerId) -> bool {
        match client.issuers.is_empty() {
            true => !self.listed_clients,
            false => client.issuers.contains(issuer),
        }
    }
}

impl AccessTokens {
    /// The specifications.
    pub const STANDARD: Self = Self {
        are_issued: true,
        names_extension: false,
        tells_user: false,
        algorithm: None,
        lists_audience: false,
        token_type: TokenType::Bearer,
    };
}

impl IdTokens {
    /// The specifications.
    pub const STANDARD: Self = Self { algorithm: None, names_user: false, are_borne: false };
}

impl Assertions {
    /// Meant for the issuer alone, for ten minutes.
    pub const STANDARD: Self = Self { audience: None, longest_s: 600, names_key: false };
}

impl SessionTokens {
    /// Ours.
    pub const STANDARD: Self = Self {
        algorithm: Algorithm::Es256,
        exchanged_s: token_exchange::LONGEST_S,
        write: |claims, _| serde_json::to_value(claims).unwrap_or_default(),
        read: |claims| serde_json::from_value(claims).ok(),
    };
}
