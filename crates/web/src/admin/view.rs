//! Objects as the API shows them: as a document has them, without what only a database should hold, and with their times.

use std::collections::HashMap;

use doorward_core::Timestamp;
use doorward_core::desired::{Current, CurrentTenant, Kind, State, date};
use serde_json::{Map, Value, json};

/// An object.
#[derive(Clone, Debug)]
pub struct View {
    /// What it is called in a path.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// What is shown.
    pub body: Value,
    /// What a document has.
    pub spec: Value,
}

/// What rows say beside the document.
struct Beside {
    version: i64,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// What only the row says.
    more: Value,
}

/// The objects of a kind that were read of a tenant.
pub fn views(of: &CurrentTenant, kind: Kind, now: Timestamp) -> Vec<View> {
    let state = State::of(&Current { tenants: vec![of.clone()], ..Current::default() }, now);
    let Some(Ok(Value::Object(mut whole))) = state.tenants.first().map(serde_json::to_value) else {
        return Vec::new();
    };
    let beside = beside(of, kind);
    let specs = if kind == Kind::Tenant {
        LISTS.iter().for_each(|list| drop(whole.remove(*list)));
        vec![Value::Object(whole)]
    } else {
        match whole.remove(list_of(kind)) {
            Some(Value::Array(specs)) => specs,
            _ => Vec::new(),
        }
    };
    let names: HashMap<&str, &str> =
        of.users.iter().map(|found| (found.user.user_name.as_str(), found.user.id.as_str())).collect();
    specs
        .into_iter()
        .filter_map(|mut spec| {
            if kind == Kind::Membership {
                // In an API a person is called by their id, which never changes.
                let name = spec.get("user")?.as_str()?.to_owned();
                spec["user"] = json!(names.get(name.as_str())?);
            }
            let id = id_of(kind, &spec);
            let beside = beside.get(&id)?;
            Some(View { body: shown(&spec, beside), version: beside.version, id, spec })
        })
        .collect()
}

/// What an object is called in a path.
pub fn id_of(kind: Kind, spec: &Value) -> String {
    let text = |member: &str| spec.get(member).and_then(Value::as_str).unwrap_or_default();
    match kind {
        Kind::Membership => format!("{} in {}", text("user"), text("context")),
        Kind::Installation => format!("{} in {}", text("extension"), text("context")),
        Kind::Tenant
        | Kind::Issuer
        | Kind::Api
        | Kind::Role
        | Kind::Context
        | Kind::Client
        | Kind::User
        | Kind::Extension => text("id").to_owned(),
    }
}

/// The list of a document that holds objects of a kind.
pub const fn list_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Tenant => "tenants",
        Kind::Issuer => "issuers",
        Kind::Api => "apis",
        Kind::Role => "roles",
        Kind::Context => "contexts",
        Kind::Client => "clients",
        Kind::User => "users",
        Kind::Membership => "memberships",
        Kind::Extension => "extensions",
        Kind::Installation => "installations",
    }
}

fn shown(spec: &Value, beside: &Beside) -> Value {
    let mut members: Map<String, Value> = spec.as_object().cloned().unwrap_or_default();
    let has_password = members.remove("password_hash").is_some();
    members.remove("secrets");
    members.remove("shared_secret");
    if spec.get("user_name").is_some() {
        members.insert("has_password".to_owned(), json!(has_password));
    }
    let more = beside.more.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    members.extend(more.map(|(name, value)| (name.clone(), value.clone())));
    members.insert("created_at".to_owned(), json!(date::write(beside.created_at)));
    if let Some(updated_at) = beside.updated_at {
        members.insert("updated_at".to_owned(), json!(date::write(updated_at)));
    }
    members.insert("version".to_owned(), json!(beside.version));
    Value::Object(members)
}

fn beside(of: &CurrentTenant, kind: Kind) -> HashMap<String, Beside> {
    let row = |version, created_at| Beside { version, created_at, updated_at: None, more: Value::Null };
    match kind {
        Kind::Tenant => {
            HashMap::from([(of.tenant.id.0.clone(), row(of.tenant.version, of.tenant.created_at))])
        }
        Kind::Issuer => of
            .issuers
            .iter()
            .map(|found| (found.id.0.clone(), row(found.version, found.created_at)))
            .collect(),
        Kind::Api => {
            of.apis.iter().map(|found| (found.id.0.clone(), row(found.version, found.created_at))).collect()
        }
        Kind::Role => {
            of.roles.iter().map(|found| (found.id.0.clone(), row(found.version, found.created_at))).collect()
        }
        Kind::Context => of
            .contexts
            .iter()
            .map(|found| {
                let updated_at = Some(found.updated_at);
                (found.id.0.clone(), Beside { updated_at, ..row(found.version, found.created_at) })
            })
            .collect(),
        Kind::Client => of
            .clients
            .iter()
            .map(|found| (found.client.id.0.clone(), row(found.client.version, found.client.created_at)))
            .collect(),
        Kind::User => of
            .users
            .iter()
            .map(|found| {
                let user = &found.user;
                let updated_at = Some(user.updated_at);
                (user.id.0.clone(), Beside { updated_at, ..row(user.version, user.created_at) })
            })
            .collect(),
        Kind::Membership => of
            .memberships
            .iter()
            .map(|found| {
                let membership = &found.membership;
                let id = format!("{} in {}", membership.user, membership.context_id);
                (id, row(membership.version, membership.created_at))
            })
            .collect(),
        Kind::Extension => of
            .extensions
            .iter()
            .map(|found| {
                let updated_at = Some(found.updated_at);
                (found.id.0.clone(), Beside { updated_at, ..row(found.version, found.created_at) })
            })
            .collect(),
        Kind::Installation => of
            .installations
            .iter()
            .map(|found| {
                let id = format!("{} in {}", found.extension_id, found.context_id);
                let more = json!({ "id": found.id, "state": found.life.as_str(), "installed_by": found.installed_by });
                let updated_at = Some(found.updated_at);
                (id, Beside { updated_at, more, ..row(found.version, found.created_at) })
            })
            .collect(),
    }
}

/// Lists of a tenant in a document.
pub const LISTS: [&str; 9] = [
    "issuers",
    "apis",
    "roles",
    "contexts",
    "clients",
    "users",
    "memberships",
    "extensions",
    "installations",
];
