//! When a refresh token is issued, when it is offline, and when it ends with the session: decided here and nowhere else.
//!
//! - A client that may use the grant type `refresh_token` gets a refresh token with every code.
//! - Asked for and allowed `offline_access` (OpenID Connect Core, section 11), the grant outlives the session.
//! - Otherwise it ends with the session: at sign-out, when the session expires, when it is revoked. Refreshing counts as use of it.

use doorward_wire::scope::Scopes;

use crate::Timestamp;
use crate::model::Client;
use crate::permission::audience::Audience;
use crate::policies::Policies;

/// How long a grant lives from its first redemption on, and whether it refreshes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetime {
    /// Whether a refresh token is issued.
    pub refreshes: bool,
    /// Idle lifetime in milliseconds.
    pub idle_ms: i64,
    /// Absolute end.
    pub expires_at: Timestamp,
}

/// Whether a grant of these scopes to this client outlives its session.
pub fn is_offline(scopes: &Scopes, client: &Client) -> bool {
    refreshes(client) && scopes.contains("offline_access")
}

/// Whether the client gets refresh tokens at all.
pub fn refreshes(client: &Client) -> bool {
    client.may_use("refresh_token")
}

/// The lifetime of a grant that is redeemed at `now`. One that does not refresh lives as long as its access token.
pub fn of_grant(client: &Client, audience: &Audience, now: Timestamp) -> Lifetime {
    let lifetimes = &client.lifetimes;
    if refreshes(client) {
        Lifetime {
            refreshes: true,
            idle_ms: lifetimes.refresh_idle_s.saturating_mul(1000),
            expires_at: now.plus_s(lifetimes.refresh_absolute_s),
        }
    } else {
        of_tokens(client, audience, now)
    }
}

/// The lifetime of a grant that does not refresh: that of its longest token.
pub fn of_tokens(client: &Client, audience: &Audience, now: Timestamp) -> Lifetime {
    let idle_s = audience.lifetime_s.max(client.lifetimes.id_token_s);
    Lifetime { refreshes: false, idle_ms: idle_s.saturating_mul(1000), expires_at: now.plus_s(idle_s) }
}

/// Seconds that an ID token lives. One that APIs take says no more than its grant can hold.
pub fn of_id_token(client: &Client, policies: &Policies) -> i64 {
    let lifetimes = &client.lifetimes;
    match policies.id_tokens.are_borne && refreshes(client) {
        true => lifetimes.id_token_s.min(lifetimes.refresh_idle_s).min(lifetimes.refresh_absolute_s),
        false => lifetimes.id_token_s,
    }
}

/// When a code may be forgotten: at its grant's latest possible end, at most a day later, so that its replay is known till then.
pub fn code_forgotten_at(client: &Client, now: Timestamp) -> Timestamp {
    let longest = client.lifetimes.refresh_absolute_s.max(client.lifetimes.access_token_s);
    now.plus_s(longest.min(86_400)).max(now.plus_s(client.lifetimes.code_s))
}
