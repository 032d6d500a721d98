//! A request that is authorised and read, and what it is answered with.

use doorward_core::admin::Denied;
use doorward_core::admin::access::Caller;
use doorward_core::desired::date;
use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, TenantId, UserId};
use doorward_core::model::{Event, EventKind, Tenant};
use doorward_core::{Effect, Timestamp};
use doorward_crypto::random::SystemRandom;
use doorward_wire::params::Params;
use serde_json::{Value, json};

use super::cursor;
use super::idempotency::Keep;
use super::note_denied;
use super::problem::{Kind, Problem};
use super::route::Route;
use super::schema::wrong;
use crate::app::Call;
use crate::manage::{Manage, Trouble};

/// A request.
pub struct Asked<'a> {
    /// As it came.
    pub call: &'a Call<'a>,
    /// Its route.
    pub route: &'static Route,
    /// The values of the path's names.
    pub values: Vec<String>,
    /// Its query.
    pub query: Params,
    /// Its body, checked.
    pub body: Option<Value>,
    /// Who came.
    pub caller: Caller,
    /// What carries it out.
    pub manage: Manage,
    /// Where its answer is kept, when it asked for that.
    pub keep: Option<Keep>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; none for 204.
    pub body: Option<Value>,
    /// The version of the object that it shows.
    pub version: Option<i64>,
    /// Where the object is that was made: a path below `/admin/v1`.
    pub location: Option<String>,
    /// Lines of JSON instead of one body.
    pub lines: Option<String>,
    /// The key after which the list goes on; it is told as a cursor.
    pub next: Option<String>,
}

impl Asked<'_> {
    /// The tenant that the path names.
    pub fn tenant(&self) -> TenantId {
        TenantId(self.value(0).to_owned())
    }

    /// The row of that tenant.
    pub fn known_tenant(&self) -> Result<Tenant, Problem> {
        let directory = self.call.app.directory();
        let found = directory.tenant(&self.tenant()).map(|entry| Tenant::clone(&entry.tenant));
        found.ok_or_else(|| Problem::not_found("tenant"))
    }

    /// The refusal of something that the caller may not do; it leaves an event.
    pub async fn denied<T>(&self, denied: Denied) -> Result<T, Problem> {
        let home = &self.call.issuer.tenant;
        let denial = self.manage.denial(home, self.route.path, &denied, Value::Null);
        note_denied(self.call, vec![denial]).await?;
        Err(Trouble::Denied(denied).into())
    }

    /// What came of it. What the caller may not do leaves an event.
    pub async fn told<T>(&self, came: Result<T, Trouble>) -> Result<T, Problem> {
        match came {
            Err(Trouble::Denied(denied)) => self.denied(denied).await,
            came => Ok(came?),
        }
    }

    /// A value of the path.
    pub fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", String::as_str)
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.get(name).filter(|value| !value.is_empty())
    }

    /// The body.
    pub fn body(&self) -> Value {
        self.body.clone().unwrap_or_else(|| json!({}))
    }

    /// A member of the body that is a text.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.body.as_ref()?.get(member)?.as_str()
    }

    /// Which page of a list is asked for. The cursor is what a page before gave as `next`.
    pub fn page(&self) -> Result<(usize, Option<String>), Problem> {
        let limit = match self.param("limit") {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| Problem::new(Kind::Malformed, "limit must be between 1 and 200"))?,
        };
        let after =
            match self.param("after") {
                None => None,
                Some(text) => Some(cursor::read(self.call, text).ok_or_else(|| {
                    Problem::new(Kind::Malformed, "after must be the `next` of a page before")
                })?),
            };
        Ok((limit, after))
    }

    /// A yes or no of the query.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.param(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Problem::new(Kind::Malformed, format!("{name} must be true or false"))),
        }
    }

    /// What keeps the answer, beside what it tells of.
    pub fn kept(&self, reply: &Reply) -> Vec<Effect> {
        self.keep.iter().map(|keep| keep.effect(self.call, reply)).collect()
    }

    /// Commits, and answers.
    pub async fn commit(&self, mut effects: Vec<Effect>, reply: Reply) -> Result<Reply, Problem> {
        effects.extend(self.kept(&reply));
        self.manage.store().commit(effects).await.map_err(Trouble::from)?;
        Ok(reply)
    }

    /// An event of what the actor does.
    pub fn event(&self, kind: EventKind) -> Event {
        let mut rng = SystemRandom;
        Event::new(kind, &self.tenant(), self.manage.by().actor.clone(), &mut self.manage.ctx(&mut rng))
    }

    /// A time of the query.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let read = |text| {
            date::read(text).ok_or_else(|| {
                Problem::new(
                    Kind::Malformed,
                    format!("{name} must be a time in UTC such as 2027-01-01T00:00:00Z"),
                )
            })
        };
        self.param(name).map(read).transpose()
    }

    /// The id of a person that is there.
    pub async fn person(&self, id: &str) -> Result<UserId, Problem> {
        let id = UserId(id.to_owned());
        match self.manage.store().user(&self.tenant(), &id).await? {
            Some(_) => Ok(id),
            None => Err(Problem::not_found("user")),
        }
    }

    /// The actor holds all that a person does, of whom something is ended. Of nobody who is there any more, whoever may end it at all.
    pub async fn may_touch(&self, user: &UserId) -> Result<(), Problem> {
        match self.manage.may_touch(&self.tenant(), user).await {
            Err(Trouble::Unknown { .. }) => Ok(()),
            came => self.told(came).await,
        }
    }

    /// A client that is there.
    pub async fn client(&self, id: &str) -> Result<ClientFacts, Problem> {
        let found = self.manage.store().client(&self.tenant(), &ClientId(id.to_owned())).await?;
        found.ok_or_else(|| Problem::not_found("client"))
    }

    /// A number that the path names an object by.
    pub fn number(&self, index: usize, noun: &str) -> Result<i64, Problem> {
        self.value(index).parse().ok().filter(|id| *id >= 0).ok_or_else(|| Problem::not_found(noun))
    }

    /// A member of the body must be something else.
    pub fn wrong(&self, pointer: &str, detail: &str) -> Problem {
        Problem::invalid(vec![wrong(pointer, detail)])
    }
}

impl Reply {
    /// An object.
    pub fn one(body: Value, version: i64) -> Self {
        Self { version: Some(version), ..Self::plain(200, body) }
    }

    /// Something without a version.
    pub fn plain(status: u16, body: Value) -> Self {
        Self { status, body: Some(body), version: None, location: None, lines: None, next: None }
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self { status: 204, body: None, version: None, location: None, lines: None, next: None }
    }

    /// A page of at most `limit` of `found`, where one more was looked for; `key` is what the next page begins after.
    pub fn page(mut found: Vec<(String, Value)>, limit: usize) -> Self {
        let is_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| is_more).map(|(key, _)| key.clone());
        let items: Vec<Value> = found.into_iter().map(|(_, item)| item).collect();
        Self { next, ..Self::plain(200, json!({ "items": items, "next": null })) }
    }

    /// As one that made what is at `location`.
    pub fn made(self, location: String) -> Self {
        Self { status: 201, location: Some(location), ..self }
    }
}

const USUAL: usize = 50;
const MOST: usize = 200;
