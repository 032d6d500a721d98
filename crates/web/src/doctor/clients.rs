//! Clients that deviate from the best current practice (RFC 9700), each with the section.

use doorward_core::client_auth::shared_secret;
use doorward_core::model::legacy::OF_CLIENTS;
use doorward_core::model::{Client, ClientSecret, Issuer, RefreshPolicy, SecretState, Tenant};
use doorward_store::{Fault, Store};

use super::{Finding, Severity, several};
use crate::console;

pub(super) async fn look(store: &Store, tenant: &Tenant) -> Result<Vec<Finding>, Fault> {
    let clients = store.clients(&tenant.id).await?;
    let all_secrets = store.secrets_of_all(&tenant.id).await?;
    let old = store.now().plus_s(-OLD_SECRET_S);
    let is_aged = |client: &&&Client| {
        let secrets = all_secrets.get(&client.id).into_iter().flatten();
        !client.is_public()
            && secrets.filter(|secret| secret.expires_at.is_none()).any(|secret| secret.created_at < old)
    };
    // The console's own is put right by itself, and is in no state file that somebody could change.
    let is_looked_at =
        |client: &&Client| client.disabled_at.is_none() && client.id.as_str() != console::client::ID;
    let on: Vec<&Client> = clients.iter().filter(is_looked_at).collect();
    let mut findings = deviations(&on);
    let issuers = store.issuers_of(&tenant.id).await?;
    let secrets_of = |client: &Client| all_secrets.get(&client.id).map_or(&[][..], Vec::as_slice);
    let sharing: Vec<&Client> =
        on.iter().filter(|client| shares(client, secrets_of(client), &issuers)).copied().collect();
    findings.extend(common_secret(&sharing));
    let now = store.now();
    let lacks_secret = |client: &&&Client| {
        let mut secrets = secrets_of(client).iter();
        let shows = shows_secret(client) || client.auth_method == shared_secret::METHOD.name;
        shows
            && !secrets.any(|secret| secret.expires_at.is_none_or(|end| now < end))
            && !shares(client, secrets_of(client), &issuers)
    };
    let secretless: Vec<&Client> = on.iter().filter(lacks_secret).copied().collect();
    if let Some(first) = secretless.first() {
        findings.push(Finding::warning(
            "clients.no_secret",
            format!("{}: it has no secret that works, so that it cannot authenticate", named(&secretless)),
            format!("doorward client add-secret {} --tenant {}", first.id, tenant.id),
        ));
    }
    let aged: Vec<&Client> = on.iter().filter(is_aged).copied().collect();
    if let Some(first) = aged.first() {
        findings.push(Finding::note(
            "clients.old_secret",
            format!("{}: a secret is older than a year", named(&aged)),
            format!("doorward client add-secret {} --tenant {} --retire-others 86400", first.id, tenant.id),
        ));
    }
    Ok(findings)
}

/// What of clients of a tenant deviates: each rule once, with those that break it.
pub(super) fn deviations(clients: &[&Client]) -> Vec<Finding> {
    let finding = |rule: &Rule| {
        let breaking: Vec<&Client> =
            clients.iter().filter(|client| (rule.deviates)(client)).copied().collect();
        (!breaking.is_empty()).then(|| Finding {
            severity: rule.severity,
            check: rule.check.to_owned(),
            what: format!("{}: {} ({})", named(&breaking), rule.what, rule.section),
            fix: rule.fix.to_owned(),
        })
    };
    RULES.iter().filter_map(finding).chain(given_up(clients)).collect()
}

/// What clients may do that the specifications have given up, one finding for each switch.
fn given_up(clients: &[&Client]) -> impl Iterator<Item = Finding> {
    OF_CLIENTS.iter().filter_map(|row| {
        let on: Vec<&Client> = clients.iter().filter(|client| (row.is_on)(client)).copied().collect();
        (!on.is_empty()).then(|| {
            Finding::warning(
                "clients.legacy",
                format!("{}: {} ({})", named(&on), row.risk, row.section),
                format!("in the state file, without {}, once nothing needs it", row.switch),
            )
        })
    })
}

/// Whether a client shows the secret of an issuer of its, because it has none of its own.
pub(super) fn shares(client: &Client, own: &[ClientSecret], issuers: &[Issuer]) -> bool {
    client.may_authenticate_by(shared_secret::METHOD.name)
        && own.iter().all(|secret| secret.state == SecretState::Pending)
        && issuers.iter().any(|issuer| issuer.shared_secret.is_some() && client.issuers.contains(&issuer.id))
}

/// Clients that show a secret which others show too.
pub(super) fn common_secret(sharing: &[&Client]) -> Option<Finding> {
    let first = sharing.first()?;
    Some(Finding::warning(
        "clients.common_secret",
        format!(
            "{}: it shows the secret that the clients of its issuer share, and whoever has that passes for any of them (RFC 9700, 2.5)",
            named(sharing)
        ),
        format!(
            "doorward client add-secret {} --tenant {}: it shows that one from then on",
            first.id, first.tenant
        ),
    ))
}

fn named(clients: &[&Client]) -> String {
    let tenant = clients.first().map(|client| client.tenant.as_str()).unwrap_or_default();
    let names: Vec<String> = clients.iter().map(|client| client.id.to_string()).collect();
    let noun = if names.len() == 1 { "client" } else { "clients" };
    let each = if names.len() == 1 { "" } else { ", each of them" };
    format!("{noun} {} ({tenant}){each}", several(&names))
}

struct Rule {
    check: &'static str,
    severity: Severity,
    section: &'static str,
    what: &'static str,
    fix: &'static str,
    deviates: fn(&Client) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        check: "clients.pkce",
        severity: Severity::Warning,
        section: "RFC 9700, 2.1.1",
        what: "it need not use PKCE, so that a code that was stolen can be injected into its sessions",
        fix: "let it send code_challenge, then in the state file: require_pkce: true",
        deviates: |client| uses_codes(client) && !client.is_public() && !client.require_pkce,
    },
    Rule {
        check: "clients.plain_redirect",
        severity: Severity::Error,
        section: "RFC 9700, 2.6",
        what: "a redirect URI is http, and not on a loopback address: its codes cross the network in the clear",
        fix: "in the state file: redirect_uris with https",
        deviates: |client| {
            client
                .redirect_uris
                .iter()
                .any(|uri| uri.as_str().starts_with("http:") && !is_loopback(uri.as_str()))
        },
    },
    Rule {
        check: "clients.localhost",
        severity: Severity::Note,
        section: "RFC 8252, 8.3",
        what: "a redirect URI names localhost, which a machine's name service may lead elsewhere",
        fix: "in the state file: 127.0.0.1 or [::1] in place of localhost",
        deviates: |client| {
            client.redirect_uris.iter().any(|uri| uri.as_str().starts_with("http://localhost"))
        },
    },
    Rule {
        check: "clients.own_scheme",
        severity: Severity::Note,
        section: "RFC 8252, 8.1",
        what: "a redirect URI has a scheme that another application on the device may claim too",
        fix: "where the platform can: an https redirect that is claimed by the application",
        deviates: |client| client.redirect_uris.iter().any(|uri| !uri.as_str().starts_with("http")),
    },
    Rule {
        check: "clients.unseen_consent",
        severity: Severity::Warning,
        section: "RFC 8252, 8.6",
        what: "it is first_party, so that nobody is asked, and it can be impersonated: it is public and its redirects are not https",
        fix: "in the state file: first_party: false",
        deviates: |client| {
            client.first_party
                && client.is_public()
                && client.redirect_uris.iter().any(|uri| !uri.as_str().starts_with("https:"))
        },
    },
    Rule {
        check: "clients.refresh_reuse",
        severity: Severity::Note,
        section: "RFC 9700, 4.14.2",
        what: "its refresh tokens are not replaced when they are used, so that a stolen one is not noticed",
        fix: "in the state file: refresh_policy: rotate",
        deviates: |client| client.may_use("refresh_token") && client.refresh_policy == RefreshPolicy::Reuse,
    },
    Rule {
        check: "clients.refresh_lifetime",
        severity: Severity::Warning,
        section: "RFC 9700, 4.14.2",
        what: "a refresh token that nobody uses lives longer than 90 days",
        fix: "in the state file: lifetimes: { refresh_idle_s: 2592000 }",
        deviates: |client| client.may_use("refresh_token") && client.lifetimes.refresh_idle_s > 90 * DAY_S,
    },
    Rule {
        check: "clients.code_lifetime",
        severity: Severity::Warning,
        section: "RFC 6749, 4.1.2",
        what: "its codes live longer than ten minutes",
        fix: "in the state file: lifetimes: { code_s: 60 }",
        deviates: |client| uses_codes(client) && client.lifetimes.code_s > 600,
    },
    Rule {
        check: "clients.token_lifetime",
        severity: Severity::Warning,
        section: "RFC 6750, 5.3",
        what: "its access tokens live longer than an hour",
        fix: "in the state file: lifetimes: { access_token_s: 600 }; a refresh token is for longer work",
        deviates: |client| client.lifetimes.access_token_s > 3600,
    },
    Rule {
        check: "clients.id_token_lifetime",
        severity: Severity::Warning,
        section: "RFC 9700, 2.3",
        what: "its ID tokens live longer than a day: where they open an API, whoever gets hold of one has that long",
        fix: "in the state file: lifetimes: { id_token_s: 600 }",
        deviates: |client| client.lifetimes.id_token_s > DAY_S,
    },
    Rule {
        check: "clients.shared_secret",
        severity: Severity::Note,
        section: "RFC 9700, 2.5",
        what: "it shows a secret that whoever sees it can use; a key pair is recommended",
        fix: "in the state file: auth_method: private_key_jwt, with jwks or jwks_uri",
        deviates: shows_secret,
    },
    Rule {
        check: "clients.secret_in_body",
        severity: Severity::Note,
        section: "RFC 6749, 2.3.1",
        what: "it may send its secret in the body, which is for clients that cannot use HTTP Basic",
        fix: "in the state file: auth_method: client_secret_basic, and also_auth_methods without client_secret_post",
        deviates: |client| client.may_authenticate_by("client_secret_post"),
    },
    Rule {
        check: "clients.introspects_all",
        severity: Severity::Note,
        section: "RFC 9700, 2.3",
        what: "it may look into every token of its tenant",
        fix: "in the state file: introspects, with the APIs that it stands for, and introspects_all: false",
        deviates: |client| client.introspects_all,
    },
];

fn shows_secret(client: &Client) -> bool {
    !client.is_public() && client.auth_method.starts_with("client_secret")
}

fn uses_codes(client: &Client) -> bool {
    client.may_use("authorization_code")
}

fn is_loopback(uri: &str) -> bool {
    ["http://127.0.0.1", "http://[::1]", "http://localhost"].iter().any(|start| {
        uri.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    })
}

const DAY_S: i64 = 86_400;
const OLD_SECRET_S: i64 = 365 * DAY_S;
