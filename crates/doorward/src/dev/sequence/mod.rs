//! The sequences of the wire contracts: what a client of each sends, step by step, as data. The demo application plays them one step at a
//! time (`relying_party/play.rs`), and `script.rs` writes each as one script for a shell.
//!
//! Texts hold `{name}` for what is filled in: what is the same for every play (`{issuer}`, `{callback}`, `{secret_of_CLIENT}`), and what an
//! answer before has brought.

mod ez_publish;
mod fill;
mod magic;
mod mia_platform;
mod mittwald;
mod place;
pub mod script;
mod smartenit;
mod standard;

use doorward_web::page::view::demo_sequence::title;

pub use fill::{Values, filled};
pub use place::values;

/// All of them, as they are shown.
pub const ALL: [&Sequence; 6] = [
    &standard::SEQUENCE,
    &mittwald::SEQUENCE,
    &mia_platform::SEQUENCE,
    &smartenit::SEQUENCE,
    &magic::SEQUENCE,
    &ez_publish::SEQUENCE,
];

/// What a client of one contract does.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// In addresses: the name of the dialect.
    pub name: &'static str,
    /// What it is called.
    pub called: &'static str,
    /// Where its issuer is, below the server's address.
    pub path: &'static str,
    /// The audience of the demo API that its calls go to.
    pub api: &'static str,
    /// In their order.
    pub steps: &'static [Step],
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The message that says what it does.
    pub title: &'static str,
    /// What it does.
    pub act: Act,
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// The browser is sent to the issuer, and comes back.
    Visit(Visit),
    /// A request is sent.
    Ask(Ask),
}

/// An authorization request.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Below the issuer.
    pub path: &'static str,
    /// What is asked for.
    pub query: &'static [(&'static str, &'static str)],
    /// The parameter that the browser comes back with.
    pub brings: Take,
    /// It stands behind `#`, which no browser sends to a server.
    pub in_fragment: bool,
}

/// A request that no browser sends.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The method.
    pub method: &'static str,
    /// To whom.
    pub at: At,
    /// Below that.
    pub path: &'static str,
    /// Name and secret for `Authorization: Basic`.
    pub basic: Option<(&'static str, &'static str)>,
    /// Further headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// What is sent.
    pub body: Body,
    /// The status that it is answered with.
    pub expects: u16,
    /// What its answer brings.
    pub takes: &'static [Take],
}

/// Who is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    /// The issuer of the sequence.
    Issuer,
    /// The standard issuer, with the admin API.
    Server,
    /// The demo API, behind the issuer's guard.
    Api,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Nothing.
    None,
    /// A form.
    Form(&'static [(&'static str, &'static str)]),
    /// A JSON text.
    Json(&'static str),
}

/// A member of an answer in JSON, the first of that name, or a parameter that a browser comes back with, for later steps.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// What it is called in later steps.
    pub value: &'static str,
    /// What it is called in the answer.
    pub member: &'static str,
    /// What else the object has of which it is a member.
    pub beside: Option<(&'static str, &'static str)>,
}

impl Sequence {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|sequence| sequence.name == name)
    }
}

impl At {
    /// The text that an address begins with.
    pub const fn base(self) -> &'static str {
        match self {
            Self::Issuer => "{issuer}",
            Self::Server => "{server}",
            Self::Api => "{api}",
        }
    }
}

const fn visit(
    title: &'static str,
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
) -> Step {
    Step { title, act: Act::Visit(Visit { path, query, brings: take("code", "code"), in_fragment: false }) }
}

/// A token in the fragment (RFC 6749, section 4.2), which that parameter is: `{implicit}` in later steps.
const fn visit_implicit(
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    parameter: &'static str,
) -> Step {
    let brings = take("implicit", parameter);
    Step { title: title::IMPLICIT, act: Act::Visit(Visit { path, query, brings, in_fragment: true }) }
}

const fn ask(title: &'static str, ask: Ask) -> Step {
    Step { title, act: Act::Ask(ask) }
}

/// A call of the demo API, by that header.
const fn call(
    title: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    expects: u16,
) -> Step {
    ask(title, Ask { headers, expects, ..Ask::to(At::Api, "GET", path) })
}

const fn take(value: &'static str, member: &'static str) -> Take {
    Take { value, member, beside: None }
}

impl Ask {
    const fn to(at: At, method: &'static str, path: &'static str) -> Self {
        Self { method, at, path, basic: None, headers: &[], body: Body::None, expects: 200, takes: &[] }
    }

    const fn get(path: &'static str) -> Self {
        Self::to(At::Issuer, "GET", path)
    }

    const fn post(path: &'static str, body: Body) -> Self {
        Self { body, ..Self::to(At::Issuer, "POST", path) }
    }
}

/// The platform's own backend gets a token for the admin API of the standard issuer.
const fn administers(title: &'static str, scope: &'static [(&'static str, &'static str)]) -> Step {
    ask(
        title,
        Ask {
            at: At::Server,
            basic: Some(("demo-platform", "{secret_of_platform}")),
            takes: ADMIN,
            ..Ask::post("/token", Body::Form(scope))
        },
    )
}

const ADMIN: &[Take] = &[take("admin", "access_token")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::fill::names;
    use super::*;

    /// What a step has in its texts.
    fn texts(step: &Step) -> Vec<&'static str> {
        match step.act {
            Act::Visit(visit) => {
                std::iter::once(visit.path).chain(visit.query.iter().map(|(_, value)| *value)).collect()
            }
            Act::Ask(ask) => {
                let headers = ask.headers.iter().map(|(_, value)| *value);
                let body: Vec<_> = match ask.body {
                    Body::None => Vec::new(),
                    Body::Form(form) => form.iter().map(|(_, value)| *value).collect(),
                    Body::Json(text) => vec![text],
                };
                let basic = ask.basic.iter().flat_map(|(name, secret)| [*name, *secret]);
                std::iter::once(ask.path).chain(headers).chain(body).chain(basic).collect()
            }
        }
    }

    #[test]
    fn each_step_uses_what_is_there_by_then() {
        for sequence in ALL {
            let mut there: BTreeSet<&str> = place::NAMES.into_iter().collect();
            for step in sequence.steps {
                for text in texts(step) {
                    for name in names(text) {
                        assert!(
                            there.contains(name),
                            "{}: {name} is not there yet, at {text}",
                            sequence.name
                        );
                    }
                }
                match step.act {
                    Act::Visit(visit) => {
                        there.insert(visit.brings.value);
                    }
                    Act::Ask(ask) => there.extend(ask.takes.iter().map(|take| take.value)),
                }
            }
        }
    }

    #[test]
    fn each_sequence_ends_with_a_call_that_was_answered_and_is_refused() {
        for sequence in ALL {
            let calls: Vec<u16> = sequence
                .steps
                .iter()
                .filter_map(|step| match step.act {
                    Act::Ask(ask) if ask.at == At::Api => Some(ask.expects),
                    Act::Ask(_) | Act::Visit(_) => None,
                })
                .collect();
            let refused = calls.iter().rposition(|status| [401, 403].contains(status));
            assert!(refused.is_some_and(|at| calls[..at].contains(&200)), "{}: {calls:?}", sequence.name);
        }
    }
}
