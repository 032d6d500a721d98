//! Orders on one object: each is a small desired state of its own, so that checks, events and conflicts are those of `apply`.

use serde_json::{Map, Value, json};

use doorward_core::admin::Access;
use doorward_core::admin::authority::area_of;
use doorward_core::desired::{Action, Current, Kind, State, form};
use doorward_core::id::TenantId;
use doorward_wire::text::{Email, UserName};

use super::{Done, Manage, Reach, Trouble};
use crate::admin::view::LISTS;

impl Manage {
    /// Makes an object that is not there yet.
    pub async fn create(&self, tenant: Option<String>, kind: Kind, object: Value) -> Result<Done, Trouble> {
        let tenant = self.tenant(tenant).await?;
        let name = name_of(kind, &object);
        // Whoever has the address already is told by name.
        let mut names = parts(kind, &name);
        names.extend(["id", "email", "parent", "external_id"].map(|member| text(&object, member).to_owned()));
        names.retain(|name| !name.is_empty());
        self.edit((&tenant, kind, &names), false, move |objects| {
            if objects.iter().any(|known| is_named(kind, known, &name)) {
                return Err(Trouble::Exists { noun: kind.as_str(), name: name.clone() });
            }
            Ok(vec![object.clone()])
        })
        .await
    }

    /// Changes members of an object.
    pub async fn change(
        &self,
        tenant: Option<String>,
        kind: Kind,
        name: &str,
        set: Map<String, Value>,
    ) -> Result<Done, Trouble> {
        let tenant = self.tenant(tenant).await?;
        let name = name.to_owned();
        let mut names = parts(kind, &name);
        names.extend(
            ["user_name", "email", "external_id"]
                .into_iter()
                .filter_map(|member| Some(set.get(member)?.as_str()?.to_owned())),
        );
        self.edit((&tenant, kind, &names), false, move |objects| {
            let found = objects.into_iter().find(|known| is_named(kind, known, &name));
            let mut found = found.ok_or_else(|| unknown(kind, &name))?;
            let before = found.clone();
            if let Some(members) = found.as_object_mut() {
                // One is made when there is none; those that there are stay.
                if set.contains_key("secret") {
                    members.remove("secrets");
                }
                for (member, value) in &set {
                    change_member(members, member, value);
                }
            }
            if !set.contains_key("email_verified") {
                unverify(&before, &mut found);
            }
            Ok(vec![found])
        })
        .await
    }

    /// Removes an object.
    pub async fn remove(&self, tenant: Option<String>, kind: Kind, name: &str) -> Result<Done, Trouble> {
        let tenant = self.tenant(tenant).await?;
        let name = name.to_owned();
        self.edit((&tenant, kind, &parts(kind, &name)), true, |mut objects| {
            let before = objects.len();
            objects.retain(|known| !is_named(kind, known, &name));
            if objects.len() == before { Err(unknown(kind, &name)) } else { Ok(objects) }
        })
        .await
    }

    /// Objects of a kind.
    pub async fn list(&self, tenant: Option<String>, kind: Kind) -> Result<Vec<Value>, Trouble> {
        let wanted = self.tenants(tenant).await?;
        let current = self.current(Reach::List(&wanted, kind)).await?;
        let mut objects = Vec::new();
        for tenant in wanted {
            self.allow(&tenant, area_of(kind), Access::Read)?;
            for object in objects_of(&current, &tenant, kind, self.store.now())?.1 {
                objects.push(shown(&tenant, object));
            }
        }
        objects.sort_by_cached_key(|object| (text(object, "tenant").to_owned(), name_of(kind, object)));
        Ok(objects)
    }

    /// One object.
    pub async fn show(&self, tenant: Option<String>, kind: Kind, name: &str) -> Result<Value, Trouble> {
        let tenant = self.tenant(tenant).await?;
        self.allow(&tenant, area_of(kind), Access::Read)?;
        let current = self.current(Reach::Alone(&tenant, kind, &parts(kind, name))).await?;
        let (_, objects) = objects_of(&current, &tenant, kind, self.store.now())?;
        let found = objects
            .into_iter()
            .find(|known| is_named(kind, known, name))
            .ok_or_else(|| unknown(kind, name))?;
        Ok(shown(&tenant, found))
    }

    /// Plans and does it for the objects that `change` answers, given those that have one of the names. With `prune` these are all
    /// that shall be left of them; otherwise the others stay as they are. What becomes of the object that is meant is told, and of those
    /// that named it.
    async fn edit(
        &self,
        (tenant, kind, names): (&TenantId, Kind, &[String]),
        prune: bool,
        change: impl Fn(Vec<Value>) -> Result<Vec<Value>, Trouble>,
    ) -> Result<Done, Trouble> {
        let now = self.store.now();
        let wish = |current: &Current| {
            let (whole, objects) = objects_of(current, tenant, kind, now)?;
            state(whole, kind, change(objects)?)
        };
        let mut done = self.carry_out(Reach::Named(tenant, kind, names), wish, false, prune).await?;
        if prune {
            done.changes.retain(|change| matches!(change.action, Action::Remove | Action::Update));
            done.notes.clear();
        } else {
            done.changes.retain(|change| change.kind == kind && change.action != Action::Keep);
        }
        Ok(done)
    }
}

/// A state that names a tenant as it is, and these objects of a kind of it.
pub(super) fn state(whole: Map<String, Value>, kind: Kind, objects: Vec<Value>) -> Result<State, Trouble> {
    state_of(whole, vec![(kind, objects)])
}

/// The same with objects of several kinds.
pub(super) fn state_of(
    mut whole: Map<String, Value>,
    lists: Vec<(Kind, Vec<Value>)>,
) -> Result<State, Trouble> {
    for list in LISTS {
        whole.remove(list);
    }
    whole.extend(lists.into_iter().map(|(kind, objects)| (list_of(kind).to_owned(), Value::Array(objects))));
    form::read(&json!({ "tenants": [whole] })).map_err(Trouble::Misshapen)
}

/// A tenant as a document has it, and its objects of a kind.
pub(super) fn objects_of(
    current: &Current,
    tenant: &TenantId,
    kind: Kind,
    now: doorward_core::Timestamp,
) -> Result<(Map<String, Value>, Vec<Value>), Trouble> {
    let found = current.tenant(tenant).cloned();
    let found = found.ok_or_else(|| unknown(Kind::Tenant, tenant.as_str()))?;
    let state = State::of(&Current { tenants: vec![found], ..Current::default() }, now);
    let written = serde_json::to_value(&state.tenants[0]).unwrap_or_default();
    let Value::Object(whole) = written else {
        return Err(Trouble::Malformed("the tenant cannot be written".to_owned()));
    };
    let objects = whole.get(list_of(kind)).and_then(Value::as_array).cloned().unwrap_or_default();
    Ok((whole, objects))
}

/// A list's members `secrets+` and `secrets-` add to it and take from it; everything else is replaced.
fn change_member(object: &mut Map<String, Value>, member: &str, value: &Value) {
    if let Some(list) = member.strip_suffix('+') {
        let entry = object.entry(list).or_insert_with(|| json!([]));
        if let Some(entry) = entry.as_array_mut() {
            entry.push(value.clone());
        }
    } else if let Some(list) = member.strip_suffix('-') {
        if let Some(entry) = object.get_mut(list).and_then(Value::as_array_mut) {
            entry.retain(|known| {
                value
                    .as_object()
                    .is_none_or(|wanted| wanted.iter().any(|(name, wish)| known.get(name) != Some(wish)))
            });
        }
    } else if value.is_null() {
        object.remove(member);
    } else {
        object.insert(member.to_owned(), value.clone());
    }
}

/// That one address was shown to be a person's says nothing of the next.
pub(crate) fn unverify(before: &Value, wanted: &mut Value) {
    let key = |object: &Value| Email::parse(text(object, "email")).ok().map(|email| email.key().to_owned());
    if key(before) != key(wanted)
        && let Some(members) = wanted.as_object_mut()
    {
        members.remove("email_verified");
    }
}

/// An object as it is shown: with its tenant, and without what only a database should hold.
fn shown(tenant: &TenantId, object: Value) -> Value {
    let Value::Object(mut members) = object else { return object };
    if members.remove("password_hash").is_some() {
        members.insert("password".to_owned(), json!("set"));
    }
    members.insert("tenant".to_owned(), json!(tenant.0));
    Value::Object(members)
}

fn name_of(kind: Kind, object: &Value) -> String {
    match kind {
        Kind::User => text(object, "user_name").to_owned(),
        Kind::Membership => format!("{} in {}", text(object, "user"), text(object, "context")),
        Kind::Installation => format!("{} in {}", text(object, "extension"), text(object, "context")),
        Kind::Tenant
        | Kind::Issuer
        | Kind::Api
        | Kind::Role
        | Kind::Context
        | Kind::Client
        | Kind::Extension => text(object, "id").to_owned(),
    }
}

/// What must be read for an object of that name: a membership is named by its person and its context, an installation by its extension
/// and its context.
fn parts(kind: Kind, name: &str) -> Vec<String> {
    match name.split_once(" in ") {
        Some((user, context)) if matches!(kind, Kind::Membership | Kind::Installation) => {
            vec![user.to_owned(), context.to_owned()]
        }
        _ => vec![name.to_owned()],
    }
}

fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an object is the one that is meant: by id; a person also by user name or e-mail address.
fn is_named(kind: Kind, object: &Value, name: &str) -> bool {
    let text = |member: &str| object.get(member).and_then(Value::as_str);
    if text("id") == Some(name)
        || (matches!(kind, Kind::Membership | Kind::Installation) && name_of(kind, object) == name)
    {
        return true;
    }
    if kind != Kind::User {
        return false;
    }
    let wish = UserName::parse(name).ok();
    let by_name = wish
        .is_some_and(|wish| text("user_name").and_then(|known| UserName::parse(known).ok()) == Some(wish));
    let by_email = || {
        let wish = Email::parse(name).ok();
        wish.zip(text("email").and_then(|known| Email::parse(known).ok()))
            .is_some_and(|(a, b)| a.key() == b.key())
    };
    by_name || by_email()
}

fn unknown(kind: Kind, name: &str) -> Trouble {
    Trouble::Unknown { noun: kind.as_str(), name: name.to_owned() }
}

const fn list_of(kind: Kind) -> &'static str {
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
