//! Records: a line of JSON each, with `type`, the other system's id and version, and either the resource or `"deleted": true`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::desired::problem::At;
use crate::desired::user::{LEAST_PASSWORD, Names, check_external_id, check_external_version};
use crate::desired::{ContextSpec, Problems, UserSpec};
use crate::id::{ContextId, RoleId, UserId};
use doorward_wire::shape;
use doorward_wire::text::UserName;

/// A record, with all that can be checked of it alone.
#[derive(Clone, Debug)]
pub enum Record {
    /// A context; none: it was removed.
    Context(Key, Option<Box<ContextSpec>>),
    /// A person in a context.
    Membership(Box<Link>),
    /// A person; none: they were removed.
    User(Key, Option<Box<Person>>),
}

impl Record {
    /// What it is about, for the trail.
    pub fn name(&self) -> String {
        match self {
            Self::Context(key, _) => format!("context {}", key.id),
            Self::Membership(_) => "membership".to_owned(),
            Self::User(key, _) => format!("user {}", key.id),
        }
    }
}

/// Which object of the other system, at which version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Its id there.
    pub id: String,
    /// The version of the record.
    pub version: i64,
}

/// A person as the record has them.
#[derive(Clone, Debug)]
pub struct Person {
    pub(super) spec: UserSpec,
    pub(super) names: Names,
}

/// A person in a context, as the record has it.
#[derive(Clone, Debug)]
pub struct Link {
    pub(super) user: Who,
    pub(super) context: Where,
    pub(super) version: i64,
    /// Their roles there; none: it was removed.
    pub(super) roles: Option<BTreeSet<RoleId>>,
}

/// How a record names a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Who {
    External(String),
    Id(UserId),
    /// By the canonical user name.
    Name(String),
}

/// How a record names a context.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Where {
    External(String),
    Id(ContextId),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkMembers {
    user: Option<String>,
    user_external_id: Option<String>,
    context: Option<ContextId>,
    context_external_id: Option<String>,
    external_version: Option<i64>,
    #[serde(default)]
    roles: BTreeSet<RoleId>,
}

/// What is kept of a record that removes an object: nothing else in it is looked at.
#[derive(Deserialize)]
struct Removed {
    external_id: Option<String>,
    external_version: Option<i64>,
}

impl Record {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let root = At::root();
        let value = doorward_wire::json::strict(line);
        let Some(Value::Object(mut members)) = problems.take(&root, value) else {
            if problems.0.is_empty() {
                problems.add(&root, "must be a JSON object");
            }
            return Err(problems);
        };
        let kind = members.remove("type");
        let is_deleted = match members.remove("deleted") {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => {
                problems.add(&root.field("deleted"), "must be true or false");
                false
            }
        };
        let record = match kind.as_ref().and_then(Value::as_str) {
            Some("context") => context(members, is_deleted, &mut problems),
            Some("membership") => membership(members, is_deleted, &mut problems),
            Some("user") => user(members, is_deleted, &mut problems),
            _ => {
                problems.add(&root.field("type"), "must be user, context or membership");
                None
            }
        };
        match record {
            Some(record) if problems.0.is_empty() => Ok(record),
            _ => Err(problems),
        }
    }
}

fn user(mut members: Map<String, Value>, is_deleted: bool, problems: &mut Problems) -> Option<Record> {
    if is_deleted {
        return Some(Record::User(removed(members, problems)?, None));
    }
    let root = At::root();
    // Keycloak's credentials are objects.
    match members.get_mut("password_hash") {
        Some(hash @ Value::Object(_)) => *hash = Value::String(hash.to_string()),
        Some(Value::String(_) | Value::Null) | None => {}
        Some(_) => {
            // Told without what it is: it may be one all the same.
            problems.add(&root.field("password_hash"), "must be a text or an object");
            return None;
        }
    }
    for (member, why) in NOT_IMPORTED {
        problems.expect(members.remove(member).is_none(), &root.field(member), why);
    }
    let spec: UserSpec = read(members, problems)?;
    let names = spec.check((&[], LEAST_PASSWORD), &root, problems);
    let key = named(spec.external_id.as_deref(), spec.external_version, problems)?;
    Some(Record::User(key, Some(Box::new(Person { spec, names: names? }))))
}

fn context(members: Map<String, Value>, is_deleted: bool, problems: &mut Problems) -> Option<Record> {
    if is_deleted {
        return Some(Record::Context(removed(members, problems)?, None));
    }
    let spec: ContextSpec = read(members, problems)?;
    let key = key(spec.external_id.as_deref(), spec.external_version, problems)?;
    Some(Record::Context(key, Some(Box::new(spec))))
}

fn membership(members: Map<String, Value>, is_deleted: bool, problems: &mut Problems) -> Option<Record> {
    let root = At::root();
    let members: LinkMembers = read(members, problems)?;
    let user = match (members.user, members.user_external_id) {
        (None, Some(id)) => Some(Who::External(id)),
        (Some(id), None) if id.starts_with("usr_") => Some(Who::Id(UserId(id))),
        (Some(name), None) => problems
            .take(&root.field("user"), UserName::explained(&name))
            .map(|name| Who::Name(name.key().to_owned())),
        _ => {
            problems.add(&root.field("user_external_id"), "give either user or user_external_id");
            None
        }
    };
    let context = match (members.context, members.context_external_id) {
        (None, Some(id)) => Some(Where::External(id)),
        (Some(id), None) => Some(Where::Id(id)),
        _ => {
            problems.add(&root.field("context_external_id"), "give either context or context_external_id");
            None
        }
    };
    check_external_version(members.external_version, &At::root(), problems);
    let version = version(members.external_version, problems);
    let roles = (!is_deleted).then_some(members.roles);
    Some(Record::Membership(Box::new(Link { user: user?, context: context?, version: version?, roles })))
}

fn removed(members: Map<String, Value>, problems: &mut Problems) -> Option<Key> {
    let removed: Removed = read(members, problems)?;
    key(removed.external_id.as_deref(), removed.external_version, problems)
}

/// The key of what is not checked otherwise.
fn key(id: Option<&str>, version: Option<i64>, problems: &mut Problems) -> Option<Key> {
    check_external_id(id, &At::root(), problems);
    check_external_version(version, &At::root(), problems);
    named(id, version, problems)
}

fn named(id: Option<&str>, given: Option<i64>, problems: &mut Problems) -> Option<Key> {
    problems.expect(id.is_some(), &At::root().field("external_id"), "is needed: its id in the other system");
    let version = version(given, problems)?;
    Some(Key { id: id?.to_owned(), version })
}

fn version(given: Option<i64>, problems: &mut Problems) -> Option<i64> {
    let what = "is needed: a number that grows with each change of the record";
    problems.expect(given.is_some(), &At::root().field("external_version"), what);
    given
}

fn read<T: DeserializeOwned>(members: Map<String, Value>, problems: &mut Problems) -> Option<T> {
    let whole = Value::Object(members);
    let told = match T::deserialize(&whole) {
        Ok(read) => return Some(read),
        Err(error) => error.to_string(),
    };
    let Value::Object(members) = whole else { return None };
    let before = problems.0.len();
    // Each by itself, so that every one that is wrong is told, with its name.
    for (name, value) in &members {
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let told = T::deserialize(&alone).err().map(|error| error.to_string());
        if let Some(told) = told.filter(|told| shape::missing(told).is_none()) {
            let what =
                if told.starts_with("unknown field") { NO_SUCH.to_owned() } else { shape::said(&told) };
            problems.add(&At::root().field(name), what);
        }
    }
    match shape::missing(&told) {
        Some(member) => problems.add(&At::root().field(member), "is needed"),
        None if problems.0.len() == before => problems.add(&At::root(), shape::said(&told)),
        None => {}
    }
    None
}

const NO_SUCH: &str = "there is no such member";
/// Members of a person that a record cannot have.
const NOT_IMPORTED: [(&str, &str); 2] = [
    ("administrator", "administrators are not brought in: `doorward user create --administrator` makes one"),
    ("password", "passwords are brought in as they are stored: password_hash"),
];
