//! Settling: what a document says in the clear becomes what is stored, and what it leaves to the server is made. After it a
//! state holds hashes only, so that an unchanged document plans nothing.

use std::collections::HashSet;

use super::problem::{At, Problems};
use super::secret::{SecretSpec, Wish, counts};
use super::{ClientSpec, Current, CurrentTenant, CurrentUser, State, TenantSpec, UserSpec};
use crate::id::{ClientId, TenantId};
use crate::{Ctx, Timestamp};
use doorward_crypto::digest;
use doorward_crypto::password;
use doorward_crypto::secret::SecretString;
use doorward_wire::text::UserName;

/// A secret that was made because the document asked for one. It is shown once.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose secret.
    pub client: ClientId,
    /// The secret.
    pub secret: SecretString,
}

/// Replaces passwords and secrets by what is stored of them. `hash` is given a password in its normal form, and the PHC string
/// that is stored for the person, if any; it answers that same string when the password fits it, else a fresh one. It takes
/// long: call this off the threads that serve requests. What is malformed is left for [`super::plan()`] to tell.
pub fn settle(
    state: &mut State,
    current: &Current,
    least_password: usize,
    hash: &mut dyn FnMut(&str, Option<&str>) -> String,
    ctx: &mut Ctx<'_>,
) -> Result<Vec<Generated>, Problems> {
    let mut problems = Problems::default();
    for tenant in &state.tenants {
        let at = At::tenant(tenant.id.as_str());
        let found = current.tenant(&tenant.id);
        let stored = found.map(|found| found.tenant.name.as_str());
        let service = tenant.name.as_deref().or(stored).unwrap_or(tenant.id.as_str());
        for client in tenant.clients.iter().flatten() {
            client.check(&at.item("clients", &client.id), &mut problems);
        }
        for user in tenant.users.iter().flatten() {
            let mut called = vec![service];
            called.extend(known(user, found).into_iter().flat_map(|known| known.user.called()));
            user.check((&called, least_password), &at.item("users", &user.user_name), &mut problems);
        }
    }
    if !problems.0.is_empty() {
        return Err(with_the_rest(problems, state, current, ctx.now));
    }
    let mut generated = Vec::new();
    for tenant in &mut state.tenants {
        let found = current.tenant(&tenant.id);
        for client in tenant.clients.iter_mut().flatten() {
            if let Some(secret) = settle_secrets(client, found, ctx) {
                generated.push(Generated { tenant: tenant.id.clone(), client: client.id.clone(), secret });
            }
        }
        generated.extend(settle_extensions(tenant, found, ctx));
        for user in tenant.users.iter_mut().flatten() {
            settle_password(user, found, hash);
        }
    }
    Ok(generated)
}

/// What is wrong with what is not settled is told together with all else that is.
fn with_the_rest(mut problems: Problems, state: &State, current: &Current, now: Timestamp) -> Problems {
    if let Err(others) = super::plan(current, state, false, now) {
        let told: HashSet<String> = problems.0.iter().map(|problem| problem.at.clone()).collect();
        problems.0.extend(others.0.into_iter().filter(|other| !told.contains(&other.at)));
    }
    problems
}

fn settle_secrets(
    client: &mut ClientSpec,
    found: Option<&CurrentTenant>,
    ctx: &mut Ctx<'_>,
) -> Option<SecretString> {
    if let Some(secrets) = &mut client.secrets {
        for secret in secrets {
            if let (Some(digest), ends) = (secret.digest(), secret.ends()) {
                *secret = SecretSpec::hashed(&digest, ends);
            }
        }
    }
    let Some(Wish::Generate) = client.secret.take() else { return None };
    let has_one = found
        .and_then(|tenant| tenant.clients.iter().find(|known| known.client.id == client.id))
        .is_some_and(|known| known.secrets.iter().any(|secret| counts(secret, ctx.now)));
    if has_one {
        return None;
    }
    let secret = fresh_secret(ctx);
    client.secrets = Some(vec![SecretSpec::hashed(&digest::sha256(secret.expose().as_bytes()), None)]);
    Some(secret)
}

/// Secrets of the clients that are made with their extensions.
fn settle_extensions(
    tenant: &mut TenantSpec,
    found: Option<&CurrentTenant>,
    ctx: &mut Ctx<'_>,
) -> Vec<Generated> {
    let mut known: HashSet<ClientId> =
        found.into_iter().flat_map(|found| &found.clients).map(|known| known.client.id.clone()).collect();
    known.extend(tenant.clients.iter().flatten().map(|client| client.id.clone()));
    let mut generated = Vec::new();
    for extension in tenant.extensions.iter_mut().flatten().filter(|wish| !known.contains(&wish.id.client()))
    {
        let secret = fresh_secret(ctx);
        extension.client_secret = Some(SecretSpec::hashed(&digest::sha256(secret.expose().as_bytes()), None));
        generated.push(Generated { tenant: tenant.id.clone(), client: extension.id.client(), secret });
    }
    generated
}

fn settle_password(
    user: &mut UserSpec,
    found: Option<&CurrentTenant>,
    hash: &mut dyn FnMut(&str, Option<&str>) -> String,
) {
    let Some(plain) = user.password.take() else { return };
    let Ok(normal) = password::normalise(plain.expose()).map(SecretString::new) else { return };
    let stored = known(user, found)
        .and_then(|known| known.password.as_ref())
        .map(|credential| credential.data.as_str());
    user.password_hash = Some(hash(normal.expose(), stored));
}

/// Whom a spec is about, where they are there.
fn known<'a>(user: &UserSpec, found: Option<&'a CurrentTenant>) -> Option<&'a CurrentUser> {
    let key = UserName::parse(&user.user_name).ok();
    found.into_iter().flat_map(|tenant| &tenant.users).find(|known| match (&user.id, &key) {
        (Some(id), _) => known.user.id == *id,
        (None, Some(name)) => known.user.user_name_key == name.key(),
        (None, None) => false,
    })
}

/// A client's secret that the server makes: 256 random bits behind a prefix that secret scanners find.
pub fn fresh_secret(ctx: &mut Ctx<'_>) -> SecretString {
    ctx.secret("dwk_")
}
