//! The API as the endpoints of a dialect use it: its routes, with the same rights and the same checks, asked for in other words. What is
//! answered is renamed by who asked.

use std::borrow::Cow;

use doorward_core::Reason;
use doorward_core::admin::Errand;
use doorward_core::admin::access::Caller;
use doorward_wire::params::Params;
use serde_json::Value;

use super::asked::{Asked, Reply};
use super::caller::{Unwelcome, authorised, on_errand};
use super::problem::Problem;
use super::route::{self, Found, Route};
use super::{admitted, checked, note_denied};
use crate::app::Call;
use crate::manage::{Manage, Trouble};

/// A request to a route that its sender may make.
pub struct Relay<'a> {
    call: &'a Call<'a>,
    route: &'static Route,
    values: Vec<String>,
    /// Who makes it.
    pub caller: Caller,
}

impl<'a> Relay<'a> {
    /// One to the route of a method and a path below the API's, by whoever bears that token.
    pub async fn of(
        call: &'a Call<'a>,
        token: Result<Cow<'_, str>, Reason>,
        (method, path): (&str, &str),
    ) -> Result<Self, Unwelcome> {
        let Found::Route(route, values) = route::find(method, path) else {
            return Err(Unwelcome::Refused(Reason::ObjectUnknown));
        };
        let caller = authorised(call, token, route, &values).await?;
        Ok(Self { call, route, values, caller })
    }

    /// One by which a client does an errand for itself, by a token of its own. `name` is the errand's endpoint.
    pub async fn on_errand(
        call: &'a Call<'a>,
        token: Result<Cow<'_, str>, Reason>,
        (errand, name): (Errand, &'static str),
        (method, path): (&str, &str),
    ) -> Result<Self, Unwelcome> {
        let Found::Route(route, values) = route::find(method, path) else {
            return Err(Unwelcome::Refused(Reason::ObjectUnknown));
        };
        let caller = on_errand(call, token, (errand, name)).await?;
        Ok(Self { call, route, values, caller })
    }

    /// What carries out what its sender may do there, for an endpoint that does it in another way.
    pub async fn manage(&self) -> Result<Manage, Problem> {
        admitted(self.call, self.route, &self.values, &self.caller).await
    }

    /// A body, where it is as the route takes it.
    pub fn checked(&self, body: Value) -> Result<Value, Problem> {
        match self.route.request {
            Some(object) => checked(object, self.route, body),
            None => Ok(body),
        }
    }

    /// What is told of that which its endpoint could not do by itself with `body`. What its sender may not do leaves an event.
    pub async fn told(&self, manage: &Manage, trouble: Trouble, body: &Value) -> Problem {
        if let Trouble::Denied(denied) = &trouble {
            let denial = manage.denial(&self.call.issuer.tenant, self.route.path, denied, Value::Null);
            if let Err(problem) = note_denied(self.call, vec![denial]).await {
                return problem;
            }
        }
        Problem::of(trouble, Some(body))
    }

    /// Carries it out. A route that takes no body is given none.
    pub async fn carry(self, body: Value) -> Result<Reply, Problem> {
        let Self { call, route, values, caller } = self;
        let manage = admitted(call, route, &values, &caller).await?;
        let body = match route.request {
            Some(object) => Some(checked(object, route, body)?),
            None => None,
        };
        let asked = Asked { call, route, values, query: Params::default(), body, caller, manage, keep: None };
        (route.run)(&asked).await
    }
}
