//! What can be done to every kind of configured object: read, put, patched, made, removed. Each change is a plan of one object.

use doorward_core::Effect;
use doorward_core::desired::{Action, Current, Kind, State, form};
use doorward_core::id::TenantId;
use serde_json::{Value, json};

use super::asked::{Asked, Reply};
use super::merge;
use super::problem::Problem;
use super::view::{LISTS, View, id_of, list_of, views};
use crate::manage::{Done, Generated, Reach, Trouble, unverify};

/// An object that a path names.
#[derive(Clone, Debug)]
pub struct Named {
    /// Whose tenant.
    pub tenant: TenantId,
    /// What it is.
    pub kind: Kind,
    /// What it is called in the path.
    pub id: String,
    /// Further names that must be read: what it refers to.
    pub with: Vec<String>,
    /// Where it is: a path below `/admin/v1`.
    pub path: String,
}

/// What the caller said of the version that they saw.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Seen {
    /// Nothing.
    Whatever,
    /// It must not be there (`If-None-Match: *`).
    Nothing,
    /// It must be there (`If-Match: *`).
    Something,
    /// It must be at one of these versions.
    Versions(Vec<i64>),
}

impl Named {
    /// An object of a tenant that is named by the path's second value.
    pub fn of(asked: &Asked<'_>, kind: Kind) -> Self {
        Self::called(asked, kind, asked.value(1).to_owned())
    }

    /// An object of that id.
    pub fn called(asked: &Asked<'_>, kind: Kind, id: String) -> Self {
        let tenant = asked.tenant();
        let path = path(&tenant, kind, &id);
        Self { tenant, kind, id, with: Vec::new(), path }
    }

    fn names(&self, body: Option<&Value>) -> Vec<String> {
        let mut names = vec![self.id.clone()];
        names.extend(self.with.iter().cloned());
        let members = ["user_name", "email", "parent", "external_id", "contributor", "extension", "context"];
        names.extend(
            members
                .into_iter()
                .filter_map(|member| Some(body?.get(member)?.as_str()?.to_owned()))
                .filter(|name| !name.is_empty()),
        );
        names
    }
}

/// Where an object is: a path below `/admin/v1`.
pub fn path(tenant: &TenantId, kind: Kind, id: &str) -> String {
    let tenant = encoded(tenant.as_str());
    match kind {
        Kind::Tenant => format!("/tenants/{tenant}"),
        Kind::Context => {
            let (of, id) = id.split_once('/').unwrap_or(("", id));
            format!("/tenants/{tenant}/contexts/{}/{}", encoded(of), encoded(id))
        }
        _ => format!("/tenants/{tenant}/{}/{}", list_of(kind), encoded(id)),
    }
}

/// One object.
pub async fn read(asked: &Asked<'_>, named: &Named) -> Result<Reply, Problem> {
    let names = named.names(None);
    let current = asked.manage.current(Reach::Alone(&named.tenant, named.kind, &names)).await?;
    let view = found(&current, named, asked).ok_or_else(|| unknown(named))?;
    Ok(Reply::one(view.body, view.version))
}

/// Makes an object, or replaces it.
pub async fn put(asked: &Asked<'_>, named: &Named) -> Result<Reply, Problem> {
    let body = named_so(asked, named, asked.body())?;
    let seen = seen(asked)?;
    let wish = |current: &Current| {
        let before = found(current, named, asked);
        fits(&seen, before.as_ref())?;
        state(current, named, vec![body.clone()])
    };
    let (done, after) = carried(asked, named, &body, wish, false).await?;
    let reply = shown(asked, named, &done, &after)?;
    let is_new =
        done.changes.iter().any(|change| change.kind == named.kind && change.action == Action::Create);
    Ok(if is_new { reply.made(named.path.clone()) } else { reply })
}

/// Changes members of an object (RFC 7396).
pub async fn patch(asked: &Asked<'_>, named: &Named) -> Result<Reply, Problem> {
    let change = asked.body();
    for member in ["password", "password_hash"] {
        if change.get(member).is_some_and(Value::is_null) {
            return Err(asked.wrong(
                &format!("/{member}"),
                "a password is replaced by another and never taken away; to keep somebody out, lock or disable them",
            ));
        }
    }
    let seen = seen(asked)?;
    let wish = |current: &Current| {
        let before = found(current, named, asked).ok_or_else(|| unknown_trouble(named))?;
        fits(&seen, Some(&before))?;
        let mut wanted = merge::changed(named.kind, &before.spec, &change);
        if named.kind == Kind::User && change.get("email_verified").is_none() {
            unverify(&before.spec, &mut wanted);
        }
        if id_of(named.kind, &wanted) != named.id {
            return Err(Trouble::Refused("the id of an object never changes"));
        }
        state(current, named, vec![wanted])
    };
    let (done, after) = carried(asked, named, &change, wish, false).await?;
    shown(asked, named, &done, &after)
}

/// Changes an object to what `change` makes of it, of what a document has.
pub async fn amend(
    asked: &Asked<'_>,
    named: &Named,
    change: impl Fn(&mut Value) -> Result<(), Trouble>,
) -> Result<(), Problem> {
    let wish = |current: &Current| {
        let mut wanted = found(current, named, asked).ok_or_else(|| unknown_trouble(named))?.spec;
        change(&mut wanted)?;
        state(current, named, vec![wanted])
    };
    carried(asked, named, &json!({}), wish, false).await.map(|_| ())
}

/// Does something to an object: it is what `change` makes of it.
pub async fn act(
    asked: &Asked<'_>,
    named: &Named,
    change: impl Fn(&mut Value) -> Result<(), Trouble>,
) -> Result<Reply, Problem> {
    let seen = seen(asked)?;
    let wish = |current: &Current| {
        let before = found(current, named, asked).ok_or_else(|| unknown_trouble(named))?;
        fits(&seen, Some(&before))?;
        let mut wanted = before.spec;
        change(&mut wanted)?;
        state(current, named, vec![wanted])
    };
    let keep = |done: &Done, after: &Current| match shown(asked, named, done, after) {
        Ok(reply) => Ok(asked.kept(&reply)),
        Err(_) => Err(unknown_trouble(named)),
    };
    let (done, after) = carried_with(asked, named, &json!({}), wish, false, keep).await?;
    shown(asked, named, &done, &after)
}

/// Makes an object whose id is in the body, or chosen here.
pub async fn make(asked: &Asked<'_>, named: &Named, body: Value) -> Result<Reply, Problem> {
    let wish = |current: &Current| {
        if found(current, named, asked).is_some() {
            return Err(Trouble::Exists { noun: named.kind.as_str(), name: named.id.clone() });
        }
        state(current, named, vec![body.clone()])
    };
    let told = |done: &Done, after: &Current| {
        let reply = shown(asked, named, done, after)?;
        // That of an installation is chosen here.
        let id = reply.body.as_ref().and_then(|body| body["id"].as_str());
        let path = match id.filter(|_| named.kind == Kind::Installation) {
            Some(id) => path(&named.tenant, named.kind, id),
            None => named.path.clone(),
        };
        Ok(reply.made(path))
    };
    let keep = |done: &Done, after: &Current| match told(done, after) {
        Ok(reply) => Ok(asked.kept(&reply)),
        Err(_) => Err(unknown_trouble(named)),
    };
    let (done, after) = carried_with(asked, named, &body, wish, false, keep).await?;
    told(&done, &after)
}

/// Removes an object.
pub async fn remove(asked: &Asked<'_>, named: &Named) -> Result<Reply, Problem> {
    let seen = seen(asked)?;
    let wish = |current: &Current| {
        let before = found(current, named, asked).ok_or_else(|| unknown_trouble(named))?;
        fits(&seen, Some(&before))?;
        let of = current.tenant(&named.tenant).ok_or_else(|| unknown_trouble(named))?;
        let rest = views(of, named.kind, asked.manage.store().now());
        let rest = rest.into_iter().filter(|view| view.id != named.id).map(|view| view.spec).collect();
        state(current, named, rest)
    };
    carried(asked, named, &json!({}), wish, true).await?;
    Ok(Reply::nothing())
}

async fn carried(
    asked: &Asked<'_>,
    named: &Named,
    body: &Value,
    wish: impl Fn(&Current) -> Result<State, Trouble>,
    prune: bool,
) -> Result<(Done, Current), Problem> {
    carried_with(asked, named, body, wish, prune, |_, _| Ok(Vec::new())).await
}

/// The change, and what is afterwards. What the caller may not do leaves an event.
async fn carried_with(
    asked: &Asked<'_>,
    named: &Named,
    body: &Value,
    wish: impl Fn(&Current) -> Result<State, Trouble>,
    prune: bool,
    beside: impl FnMut(&Done, &Current) -> Result<Vec<Effect>, Trouble>,
) -> Result<(Done, Current), Problem> {
    let names = named.names(Some(body));
    let reach = Reach::Named(&named.tenant, named.kind, &names);
    match asked.manage.carry_out_with(reach, wish, (false, prune), beside).await {
        Ok(carried) => Ok(carried),
        Err(Trouble::Denied(denied)) => asked.denied(denied).await,
        Err(trouble) => Err(Problem::of(trouble, Some(body))),
    }
}

fn shown(asked: &Asked<'_>, named: &Named, done: &Done, after: &Current) -> Result<Reply, Problem> {
    let view = found(after, named, asked).ok_or_else(|| unknown(named))?;
    let mut body = view.body;
    for made in &done.generated {
        if let Generated::Secret { secret, .. } = made {
            body["client_secret"] = json!(secret);
        }
    }
    Ok(Reply::one(body, view.version))
}

/// The object as it is in what was read.
fn found(current: &Current, named: &Named, asked: &Asked<'_>) -> Option<View> {
    let of = current.tenant(&named.tenant)?;
    views(of, named.kind, asked.manage.store().now()).into_iter().find(|view| view.id == named.id)
}

/// A state that names the tenant as it is and these objects of it.
fn state(current: &Current, named: &Named, objects: Vec<Value>) -> Result<State, Trouble> {
    let wanted = if named.kind == Kind::Tenant {
        objects.into_iter().next().unwrap_or_default()
    } else {
        let of = current.tenant(&named.tenant).ok_or_else(|| unknown_trouble(named))?;
        let mut tenant = views(of, Kind::Tenant, doorward_core::Timestamp(0))
            .into_iter()
            .next()
            .map(|view| view.spec)
            .ok_or_else(|| unknown_trouble(named))?;
        tenant[list_of(named.kind)] = Value::Array(objects);
        tenant
    };
    if let Some(members) = wanted.as_object().filter(|_| named.kind == Kind::Tenant)
        && let Some(list) = LISTS.iter().find(|list| members.contains_key(**list))
    {
        return Err(Trouble::Malformed(format!("{list} are resources of their own")));
    }
    form::read(&json!({ "tenants": [wanted] })).map_err(Trouble::Misshapen)
}

/// The body with the id of the path, which it may name too.
fn named_so(asked: &Asked<'_>, named: &Named, body: Value) -> Result<Value, Problem> {
    let mut body = body;
    let parts: Vec<(&str, String)> = match (named.kind, named.id.split_once(" in ")) {
        (Kind::Membership, Some((user, context))) => {
            vec![("user", user.to_owned()), ("context", context.to_owned())]
        }
        (Kind::Installation, Some((extension, context))) => {
            vec![("extension", extension.to_owned()), ("context", context.to_owned())]
        }
        _ => vec![("id", named.id.clone())],
    };
    for (member, value) in parts {
        match body.get(member).and_then(Value::as_str) {
            Some(said) if said != value => {
                return Err(asked.wrong(&format!("/{member}"), "is another one than in the path"));
            }
            _ => body[member] = json!(value),
        }
    }
    Ok(body)
}

/// What `If-Match` and `If-None-Match` say (RFC 9110, section 13.1).
fn seen(asked: &Asked<'_>) -> Result<Seen, Problem> {
    let all = |name: &str| -> Option<String> {
        let values = asked.call.request.headers.get_all(name).iter();
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        (!texts.is_empty()).then(|| texts.join(","))
    };
    let malformed = |name: &str| {
        Problem::new(super::problem::Kind::Malformed, format!("{name} is not what an ETag here looks like"))
    };
    match (all("if-match"), all("if-none-match")) {
        (None, None) => Ok(Seen::Whatever),
        (Some(text), None) if text.trim() == "*" => Ok(Seen::Something),
        (Some(text), None) => {
            let versions: Option<Vec<i64>> = text
                .split(',')
                .map(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok())
                .collect();
            // A weak or foreign tag names no version that there is.
            Ok(Seen::Versions(versions.unwrap_or_default()))
        }
        (None, Some(text)) if text.trim() == "*" => Ok(Seen::Nothing),
        (None, Some(_)) => Err(malformed("If-None-Match")),
        (Some(_), Some(_)) => Err(malformed("If-Match with If-None-Match")),
    }
}

fn fits(seen: &Seen, before: Option<&View>) -> Result<(), Trouble> {
    let fits = match (seen, before) {
        (Seen::Whatever, _) | (Seen::Nothing, None) | (Seen::Something, Some(_)) => true,
        (Seen::Nothing, Some(_)) => return Err(Trouble::There),
        (Seen::Something | Seen::Versions(_), None) => false,
        (Seen::Versions(versions), Some(view)) => versions.contains(&view.version),
    };
    if fits { Ok(()) } else { Err(Trouble::Stale) }
}

/// A text as it stands in a path.
pub fn encoded(text: &str) -> String {
    doorward_wire::percent::encode(text)
}

fn unknown(named: &Named) -> Problem {
    Problem::not_found(named.kind.as_str())
}

fn unknown_trouble(named: &Named) -> Trouble {
    Trouble::Unknown { noun: named.kind.as_str(), name: named.id.clone() }
}
