//! The OAuth client of an extension, as who makes the extension sets it up. It has the extension's id and is there with it, so to add it and to
//! change it are one thing but for what is meant where nothing is said.

use doorward_core::model::Extension;
use serde_json::{Map, Value, json};

use super::ask::{Renamed, told, told_by};
use super::contributor::with_extension;
use super::member::{Body, wrong};
use super::{answer, own};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::dialect::Own;
use crate::manage::sign_on::GRANTS;
use crate::render::{self, Answer};

/// POST `/v2/contributors/{c}/oauth-clients`.
pub const ADD: Own =
    own("mittwald.client_add", "Set up the OAuth client of an extension, which has its id.", |call| {
        Box::pin(answer(add(call)))
    });

/// PATCH `/v2/contributors/{c}/oauth-clients/{id}`.
pub const CHANGE: Own = own(
    "mittwald.client_change",
    "Change the OAuth client of an extension, as far as its manifest goes.",
    |call| Box::pin(answer(change(call))),
);

async fn add(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    // Whoever sends no body that could be read is told so; whose extension it is, is asked before anything is done.
    let body = Body::of(call)?;
    let (relay, extension) = with_extension(call, body.text(call, "id")?, ROUTE).await?;
    let (members, by) = (members(call, &body)?, by(call, &body)?);
    // One that is set up with addresses takes codes, whether that is said or not.
    let has_addresses =
        members.get("redirect_uris").and_then(Value::as_array).is_some_and(|uris| !uris.is_empty());
    let by = by.or_else(|| has_addresses.then(|| GRANTS.map(str::to_owned).into()));
    Ok(render::json(201, &set(call, &relay, &extension, (members, by)).await?))
}

async fn change(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let (relay, extension) = with_extension(call, call.segment(1), ROUTE).await?;
    let body = Body::of(call)?;
    let wish = (members(call, &body)?, by(call, &body)?);
    Ok(render::json(200, &set(call, &relay, &extension, wish).await?))
}

/// The client, once it is so.
async fn set(
    call: &Call<'_>,
    relay: &Relay<'_>,
    extension: &Extension,
    (members, by): (Map<String, Value>, Option<Vec<String>>),
) -> Result<Value, Box<Answer>> {
    let members = relay.checked(Value::Object(members)).map_err(|problem| told_by(call, &problem, NAMES))?;
    let manage = relay.manage().await.map_err(|problem| told(call, &problem))?;
    let wish = (members.as_object().cloned().unwrap_or_default(), by);
    match manage.client_of_extension(&call.issuer, extension, &wish).await {
        Ok(client) => Ok(shown(call, &client)),
        Err(trouble) => Err(told_by(call, &relay.told(&manage, trouble, &members).await, NAMES)),
    }
}

/// What a body says of a client, in the words of the API.
fn members(call: &Call<'_>, body: &Body) -> Result<Map<String, Value>, Box<Answer>> {
    let mut members = Map::new();
    for &(theirs, ours) in NAMES.iter().filter(|(theirs, _)| body.has(theirs)) {
        let said = match ours {
            "name" => match body.optional_text(call, theirs)? {
                Some(name) => json!(name),
                None => continue,
            },
            "scopes" => json!(body.words(call, theirs)?),
            _ => body.words(call, theirs)?.split(' ').filter(|word| !word.is_empty()).collect(),
        };
        members.insert(ours.to_owned(), said);
    }
    Ok(members)
}

/// By what it says that the client takes codes. What an extension's client does besides is no word of theirs.
fn by(call: &Call<'_>, body: &Body) -> Result<Option<Vec<String>>, Box<Answer>> {
    if !body.has(GRANT_TYPES) {
        return Ok(None);
    }
    let by: Vec<String> = body.words(call, GRANT_TYPES)?.split_whitespace().map(str::to_owned).collect();
    match by.iter().all(|name| GRANTS.contains(&name.as_str())) {
        true => Ok(Some(by)),
        false => {
            let what = "must be authorization_code and refresh_token, or one of them";
            Err(wrong(call, GRANT_TYPES, "enum", what))
        }
    }
}

fn shown(call: &Call<'_>, client: &Value) -> Value {
    let scopes = client["scopes"].as_str().unwrap_or_default().split(' ');
    let list = |name: &str| client[name].as_array().cloned().unwrap_or_default();
    let takes_codes = |name: &Value| GRANTS.iter().any(|known| name == known);
    json!({
        "id": client["id"],
        "contributorId": call.segment(0),
        "humanReadableName": client["name"],
        "allowedGrantTypes": list("grant_types").into_iter().filter(takes_codes).collect::<Vec<_>>(),
        "allowedRedirectUris": list("redirect_uris"),
        "allowedScopes": scopes.filter(|scope| !scope.is_empty()).collect::<Vec<_>>(),
    })
}

/// Where the API changes the client of an extension.
const ROUTE: (&str, &str) = ("PATCH", "/client");
/// What is said of a client.
const NAMES: &[Renamed] =
    &[("humanReadableName", "name"), ("allowedScopes", "scopes"), ("allowedRedirectUris", "redirect_uris")];
/// How a client takes part in what they know.
const GRANT_TYPES: &str = "allowedGrantTypes";
