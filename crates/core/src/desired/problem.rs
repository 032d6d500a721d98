//! What is wrong with a desired state: every problem at once, each with the place where it is.

use std::fmt;

/// One problem.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Problem {
    /// Where: `tenants[demo].clients[demo-web].redirect_uris[1]`.
    pub at: String,
    /// What: a sentence. Never holds a secret.
    pub what: String,
    /// The same place step by step.
    #[serde(skip)]
    pub steps: Vec<Step>,
    /// Whether nothing is wrong but that another has it already.
    #[serde(skip)]
    pub is_taken: bool,
    /// Whether nothing is wrong but that something which is not spoken of names what would go.
    #[serde(skip)]
    pub is_used: bool,
}

/// A step to a place in a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// A member.
    Field(String),
    /// A member of a list, by its name or its number.
    Item(String, String),
}

/// All problems of a document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problems(pub Vec<Problem>);

/// A place in the document, to be extended.
#[derive(Clone, Debug)]
pub(super) struct At(Vec<Step>);

impl Problems {
    /// One, of a member of something that is no object of a document.
    pub fn of_member(name: &str, what: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(&At::root().field(name), what);
        problems
    }

    /// Adds one.
    pub(super) fn add(&mut self, at: &At, what: impl Into<String>) {
        let (at, steps) = (at.to_string(), at.0.clone());
        self.0.push(Problem { at, what: what.into(), steps, is_taken: false, is_used: false });
    }

    /// Adds one that is only that another has it already.
    pub(super) fn taken(&mut self, at: &At, what: impl Into<String>) {
        self.add(at, what);
        if let Some(problem) = self.0.last_mut() {
            problem.is_taken = true;
        }
    }

    /// Adds one unless it holds.
    pub(super) fn expect(&mut self, holds: bool, at: &At, what: &str) {
        if !holds {
            self.add(at, what);
        }
    }

    /// The value, or a problem.
    pub(super) fn take<T, E: fmt::Display>(&mut self, at: &At, found: Result<T, E>) -> Option<T> {
        found.map_err(|error| self.add(at, error.to_string())).ok()
    }

    /// Nothing was found.
    pub(super) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl At {
    /// The resource itself, where there is nothing around it.
    pub(super) fn root() -> Self {
        Self(Vec::new())
    }

    /// The tenant of that id.
    pub(super) fn tenant(id: &str) -> Self {
        Self(vec![Step::Item("tenants".to_owned(), id.to_owned())])
    }

    /// A member.
    pub(super) fn field(&self, name: &str) -> Self {
        self.with(Step::Field(name.to_owned()))
    }

    /// A member of a list, by its name.
    pub(super) fn item(&self, list: &str, id: impl fmt::Display) -> Self {
        self.with(Step::Item(list.to_owned(), id.to_string()))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Field(name) => write!(f, "{dot}{name}")?,
                Step::Item(list, id) => write!(f, "{dot}{list}[{id}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A number of seconds (or whatever `unit` says) must be in a range.
pub(super) fn range(
    problems: &mut Problems,
    at: &At,
    field: &str,
    value: i64,
    allowed: std::ops::RangeInclusive<i64>,
) {
    if !allowed.contains(&value) {
        problems.add(&at.field(field), format!("must be between {} and {}", allowed.start(), allowed.end()));
    }
}
