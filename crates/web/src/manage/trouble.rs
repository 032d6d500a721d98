//! Why something could not be done.

use std::fmt;

use doorward_core::admin::Denied;
use doorward_core::admin::last::POWER;
use doorward_core::desired::Problems;
use doorward_core::desired::problem::Step;
use doorward_core::id::TenantId;
use doorward_store::{CommitError, Fault};

/// Why not.
#[derive(Debug)]
pub enum Trouble {
    /// There is no such object.
    Unknown {
        /// What it would be.
        noun: &'static str,
        /// Its name.
        name: String,
    },
    /// There is no tenant at all.
    Empty,
    /// There are several tenants, and none was named.
    Several(Vec<String>),
    /// There is one of that name already.
    Exists {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: String,
    },
    /// What is wanted is wrong.
    Problems(Problems),
    /// What is wanted is not of the form that it must have.
    Misshapen(Problems),
    /// What is wanted cannot be read.
    Malformed(String),
    /// The actor may not.
    Denied(Denied),
    /// It contradicts what is.
    Refused(&'static str),
    /// Nobody would be left who administers a tenant; none: the server.
    Last(Option<TenantId>),
    /// The object is not as the caller saw it last.
    Stale,
    /// The object is there, which the caller did not expect.
    There,
    /// Something changed meanwhile, or a name is taken.
    Conflict,
    /// Storage, or another part, is out of reach.
    Fault(Fault),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { noun, name } => write!(f, "there is no {noun} {name}"),
            Self::Empty => f.write_str("there is no tenant yet"),
            Self::Several(names) => write!(f, "there are several tenants ({})", names.join(", ")),
            Self::Exists { noun, name } => {
                // Of the nouns with a u, none is spoken with one.
                let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
                write!(f, "there is {article} {noun} {name} already")
            }
            Self::Problems(problems) if problems.0.iter().all(|problem| problem.is_used) => {
                f.write_str(&used(problems))
            }
            Self::Problems(problems) => problems.fmt(f),
            Self::Misshapen(problems) => {
                // Of one object, its place in a document says nothing.
                let told = problems.0.iter().map(|problem| match problem.steps.first() {
                    Some(Step::Field(_)) => problem.to_string(),
                    _ => problem.what.clone(),
                });
                f.write_str(&told.collect::<Vec<_>>().join("\n"))
            }
            Self::Malformed(what) => f.write_str(what),
            Self::Denied(Denied::Scope(scope)) => write!(f, "this needs the permission {scope}"),
            Self::Denied(Denied::Tenant) => f.write_str("this is in another tenant"),
            Self::Refused(why) => f.write_str(why),
            Self::Last(None) => f.write_str(
                "nobody would be left who administers the server and can sign in: make somebody else an administrator first",
            ),
            Self::Last(Some(tenant)) => write!(
                f,
                "nobody would be left who administers tenant {tenant} by a role with {POWER} and can sign in: give somebody else such a role first",
            ),
            Self::Stale => f.write_str("the object was changed since it was read"),
            Self::There => f.write_str("there is such an object already"),
            Self::Conflict => {
                f.write_str("something changed meanwhile, or a name is taken; nothing was done")
            }
            Self::Fault(fault) => write!(f, "storage trouble: {fault}"),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Problems> for Trouble {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::Conflict,
            CommitError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Who names what would go, and where: `client shop (apis, scopes)`.
fn used(problems: &Problems) -> String {
    let mut users: Vec<(String, Vec<&str>)> = Vec::new();
    for problem in &problems.0 {
        let mut steps = problem.steps.iter().skip(1);
        let Some(Step::Item(list, name)) = steps.next() else { continue };
        let user = format!("{} {name}", list.strip_suffix('s').unwrap_or(list));
        let member = steps.next().map_or("", |(Step::Field(member) | Step::Item(member, _))| member.as_str());
        match users.iter_mut().find(|(known, _)| *known == user) {
            Some((_, members)) if members.contains(&member) => {}
            Some((_, members)) => members.push(member),
            None => users.push((user, vec![member])),
        }
    }
    let more = users.len().saturating_sub(MOST_TOLD);
    let mut told: Vec<String> = users
        .iter()
        .take(MOST_TOLD)
        .map(|(user, members)| format!("{user} ({})", members.join(", ")))
        .collect();
    if more > 0 {
        told.push(format!("{more} more"));
    }
    format!("what would go is in use: {}; take it out there first", told.join("; "))
}

/// Users of something that are named in one sentence.
const MOST_TOLD: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_has_its_article() {
        for (noun, told) in [
            ("client", "there is a client x already"),
            ("user", "there is a user x already"),
            ("installation", "there is an installation x already"),
            ("extension", "there is an extension x already"),
        ] {
            assert_eq!(Trouble::Exists { noun, name: "x".to_owned() }.to_string(), told);
        }
    }
}
