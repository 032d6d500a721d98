//! What an application does with a token of its own for people who have none yet: a new account, and a mail for a new password. Each is an errand
//! of the admin API under a scope of just that.

use std::borrow::Cow;

use doorward_core::admin::Errand;
use doorward_core::{Reason, Refusal};
use doorward_wire::percent;
use serde_json::{Map, Value, json};

use super::super::{Own, body, scheme};
use super::codec;
use crate::admin::caller::{Unwelcome, on_errand};
use crate::admin::problem::{Kind, Problem};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::form::browser::Browser;
use crate::form::forgot;
use crate::render::{self, Answer};
use crate::traffic::Class;

/// POST `/v2/users`.
pub const CREATE: Own = Own {
    name: "smartenit.user_create",
    class: Class::Protocol,
    about: "Make a person, who has no role: for an application's own token.",
    answer: |call| Box::pin(async { create(call).await.unwrap_or_else(|refused| *refused) }),
};

/// POST `/v2/users/recover_password`.
pub const RECOVER: Own = Own {
    name: "smartenit.recover_password",
    class: Class::Protocol,
    about: "Have a person mailed a link for a new password: for an application's own token.",
    answer: |call| Box::pin(async { recover(call).await.unwrap_or_else(|refused| *refused) }),
};

async fn create(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let errand = (Errand::CreateUser, CREATE.name);
    let path = format!("/tenants/{}/users", percent::encode(call.issuer.tenant.as_str()));
    let relay = Relay::on_errand(call, scheme::token_of(call), errand, ("POST", &path)).await;
    let relay = relay.map_err(|unwelcome| refused(call, unwelcome, Errand::CreateUser))?;
    let person = person(call, members(call, &["username", "password", "profile"])?)?;
    let made = relay.carry(person).await.map_err(|problem| told(call, &problem))?;
    Ok(render::json(201, &json!({ "data": shown(&made.body.unwrap_or_default()) })))
}

/// The answer is the same, whether anybody is called so.
async fn recover(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let errand = (Errand::RecoverPassword, RECOVER.name);
    let came = on_errand(call, scheme::token_of(call), errand).await;
    came.map_err(|unwelcome| refused(call, unwelcome, Errand::RecoverPassword))?;
    if !call.sends_mail() {
        return Err(Box::new(render::refused(call, &Reason::MailOff.into())));
    }
    let sent = members(call, &["username"])?;
    let typed = sent.get("username").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    if typed.is_empty() {
        return Err(wrong(call, "username must be a user name or an address"));
    }
    let done = forgot::mail_link(call, &Browser::of(call), typed).await;
    done.map_err(|failure| Box::new(render::failed(call, &failure)))?;
    Ok(render::json(200, &json!({ "data": {} })))
}

/// The members of a body. One that is not known would be taken for something that was done.
fn members(call: &Call<'_>, known: &[&str]) -> Result<Map<String, Value>, Box<Answer>> {
    let sent = body::object(call).map_err(|refusal| {
        if refusal.reason == Reason::SecretInQuery {
            return Box::new(render::refused(call, &refusal));
        }
        wrong(call, "the body must be a JSON object")
    })?;
    match sent.keys().all(|name| known.contains(&name.as_str())) {
        true => Ok(sent),
        false => Err(wrong(call, format!("the members here are {}", known.join(", ")))),
    }
}

/// A person as the API makes them: their address is in the profile here, where `/v2/users/me` tells it.
fn person(call: &Call<'_>, sent: Map<String, Value>) -> Result<Value, Box<Answer>> {
    let mut person = json!({});
    for (name, value) in sent {
        match (name.as_str(), value) {
            ("profile", Value::Object(mut profile)) => {
                if let Some(email) = profile.remove("email") {
                    person["email"] = email;
                }
                for name in LAST_NAME {
                    let last =
                        profile.remove(name).map(|last| profile.insert("family_name".to_owned(), last));
                    if last.flatten().is_some() {
                        return Err(wrong(call, "profile.lastName: is said twice"));
                    }
                }
                person["profile"] = Value::Object(profile);
            }
            ("profile", _) => return Err(wrong(call, "profile must be an object")),
            ("username", value) => person["user_name"] = value,
            (_, value) => person[name] = value,
        }
    }
    Ok(person)
}

/// A person as `/v2/users/me` shows them.
fn shown(made: &Value) -> Value {
    let mut profile = made["profile"].as_object().cloned().unwrap_or_default();
    profile.extend(made.get("email").map(|email| ("email".to_owned(), email.clone())));
    json!({ "_id": made["id"], "username": made["user_name"], "profile": profile })
}

/// Who may not come on an errand.
fn refused(call: &Call<'_>, unwelcome: Unwelcome, errand: Errand) -> Box<Answer> {
    Box::new(unwelcome.worded(call, Class::Protocol, Some(errand.scope())))
}

/// What a member of the API's person is called here.
fn member(pointer: &str) -> String {
    match pointer.trim_start_matches('/') {
        "user_name" => "username".to_owned(),
        "email" => "profile.email".to_owned(),
        other => other.replace('/', "."),
    }
}

/// What the API refuses, in their envelope.
fn told(call: &Call<'_>, problem: &Problem) -> Box<Answer> {
    let wrong = problem.errors.iter().map(|error| format!("{}: {}", member(&error.pointer), error.detail));
    let message = match problem.kind {
        // Whose it is, an administrator is told, and no application.
        Kind::Taken | Kind::Conflict => "username or profile.email is taken".to_owned(),
        Kind::Malformed
        | Kind::Invalid
        | Kind::Unauthorized
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Method
        | Kind::Refused
        | Kind::InUse
        | Kind::Stale
        | Kind::TooLarge
        | Kind::TooSlow
        | Kind::MediaType
        | Kind::KeyReused
        | Kind::TooMany
        | Kind::Unavailable => match problem.errors.is_empty() {
            true => problem.detail.clone(),
            false => wrong.collect::<Vec<_>>().join("; "),
        },
    };
    let status = problem.kind.status();
    Box::new(problem.worded(call, status, codec::envelope(status, &message)))
}

/// What their applications call a family name.
const LAST_NAME: [&str; 2] = ["lastName", "lastname"];

/// The body is not as it must be.
fn wrong(call: &Call<'_>, what: impl Into<Cow<'static, str>>) -> Box<Answer> {
    Box::new(render::refused(call, &Refusal::new(Reason::ParameterMalformed, what)))
}
