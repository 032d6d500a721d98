//! `user`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use doorward_core::desired::Kind;
use doorward_core::id::{ContextId, RoleId};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base62, password};

use super::{ask, secret_input};
use crate::cli::{Common, CreateUser, Invite, Named, Password, User};
use crate::failure::{Exit, Failure};
use crate::operator::{Aid, Generated, Order};

/// `user …`.
pub async fn run(command: User) -> Result<(), Failure> {
    match command {
        User::List(of) => ask::ask(&of.common, Order::List { tenant: of.tenant, kind: Kind::User }).await,
        User::Show(named) => {
            let order = Order::Show { tenant: named.of.tenant, kind: Kind::User, name: named.name };
            ask::ask(&named.of.common, order).await
        }
        User::Create(create) => make(create).await,
        User::Import(import) => super::import::run(import).await,
        User::SetupLink(of) => ask::ask(&of.common, Order::SetUpLink { tenant: of.tenant }).await,
        User::ResetLink(named) => help(named, Aid::ResetLink).await,
        User::SignInLink(named) => help(named, Aid::SignInLink).await,
        User::EndSessions(named) => help(named, Aid::EndSessions).await,
        User::RequirePassword(named) => help(named, Aid::RequirePassword).await,
        User::Invite(invite) => self::invite(invite).await,
        User::Invitations(of) => ask::ask(&of.common, Order::Invitations { tenant: of.tenant }).await,
        User::WithdrawInvitation { id, of } => {
            ask::ask(&of.common, Order::WithdrawInvitation { tenant: of.tenant, id }).await
        }
        User::Disable(named) => set(named, "disabled", json!(true)).await,
        User::Enable(named) => set(named, "disabled", json!(false)).await,
        User::Lock(named) => set(named, "locked", json!(true)).await,
        User::Unlock(named) => set(named, "locked", json!(false)).await,
        User::SetPassword { of, password } => set_password(of, &password).await,
        User::ResetFactor(named) => {
            let order = Order::ResetFactor { tenant: named.of.tenant, name: named.name };
            ask::ask(&named.of.common, order).await
        }
        User::Remove(named) => {
            let order = Order::Remove { tenant: named.of.tenant, kind: Kind::User, name: named.name };
            ask::ask(&named.of.common, order).await
        }
    }
}

async fn help(named: Named, act: Aid) -> Result<(), Failure> {
    let order = Order::Help { tenant: named.of.tenant, name: named.name, act };
    ask::ask(&named.of.common, order).await
}

async fn invite(invite: Invite) -> Result<(), Failure> {
    let ids = |roles: &str| roles.split(',').filter(|id| !id.is_empty()).map(RoleId::from).collect();
    let contexts = invite.contexts.iter().map(|text| match text.split_once('=') {
        Some((context, roles)) => (ContextId::from(context), ids(roles)),
        None => (ContextId::from(text.as_str()), BTreeSet::new()),
    });
    let order = Order::Invite {
        tenant: invite.of.tenant,
        by_mail: invite.mail,
        email: invite.email,
        name: invite.display_name,
        roles: invite.roles.iter().map(|id| RoleId::from(id.as_str())).collect(),
        contexts: contexts.collect(),
    };
    ask::ask(&invite.of.common, order).await
}

async fn set(named: Named, member: &str, value: Value) -> Result<(), Failure> {
    let set = Map::from_iter([(member.to_owned(), value)]);
    let order = Order::Change { tenant: named.of.tenant, kind: Kind::User, name: named.name, set };
    ask::ask(&named.of.common, order).await
}

async fn set_password(named: Named, how: &Password) -> Result<(), Failure> {
    let chosen = choose(how)?;
    let set =
        Map::from_iter([("password".to_owned(), json!(chosen)), ("password_hash".to_owned(), Value::Null)]);
    let order = Order::Change { tenant: named.of.tenant, kind: Kind::User, name: named.name.clone(), set };
    let generated = how.generate.then_some(chosen);
    ask_and_tell(&named.of.common, order, named.name, generated).await
}

async fn make(create: CreateUser) -> Result<(), Failure> {
    let CreateUser { of, display_name, email, email_verified, administrator, no_password, password } = create;
    let mut user = json!({ "user_name": of.name });
    let mut put = |member: &str, value: Value| {
        user[member] = value;
    };
    if let Some(name) = display_name {
        put("profile", json!({ "name": name }));
    }
    if let Some(email) = email {
        put("email", json!(email));
    }
    if email_verified {
        put("email_verified", json!(true));
    }
    if administrator {
        put("administrator", json!(true));
    }
    let chosen = if no_password { None } else { Some(choose(&password)?) };
    if let Some(chosen) = &chosen {
        put("password", json!(chosen));
    }
    let order = Order::Create { tenant: of.of.tenant, kind: Kind::User, object: user };
    ask_and_tell(&of.of.common, order, of.name, chosen.filter(|_| password.generate)).await
}

/// Carries out an order and prints its answer, with the password that was made for it, once.
async fn ask_and_tell(
    common: &Common,
    order: Order,
    user_name: String,
    generated: Option<String>,
) -> Result<(), Failure> {
    let mut answer = ask::answer(common, order).await?;
    if let Some(password) = generated {
        answer = answer.with_generated(|tenant| Generated::Password { tenant, user_name, password });
    }
    ask::show(&answer, common.output)
}

/// A password: made, read from standard input, or asked for.
fn choose(how: &Password) -> Result<String, Failure> {
    if how.generate {
        let mut bytes = [0; 16];
        SystemRandom.fill(&mut bytes);
        return Ok(base62::encode_fixed(&bytes, 22));
    }
    let chosen =
        if how.password_stdin { secret_input::line()? } else { secret_input::asked_twice("Password")? };
    password::normalise(&chosen).map_err(|error| Failure::new(Exit::Data, error.to_string()))
}
