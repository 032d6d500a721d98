//! The second factor: one-time codes of an authenticator app, recovery codes in its place, and who must have it.
//!
//! A person who has one is asked for it whenever they sign in, whatever the tenant says: a setting takes no protection away that a
//! person chose. Until the code is there nothing is opened, and nothing is stored: the first step travels sealed in the form.

pub mod enrol;
pub mod manage;
pub mod proof;
pub mod reset;
pub mod step;

use serde::{Deserialize, Serialize};

use crate::login::acr::OTP;
use crate::model::tenant::SecondFactor;
use crate::model::{Credential, Session, Tenant, User};
use crate::permission::Permission;
use crate::permission::held::ADMIN_DOMAIN;
use crate::{Ctx, Effect, Facts};
use doorward_crypto::recovery::RecoveryCode;

/// What a person can show beside their password.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Factors {
    /// Their authenticator app.
    pub totp: Option<Credential>,
    /// Their recovery codes.
    pub recovery: Option<Credential>,
    /// When they were told last that their account is closed.
    pub told_closed: Option<Credential>,
}

/// What is stored of an authenticator app.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Totp {
    /// The seed, sealed with the tenant's data key, base64url.
    pub sealed: String,
    /// The newest step whose code was used: none up to it counts again.
    pub last_step: i64,
}

/// What is stored of recovery codes: hashes of those that are left.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recovery(pub Vec<String>);

impl Factors {
    /// Of a person's credentials, in whatever order.
    pub fn of(credentials: impl IntoIterator<Item = Credential>) -> Self {
        let mut factors = Self::default();
        for credential in credentials {
            match credential.kind.as_str() {
                TOTP => factors.totp = Some(credential),
                RECOVERY => factors.recovery = Some(credential),
                TOLD_CLOSED => factors.told_closed = Some(credential),
                _ => {}
            }
        }
        factors
    }

    /// Whether there is a second factor. Recovery codes alone are none.
    pub fn is_there(&self) -> bool {
        self.totp.is_some()
    }

    /// The authenticator app as it is stored.
    pub fn stored(&self) -> Option<Totp> {
        Totp::of(self.totp.as_ref()?)
    }

    /// Recovery codes that are left.
    pub fn codes_left(&self) -> usize {
        self.recovery.as_ref().map_or(0, |credential| Recovery::of(credential).0.len())
    }
}

impl Totp {
    /// What a credential holds.
    pub fn of(credential: &Credential) -> Option<Self> {
        serde_json::from_str(&credential.data).ok()
    }

    fn data(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Recovery {
    /// What a credential holds.
    pub fn of(credential: &Credential) -> Self {
        serde_json::from_str(&credential.data).unwrap_or_default()
    }

    /// Fresh codes: what is stored of them, and what the person is shown once.
    fn fresh(user: &User, ctx: &mut Ctx<'_>) -> (Effect, Vec<String>) {
        let codes: Vec<RecoveryCode> = (0..CODES).map(|_| RecoveryCode::generate(ctx.rng)).collect();
        let stored = Self(codes.iter().map(RecoveryCode::hash).collect());
        let effect = Effect::PutCredential(credential(user, RECOVERY, stored.data(), ctx));
        (effect, codes.iter().map(RecoveryCode::shown).collect())
    }

    fn data(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Whether a sign-in of this person is to show a second factor: whoever has one is asked for it, whoever must have one sets it up.
pub fn is_expected(facts: &Facts, user: &User) -> bool {
    facts.factors.is_there() || is_required(facts, user)
}

/// Whether this person must have a second factor before anything is issued: the tenant says so, or a role that they have, be it in
/// one context only. Whoever may administer anything is an administrator, be it by a role.
pub fn is_required(facts: &Facts, user: &User) -> bool {
    let by_role = || {
        let held = facts.held.as_ref();
        held.is_some_and(|held| held.roles.iter().any(|role| role.requires_second_factor))
    };
    match facts.tenant.settings.second_factor {
        SecondFactor::Off => false,
        SecondFactor::Optional => by_role(),
        SecondFactor::Administrators => {
            let held = facts.held.as_ref().map_or(&[][..], |held| &held.roles);
            user.administrator_since.is_some()
                || held.iter().any(|role| administers(&role.permissions))
                || by_role()
        }
        SecondFactor::Required => true,
    }
}

/// Whether these permissions let their holder administer anything.
pub fn administers<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> bool {
    permissions.into_iter().any(|permission| permission.domain() == ADMIN_DOMAIN)
}

/// Whether somebody who is signed in has a factor and has not shown it in this session. What they do to their account asks for the
/// password beside it, so that a code that followed a link is as good as one that followed a password.
pub fn is_due(facts: &Facts, session: &Session) -> bool {
    facts.factors.is_there() && !session.factors.iter().any(|factor| factor.method == OTP)
}

/// Whether people of this tenant may enrol one.
pub fn is_offered(tenant: &Tenant) -> bool {
    tenant.settings.second_factor != SecondFactor::Off
}

fn credential(user: &User, kind: &str, data: String, ctx: &Ctx<'_>) -> Credential {
    Credential {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        kind: kind.to_owned(),
        data,
        created_at: ctx.now,
    }
}

/// The kind of the credential of an authenticator app.
pub const TOTP: &str = "totp";
/// The kind of the credential of recovery codes.
pub const RECOVERY: &str = "recovery";
/// The kind of the credential that says when they were told that their account is closed.
pub const TOLD_CLOSED: &str = "told_closed";
/// Recovery codes of a person.
pub const CODES: usize = 10;
/// Seconds between the steps of a sign-in, and between showing a seed and its first code.
pub const STEPS_S: i64 = 600;
