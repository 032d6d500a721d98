//! Which rule of an API is meant by a request. Rules are asked in their order; what a careless reader would take for an earlier one is refused.

use doorward_wire::route::{Fit, RoutePath};

use crate::Reason;
use crate::model::{Api, RouteRule};

/// What is asked of a request.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Demand<'a> {
    /// What a rule says.
    Rule(&'a RouteRule),
    /// A token of the API, and no more: it has no rules.
    Token,
}

impl<'a> Demand<'a> {
    fn rule(self) -> Option<&'a RouteRule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Token => None,
        }
    }

    /// Whether everybody may pass.
    pub fn is_open(self) -> bool {
        self.rule().is_some_and(|rule| rule.open)
    }

    /// Scopes that the token must have.
    pub fn scopes(self) -> &'a [String] {
        self.rule().map_or(&[], |rule| &rule.scopes)
    }

    /// The class of sign-in that it must rest on.
    pub fn acr(self) -> Option<&'a str> {
        self.rule().and_then(|rule| rule.acr.as_deref())
    }

    /// Seconds that the sign-in may be ago.
    pub fn max_age(self) -> Option<i64> {
        self.rule().and_then(|rule| rule.max_age)
    }
}

/// What `api` asks of a request. What no rule means is refused, as is a path that can be read in two ways.
pub fn demand<'a>(api: &'a Api, method: &str, target: &str) -> Result<Demand<'a>, Reason> {
    let rules = &api.guard.routes;
    if rules.is_empty() {
        return Ok(Demand::Token);
    }
    let path = RoutePath::parse(target).map_err(|_| Reason::GuardPath)?;
    if !is_method(method) {
        return Err(Reason::GuardPath);
    }
    for rule in rules.iter().filter(|rule| is_of_method(rule, method)) {
        match path.fit(&rule.path) {
            Fit::Exact => return Ok(Demand::Rule(rule)),
            Fit::Loose => return Err(Reason::GuardPath),
            Fit::None => {}
        }
    }
    Err(Reason::GuardRoute)
}

/// Whether a text is a method as rules name it: in another case it is another method (RFC 9110, section 9.1), but not to everybody.
pub fn is_method(text: &str) -> bool {
    (1..=MOST_LETTERS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

fn is_of_method(rule: &RouteRule, method: &str) -> bool {
    let asked = if method == "HEAD" { "GET" } else { method };
    rule.methods.is_empty() || rule.methods.iter().any(|known| known == asked || known == method)
}

const MOST_LETTERS: usize = 20;
