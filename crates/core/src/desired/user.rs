//! A person as they are desired.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::belonging::ids;
use super::problem::{At, Problems};
use super::{CurrentUser, is_default, since, switch};
use crate::id::{RoleId, TenantId, UserId};
use crate::model::{Profile, User};
use crate::{Ctx, Timestamp};
use doorward_crypto::password::policy::Policy;
use doorward_crypto::secret::SecretString;
use doorward_crypto::{base62, password};
use doorward_wire::claims::{ADDRESS, Address, PHONE, PROFILE, name};
use doorward_wire::resource::Resource;
use doorward_wire::text::{DisplayName, Email, Locale, UserName};

/// A person of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// Their id, the `sub` of tokens: `usr_` and letters or digits. Made when absent; people are then known by user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// The name they sign in with: letters of one script, digits and `. _ - +`, at most 64 characters. No `@`: an address goes to
    /// `email`, by which they sign in as well.
    pub user_name: String,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The address was shown to be theirs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub email_verified: bool,
    /// Standard claims (OpenID Connect Core, section 5.1), by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub profile: Profile,
    /// They may do nothing. Their sessions and grants stay dead when this is taken back. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// They may not sign in or be issued anything, for now. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Their roles in the whole tenant. Absent: as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<BTreeSet<RoleId>>,
    /// They administer the server.
    #[serde(default, skip_serializing_if = "is_default")]
    pub administrator: bool,
    /// Their id in the system that brings people in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The version of that system's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_version: Option<i64>,
    /// Their password. Never written.
    #[serde(default, skip_serializing)]
    pub password: Option<SecretString>,
    /// The hash of their password, ours or another system's; the one they have is left alone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
}

/// The canonical forms of what a person signs in with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Names {
    pub user_name: UserName,
    pub email: Option<Email>,
}

impl UserSpec {
    /// The person as they are.
    pub(super) fn of(found: &CurrentUser) -> Self {
        let user = &found.user;
        Self {
            id: Some(user.id.clone()),
            user_name: user.user_name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified_at.is_some(),
            profile: user.profile.clone(),
            disabled: switch(None, user.disabled_at.is_some()),
            locked: switch(None, user.locked_at.is_some()),
            roles: Some(ids(&found.roles)),
            administrator: user.administrator_since.is_some(),
            external_id: user.external_id.clone(),
            external_version: user.external_version,
            password: None,
            password_hash: found.password.as_ref().map(|credential| credential.data.clone()),
        }
    }

    /// With what is left to what is there filled in, and names in the form that is stored. Passwords are settled before.
    pub(super) fn filled(&self, before: Option<&CurrentUser>) -> Self {
        let stored =
            || before.and_then(|found| found.password.as_ref()).map(|credential| credential.data.clone());
        Self {
            id: self.id.clone().or_else(|| before.map(|found| found.user.id.clone())),
            user_name: UserName::parse(&self.user_name)
                .map_or_else(|_| self.user_name.clone(), |name| name.as_str().to_owned()),
            email: self.email.as_ref().map(|text| {
                Email::parse(text).map_or_else(|_| text.clone(), |email| email.as_str().to_owned())
            }),
            disabled: switch(self.disabled, before.is_some_and(|found| found.user.disabled_at.is_some())),
            locked: switch(self.locked, before.is_some_and(|found| found.user.locked_at.is_some())),
            roles: Some(
                self.roles
                    .clone()
                    .unwrap_or_else(|| before.map(|found| ids(&found.roles)).unwrap_or_default()),
            ),
            password: None,
            password_hash: self.password_hash.clone().or_else(stored),
            ..self.clone()
        }
    }

    /// Their row; `made` is the id of one who is made. A person who is disabled now, or whose password is replaced, has no session or grant from before.
    pub(super) fn onto(
        &self,
        tenant: &TenantId,
        names: &Names,
        made: UserId,
        before: Option<&CurrentUser>,
        now: Timestamp,
    ) -> User {
        let stored = before.and_then(|found| found.password.as_ref()).map(|credential| &credential.data);
        let before = before.map(|found| &found.user);
        let cuts = (self.disabled == Some(true) && before.is_some_and(|user| user.disabled_at.is_none()))
            || (stored.is_some() && stored != self.password_hash.as_ref());
        let kept = |pick: fn(&User) -> Option<Timestamp>| before.and_then(pick);
        let same_address =
            before.is_some_and(|user| user.email_key.as_deref() == names.email.as_ref().map(Email::key));
        User {
            tenant: tenant.clone(),
            id: before.map_or(made, |user| user.id.clone()),
            user_name: names.user_name.as_str().to_owned(),
            user_name_key: names.user_name.key().to_owned(),
            email: names.email.as_ref().map(|email| email.as_str().to_owned()),
            email_key: names.email.as_ref().map(|email| email.key().to_owned()),
            email_verified_at: since(
                kept(|user| user.email_verified_at).filter(|_| same_address),
                self.email_verified,
                now,
            ),
            profile: self.profile.clone(),
            disabled_at: since(kept(|user| user.disabled_at), self.disabled, now),
            locked_at: since(kept(|user| user.locked_at), self.locked, now),
            password_due_at: kept(|user| user.password_due_at),
            // What was begun in this very millisecond was begun before.
            valid_from: if cuts { Some(now.plus_ms(1)) } else { kept(|user| user.valid_from) },
            administrator_since: since(kept(|user| user.administrator_since), self.administrator, now),
            external_id: self.external_id.clone(),
            external_version: self.external_version,
            imported_hash: before.and_then(|user| user.imported_hash.clone()),
            version: before.map_or(0, |user| user.version),
            created_at: before.map_or(now, |user| user.created_at),
            updated_at: now,
        }
    }

    /// The canonical names, when nothing is wrong with them.
    /// `called` is what the tenant is called and the person so far, `least` how many characters a new password has.
    pub(super) fn check(
        &self,
        (called, least): (&[&str], usize),
        at: &At,
        problems: &mut Problems,
    ) -> Option<Names> {
        if let Some(id) = &self.id {
            let fine = id.0.strip_prefix(UserId::PREFIX).is_some_and(|rest| {
                (8..=200).contains(&rest.len())
                    && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            });
            problems.expect(
                fine,
                &at.field("id"),
                "must be 'usr_' and 8 to 200 letters, digits, '-' and '_'",
            );
        }
        let user_name = problems.take(&at.field("user_name"), UserName::explained(&self.user_name));
        let email = self.email.as_ref().map(|text| problems.take(&at.field("email"), Email::parse(text)));
        problems.expect(
            !self.email_verified || self.email.is_some(),
            &at.field("email_verified"),
            "there is no address to be verified",
        );
        check_external_id(self.external_id.as_deref(), at, problems);
        check_external_version(self.external_version, at, problems);
        self.check_password(called, least, at, problems);
        self.check_profile(&at.field("profile"), problems);
        match (user_name, email) {
            (Some(user_name), None) => Some(Names { user_name, email: None }),
            (Some(user_name), Some(Some(email))) => Some(Names { user_name, email: Some(email) }),
            (None, _) | (Some(_), Some(None)) => None,
        }
    }

    fn check_password(&self, called: &[&str], least: usize, at: &At, problems: &mut Problems) {
        problems.expect(
            self.password.is_none() || self.password_hash.is_none(),
            &at.field("password"),
            "give either password or password_hash",
        );
        if let Some(plain) = &self.password {
            let own = [Some(self.user_name.as_str()), self.email.as_deref(), self.profile.text(name::NAME)];
            let names = own.into_iter().chain(called.iter().copied().map(Some));
            let names: Vec<&str> = names.flatten().filter(|name| !name.is_empty()).collect();
            let policy = Policy { min_length: least, names: &names };
            problems.take(&at.field("password"), policy.judge(plain.expose()));
        }
        if let Some(phc) = &self.password_hash {
            // No password is tried: this only asks whether the text is a hash that could be verified against.
            problems.take(&at.field("password_hash"), password::check(phc));
        }
    }

    fn check_profile(&self, at: &At, problems: &mut Problems) {
        for (claim, value) in &self.profile.0 {
            let at = at.field(claim);
            let known = [PROFILE, ADDRESS, PHONE].iter().any(|claims| claims.contains(&claim.as_str()))
                && claim != name::UPDATED_AT;
            if !known {
                problems.add(
                    &at,
                    "is not a standard claim that can be set here (OpenID Connect Core, section 5.1)",
                );
                continue;
            }
            if claim == name::ADDRESS {
                check_address(value, &at, problems);
            } else if let Err(what) = check_claim(claim, value) {
                problems.add(&at, what);
            }
        }
    }
}

/// An id in the system that brings objects in.
pub(super) fn check_external_id(id: Option<&str>, at: &At, problems: &mut Problems) {
    problems.expect(
        id.is_none_or(|id| (1..=200).contains(&id.len()) && !id.chars().any(char::is_control)),
        &at.field("external_id"),
        "must be 1 to 200 bytes without control characters",
    );
}

/// The version of a record there.
pub(super) fn check_external_version(version: Option<i64>, at: &At, problems: &mut Problems) {
    problems.expect(
        version.is_none_or(|version| version >= 0),
        &at.field("external_version"),
        "must not be negative",
    );
}

/// Each member by itself (OpenID Connect Core, section 5.1.1).
fn check_address(value: &Value, at: &At, problems: &mut Problems) {
    let Value::Object(members) = value else { return problems.add(at, "must be an object") };
    for (member, value) in members {
        let alone = serde_json::json!({ member: value });
        let text = value.as_str();
        if let Err(error) = serde_json::from_value::<Address>(alone) {
            let what = if text.is_some() { error.to_string() } else { "must be a text".to_owned() };
            problems.add(&at.field(member), what);
        } else if text.is_some_and(|text| {
            text.len() > LONGEST_CLAIM || text.chars().any(|c| c.is_control() && c != '\n')
        }) {
            problems.add(
                &at.field(member),
                "must be at most 1024 bytes without control characters but line ends",
            );
        }
    }
}

fn check_claim(claim: &str, value: &Value) -> Result<(), String> {
    if claim == name::PHONE_NUMBER_VERIFIED {
        return if value.is_boolean() { Ok(()) } else { Err("must be true or false".to_owned()) };
    }
    let text = value.as_str().ok_or("must be a text")?;
    if text.is_empty() || text.len() > LONGEST_CLAIM || text.chars().any(char::is_control) {
        return Err("must be 1 to 1024 bytes without control characters".to_owned());
    }
    match claim {
        name::PROFILE | name::PICTURE | name::WEBSITE => {
            let is_url = text.starts_with("https://") || text.starts_with("http://");
            let fine = is_url && Resource::parse(text.split('#').next().unwrap_or_default()).is_ok();
            if fine { Ok(()) } else { Err("must be an http or https URL".to_owned()) }
        }
        name::LOCALE => Locale::parse(text).map(|_| ()).map_err(|error| error.to_string()),
        name::NAME => DisplayName::parse(text).map(|_| ()).map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}

/// A new person's id: `usr_` and 128 random bits in 22 letters and digits.
pub fn fresh_id(ctx: &mut Ctx<'_>) -> UserId {
    let random: [u8; 16] = ctx.bytes();
    UserId(format!("{}{}", UserId::PREFIX, base62::encode_fixed(&random, 22)))
}

/// Bytes of one claim.
const LONGEST_CLAIM: usize = 1024;
/// Characters of a new password where the server's settings do not ask for more (NIST SP 800-63B, section 5.1.1.1).
pub const LEAST_PASSWORD: usize = 8;
