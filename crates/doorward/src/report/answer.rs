//! Answers of the operator, for people and as JSON.

use std::fmt::Write;

use serde_json::Value;

use doorward_core::desired::Kind;
use doorward_web::manage::Receipt;

use super::table::Table;
use super::{explain, plan, style};
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Generated, InvitationRow, KeyRow};

/// For programs.
pub fn json(answer: &Answer) -> Result<String, Failure> {
    let failed = |error: serde_json::Error| Failure::new(Exit::Failed, error.to_string());
    let mut value = serde_json::to_value(answer).map_err(failed)?;
    if let Some(members) = value.as_object_mut() {
        members.remove("answer");
        // A list is a list, an object is an object: nothing around them.
        for only in ["objects", "object", "keys", "invitation", "invitations", "explained"] {
            if let Some(inner) = members.remove(only) {
                return Ok(serde_json::to_string_pretty(&inner).map_err(failed)? + "\n");
            }
        }
        if let Some(Value::String(document)) = members.remove("document") {
            let state: Value = serde_yaml_ng::from_str(&document)
                .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
            return Ok(serde_json::to_string_pretty(&state).map_err(failed)? + "\n");
        }
    }
    Ok(serde_json::to_string_pretty(&value).map_err(failed)? + "\n")
}

/// For people.
pub fn text(answer: &Answer) -> String {
    match answer {
        Answer::Applied { changes, notes, dry_run, generated } => {
            let mut text = plan::text(changes, notes, *dry_run);
            for made in generated {
                let (what, whose, tenant, shown) = match made {
                    Generated::Password { tenant, user_name, password } => {
                        ("password of", user_name, tenant, password)
                    }
                    Generated::Secret { tenant, client, secret, .. } => {
                        ("secret of client", client, tenant, secret)
                    }
                };
                let _ = writeln!(
                    text,
                    "The {what} {} ({tenant}), shown this once: {shown}",
                    style::strong(whose)
                );
            }
            text
        }
        Answer::Copied { path } => format!("{path}\n"),
        Answer::Document { document } => document.clone(),
        Answer::Ended { receipt } => ended(receipt),
        Answer::Explained { explained } => explain::text(explained),
        Answer::FactorReset { user_name, had_factor } => {
            let said = if *had_factor { "has no second factor any more" } else { "had no second factor" };
            format!("{} {said}\n", style::strong(user_name))
        }
        Answer::Findings { findings } => {
            findings.iter().map(|finding| format!("{}\n", finding.what)).collect()
        }
        // `user import` puts many of these together itself.
        Answer::Imported { records } => format!("{} records\n", records.len()),
        Answer::Keys { keys } => keys_table(keys),
        Answer::Invited { invitation } => invited(invitation),
        Answer::Invitations { invitations } => invitations_table(invitations),
        Answer::Helped { url: Some(url), expires_at } => {
            handed_over(url, expires_at.as_deref().unwrap_or_default())
        }
        Answer::Helped { url: None, .. } => "Done.\n".to_owned(),
        Answer::Link { url, expires_at } => {
            format!(
                "Open this link to make an administrator of the server. It works once, until {expires_at}:\n\n  {url}\n"
            )
        }
        Answer::Rewrapped { rewrapped, new_key_file } => {
            let mut text = format!("{rewrapped} data keys were wrapped by the current key-encryption key.\n");
            if let Some(file) = new_key_file {
                let _ = writeln!(
                    text,
                    "It is new, in {file}: back it up apart from the database. The key before opens only older backups."
                );
            }
            text
        }
        Answer::Objects { kind, objects } => objects_table(*kind, objects),
        Answer::Object { object, .. } => serde_yaml_ng::to_string(&ordered(object)).unwrap_or_default(),
    }
}

/// The receipt of an incident.
fn ended(receipt: &Receipt) -> String {
    let said = if receipt.dry_run { "Would end everything of" } else { "Everything ended of" };
    let mut text = format!("{said} {} {}\n", receipt.kind, style::strong(&receipt.of));
    for (name, count) in &receipt.counts {
        let _ = writeln!(text, "  {name:<14} {count}");
    }
    match receipt.dry_run {
        true => text.push_str("A dry run: nothing was done.\n"),
        false => {
            let _ = writeln!(text, "{}", style::quiet(&format!("event {}, {}", receipt.id, receipt.at)));
        }
    }
    text
}

fn handed_over(url: &str, until: &str) -> String {
    format!(
        "This link is shown once, and works once, until {until}. Hand it over in a way that nobody else reads:\n\n  {url}\n"
    )
}

fn invited(made: &InvitationRow) -> String {
    let InvitationRow { tenant, id, url, email, expires_at, .. } = made;
    let told = match url {
        Some(url) => handed_over(url, expires_at),
        None => {
            let to = style::strong(email.as_deref().unwrap_or_default());
            format!("The invitation was sent to {to}. It works once, until {expires_at}.\n")
        }
    };
    format!("{told}\nTo call it back: doorward user withdraw-invitation --tenant {tenant} {id}\n")
}

fn invitations_table(invitations: &[InvitationRow]) -> String {
    let mut table = Table::new(&["TENANT", "INVITATION", "FOR", "ROLES", "CONTEXTS", "WORKS UNTIL"]);
    let or_dash = |words: Vec<String>| if words.is_empty() { "-".to_owned() } else { words.join(", ") };
    for invitation in invitations {
        let whom = invitation.email.iter().chain(&invitation.name).next().cloned();
        let into = invitation.contexts.iter().map(|to| match to.roles.as_slice() {
            [] => to.context.clone(),
            roles => format!("{}={}", to.context, roles.join(",")),
        });
        table.row(vec![
            invitation.tenant.clone(),
            invitation.id.clone(),
            whom.unwrap_or_else(|| "-".to_owned()),
            or_dash(invitation.roles.clone()),
            or_dash(into.collect()),
            invitation.expires_at.clone(),
        ]);
    }
    if table.is_empty() { "No invitation is open.\n".to_owned() } else { table.to_string() }
}

fn keys_table(keys: &[KeyRow]) -> String {
    let mut table = Table::new(&["TENANT", "KID", "ALGORITHM", "STATE", "SIGNS SINCE", "PUBLISHED UNTIL"]);
    for key in keys {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row(vec![
            key.tenant.clone(),
            key.kid.clone(),
            key.algorithm.clone(),
            key.state.clone(),
            or_dash(&key.activated_at),
            or_dash(&key.published_until),
        ]);
    }
    if table.is_empty() { "There are no keys yet.\n".to_owned() } else { table.to_string() }
}

fn objects_table(kind: Kind, objects: &[Value]) -> String {
    let text = |object: &Value, member: &str| match object.get(member) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    let state = |object: &Value| {
        let is = |member: &str| object.get(member) == Some(&Value::Bool(true));
        match (is("disabled"), is("locked")) {
            (true, _) => "disabled",
            (_, true) => "locked",
            _ => "active",
        }
    };
    let mut table = match kind {
        Kind::User => Table::new(&["TENANT", "USER NAME", "E-MAIL", "NAME", "STATE", "ID"]),
        _ => Table::new(&["TENANT", "ID", "NAME", "AUTHENTICATION", "GRANTS", "STATE"]),
    };
    for object in objects {
        table.row(match kind {
            Kind::User => vec![
                text(object, "tenant"),
                text(object, "user_name"),
                text(object, "email"),
                object.pointer("/profile/name").and_then(Value::as_str).unwrap_or("-").to_owned(),
                state(object).to_owned(),
                text(object, "id"),
            ],
            _ => vec![
                text(object, "tenant"),
                text(object, "id"),
                text(object, "name"),
                object.get("auth_method").and_then(Value::as_str).unwrap_or("client_secret_basic").to_owned(),
                grants(object),
                state(object).to_owned(),
            ],
        });
    }
    match (table.is_empty(), kind) {
        (true, Kind::User) => "There is nobody yet. `doorward user create` makes a person.\n".to_owned(),
        (true, _) => "There are none yet. `doorward client create` makes one.\n".to_owned(),
        (false, _) => table.to_string(),
    }
}

fn grants(object: &Value) -> String {
    match object.get("grant_types").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        None => "authorization_code".to_owned(),
    }
}

/// The members that name an object come first.
fn ordered(object: &Value) -> serde_yaml_ng::Mapping {
    let mut mapping = serde_yaml_ng::Mapping::new();
    let Some(members) = object.as_object() else { return mapping };
    let first = ["tenant", "id", "user_name", "name"];
    let names = first.into_iter().filter(|name| members.contains_key(*name));
    let rest = members.keys().map(String::as_str).filter(|name| !first.contains(name));
    for name in names.chain(rest) {
        if let Ok(value) = serde_yaml_ng::to_value(&members[name]) {
            mapping.insert(name.into(), value);
        }
    }
    mapping
}
