//! Paths that issue or confirm: how the facts of each are made, how it is gone, and what it hangs on.

use doorward_core::authorize::Step;
use doorward_core::client_auth::Credentials;
use doorward_core::model::Grant;
use doorward_core::token::claims::{AccessClaims, InstalledClaims};
use doorward_core::token::introspect::IntrospectionRequest;
use doorward_core::token::read::Presented;
use doorward_core::token::userinfo;
use doorward_core::{Facts, Reason};
use doorward_wire::error_code::ErrorCode;

use super::dead::Noun;
use crate::cases::{AuthorizeCase, TokenCase};
use crate::world::{self, ISSUER, NOW, RS1, RS2, SECRET, parse, with_ctx};

/// A path: how its facts are made, how it is gone, and what it hangs on.
pub struct Path {
    pub name: &'static str,
    /// Alive facts, with what is presented; of an offline grant or not.
    pub new: fn(offline: bool) -> (Facts, String),
    /// What comes of it: nothing, when it issues or confirms.
    pub go: fn(&Facts, &str) -> Option<ErrorCode>,
    pub hangs_on: &'static [Noun],
}

pub const PATHS: &[Path] = &[
    Path {
        name: "authorization_code",
        new: |offline| facts_of(TokenCase::code(scopes(offline))),
        go: token,
        hangs_on: &[
            Noun::Tenant,
            Noun::TenantRow,
            Noun::Issuer,
            Noun::Client,
            Noun::ClientRow,
            Noun::User,
            Noun::Consent,
            Noun::Session,
            Noun::Grant,
            Noun::Ticket,
        ],
    },
    Path {
        name: "client_credentials",
        new: |_| facts_of(TokenCase::client_credentials()),
        go: token,
        hangs_on: &[Noun::Tenant, Noun::Issuer, Noun::Client],
    },
    Path {
        name: "password",
        new: |_| facts_of(TokenCase::password()),
        go: token,
        hangs_on: &[Noun::Tenant, Noun::Issuer, Noun::Client, Noun::User],
    },
    Path {
        name: "refresh_token",
        new: |offline| facts_of(TokenCase::refresh(scopes(offline))),
        go: token,
        hangs_on: &[
            Noun::Tenant,
            Noun::TenantRow,
            Noun::Issuer,
            Noun::Client,
            Noun::ClientRow,
            Noun::User,
            Noun::Consent,
            Noun::Session,
            Noun::Grant,
        ],
    },
    Path {
        name: "urn:doorward:grant:retrieval-key",
        new: |offline| facts_of(TokenCase::launch_key(scopes(offline))),
        go: token,
        hangs_on: &[
            Noun::Tenant,
            Noun::TenantRow,
            Noun::Issuer,
            Noun::Client,
            Noun::ClientRow,
            Noun::User,
            Noun::Consent,
            Noun::Session,
            Noun::Grant,
            Noun::Ticket,
            Noun::Installation,
            Noun::Membership,
        ],
    },
    Path {
        name: "urn:ietf:params:oauth:grant-type:token-exchange",
        new: |_| facts_of(TokenCase::session_token()),
        go: token,
        hangs_on: &[
            Noun::Tenant,
            Noun::Issuer,
            Noun::Client,
            Noun::User,
            Noun::Consent,
            Noun::Session,
            Noun::Installation,
            Noun::Membership,
        ],
    },
    Path {
        name: "refresh of an installation's grant",
        new: |offline| {
            let (mut facts, form) = facts_of(TokenCase::refresh(scopes(offline)));
            facts.grant = facts.grant.map(world::installed);
            (facts, form)
        },
        go: token,
        hangs_on: OF_INSTALLED,
    },
    Path {
        name: "an installation's own token",
        new: |_| facts_of(TokenCase::installation()),
        go: |facts, form| {
            let mut case = TokenCase::installation();
            case.form = serde_json::from_str(form).unwrap();
            case.facts = facts.clone();
            case.decide().answer.err().map(|refusal| refusal.reason.code())
        },
        hangs_on: &[Noun::Tenant, Noun::Issuer, Noun::Client, Noun::Installation],
    },
    Path {
        name: "introspection of an installation's own JWT",
        new: |_| {
            let mut facts = world::facts();
            facts.client = Some(world::client_facts(world::client()));
            facts.installation = Some(Box::new(world::installation_facts()));
            (facts, world::jwt(&own_claims(RS1)))
        },
        go: introspect,
        hangs_on: &[Noun::Tenant, Noun::Client, Noun::Installation],
    },
    Path {
        name: "introspection of an installation's own opaque token",
        new: |_| {
            let mut facts = world::facts();
            let (token, found) = world::opaque(&own_claims(RS2), None);
            facts.ticket = Some(found);
            facts.installation = Some(Box::new(world::installation_facts()));
            (facts, token)
        },
        go: introspect,
        hangs_on: &[Noun::TenantRow, Noun::ClientRow, Noun::Ticket, Noun::Installation],
    },
    Path {
        name: "introspection of an installation's JWT for a person",
        new: |offline| {
            let (mut facts, token) = of_grant(offline, |of| world::jwt(&claims(Some(of), RS1)));
            facts.grant = facts.grant.map(world::installed);
            (facts, token)
        },
        go: introspect,
        hangs_on: OF_INSTALLED,
    },
    Path {
        name: "userinfo by JWT",
        new: |offline| of_grant(offline, |of| world::jwt(&claims(Some(of), ISSUER))),
        go: ask_userinfo,
        hangs_on: OF_GRANT,
    },
    Path {
        name: "userinfo by opaque token",
        new: |offline| opaque(offline, ISSUER),
        go: ask_userinfo,
        hangs_on: OF_TICKET,
    },
    Path {
        name: "introspection of a JWT",
        new: |offline| of_grant(offline, |of| world::jwt(&claims(Some(of), RS1))),
        go: introspect,
        hangs_on: OF_GRANT,
    },
    Path {
        name: "introspection of an opaque token",
        new: |offline| opaque(offline, RS2),
        go: introspect,
        hangs_on: OF_TICKET,
    },
    Path {
        name: "introspection of a refresh token",
        new: |offline| of_grant(offline, |_| world::refresh_token(5)),
        go: introspect,
        hangs_on: OF_GRANT,
    },
    Path {
        name: "introspection of a client's own JWT",
        new: |_| {
            let mut facts = world::facts();
            facts.client = Some(world::client_facts(world::client()));
            (facts, world::jwt(&claims(None, RS1)))
        },
        go: introspect,
        hangs_on: &[Noun::Tenant, Noun::Client],
    },
    Path {
        name: "introspection of a client's own opaque token",
        new: |_| {
            let mut facts = world::facts();
            let (token, found) = world::opaque(&claims(None, RS2), None);
            facts.ticket = Some(found);
            (facts, token)
        },
        go: introspect,
        hangs_on: &[Noun::TenantRow, Noun::ClientRow, Noun::Ticket],
    },
    Path {
        name: "authorization by a session",
        new: |offline| {
            let mut case = AuthorizeCase::new();
            case.set("scope", scopes(offline));
            (case.facts.clone(), scopes(offline).to_owned())
        },
        go: |facts, scope| {
            let mut case = AuthorizeCase::new();
            case.set("scope", scope);
            case.set("prompt", "none");
            case.facts = facts.clone();
            match case.decide().answer {
                Ok(Step::Return(back)) => back.refused.map(Reason::code),
                Ok(_) => panic!("a page with prompt=none"),
                Err(refusal) => Some(refusal.reason.code()),
            }
        },
        hangs_on: &[
            Noun::Tenant,
            Noun::TenantRow,
            Noun::Issuer,
            Noun::Client,
            Noun::User,
            Noun::Consent,
            Noun::Session,
        ],
    },
];

const OF_GRANT: &[Noun] =
    &[Noun::TenantRow, Noun::ClientRow, Noun::User, Noun::Consent, Noun::Session, Noun::Grant];
const OF_TICKET: &[Noun] =
    &[Noun::TenantRow, Noun::ClientRow, Noun::User, Noun::Consent, Noun::Session, Noun::Grant, Noun::Ticket];

const OF_INSTALLED: &[Noun] = &[
    Noun::TenantRow,
    Noun::ClientRow,
    Noun::User,
    Noun::Consent,
    Noun::Session,
    Noun::Grant,
    Noun::Installation,
    Noun::Membership,
];

/// What an installation's token for itself says.
fn own_claims(aud: &str) -> AccessClaims {
    let found = world::installation_facts();
    let mut claims = world::access_claims(None, "rs1:read", &[aud]);
    claims.installed = InstalledClaims::of(&found);
    claims.installed.installation_epoch = Some(found.installed().epoch);
    claims
}

fn scopes(offline: bool) -> &'static str {
    if offline { "openid rs1:read offline_access" } else { "openid rs1:read" }
}

fn facts_of(case: TokenCase) -> (Facts, String) {
    let presented = serde_json::to_string(&case.form).unwrap();
    (case.facts, presented)
}

fn token(facts: &Facts, form: &str) -> Option<ErrorCode> {
    let mut case = TokenCase::client_credentials();
    case.form = serde_json::from_str(form).unwrap();
    case.shown = TokenCase::password().shown;
    case.facts = facts.clone();
    case.decide().answer.err().map(|refusal| refusal.reason.code())
}

fn claims(grant: Option<&Grant>, aud: &str) -> AccessClaims {
    world::access_claims(grant, "openid", &[aud])
}

fn of_grant(offline: bool, token: fn(&Grant) -> String) -> (Facts, String) {
    let mut facts = world::facts();
    let grant = world::grant(scopes(offline));
    let token = token(&grant);
    facts.grant = Some(world::grant_facts(grant));
    (facts, token)
}

fn opaque(offline: bool, aud: &str) -> (Facts, String) {
    let mut facts = world::facts();
    let of = world::grant_facts(world::grant(scopes(offline)));
    let (token, found) = world::opaque(&claims(Some(&of.grant), aud), Some(of));
    facts.ticket = Some(found);
    (facts, token)
}

fn ask_userinfo(facts: &Facts, token: &str) -> Option<ErrorCode> {
    let presented = Presented::read(token, &facts.issuer.id, &facts.issuer.url, &facts.keys);
    let decision = with_ctx(NOW, |ctx| userinfo::decide(&presented, facts, ctx));
    decision.answer.err().map(|refusal| refusal.reason.code())
}

/// By a caller who may ask for every token, and is alive.
fn introspect(subject: &Facts, token: &str) -> Option<ErrorCode> {
    let mut facts = world::facts();
    let mut client = world::client();
    client.id = "rs1".into();
    client.introspects_all = true;
    client.scopes = parse("");
    facts.client = Some(world::client_facts(client));
    let credentials =
        Credentials { basic: Some(Ok(("rs1".to_owned(), SECRET.to_owned()))), ..Credentials::default() };
    let request = IntrospectionRequest::new(credentials, token, &facts.issuer, &facts.keys);
    let answer = with_ctx(NOW, |ctx| request.decide(&facts, subject, ctx)).answer.unwrap();
    (!answer.active).then_some(ErrorCode::InvalidToken)
}
