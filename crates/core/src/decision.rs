//! What a decision is: the effects to commit, and the answer or refusal to render.

use std::borrow::Cow;

use crate::{Effect, Reason};

/// A decision, as a value. A refusal may have effects too: the replay of a spent code ends its grant.
#[derive(Debug)]
pub struct Decision<T> {
    /// Committed all or nothing, before the answer is sent.
    pub effects: Vec<Effect>,
    /// What the caller is told.
    pub answer: Result<T, Refusal>,
}

impl<T> Decision<T> {
    /// An answer that changes nothing.
    pub fn answer(answer: T) -> Self {
        Self { effects: Vec::new(), answer: Ok(answer) }
    }

    /// An answer with its effects.
    pub fn with(effects: Vec<Effect>, answer: T) -> Self {
        Self { effects, answer: Ok(answer) }
    }

    /// A refusal that changes nothing.
    pub fn refuse(refusal: impl Into<Refusal>) -> Self {
        Self { effects: Vec::new(), answer: Err(refusal.into()) }
    }

    /// A refusal with effects.
    pub fn refuse_with(effects: Vec<Effect>, refusal: impl Into<Refusal>) -> Self {
        Self { effects, answer: Err(refusal.into()) }
    }

    /// The same decision with another answer type.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { effects: self.effects, answer: self.answer.map(f) }
    }
}

/// A refusal: the precise reason for us, and a sentence for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, precisely. It determines the standard code and the status.
    pub reason: Reason,
    /// What the caller reads as `error_description`; never their own input.
    pub description: Cow<'static, str>,
    /// Seconds after which trying again makes sense, where there is such a time.
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal with a sentence of its own.
    pub fn new(reason: Reason, description: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, description: description.into(), retry_after_s: None }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, description: Cow::Borrowed(reason.description()), retry_after_s: None }
    }
}
