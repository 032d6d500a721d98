//! What other systems keep in files of theirs, as a state that `apply` reads; nothing is changed by it.

pub mod magic;
pub mod properties;

/// What became of what a file says.
#[derive(Debug, Default)]
pub struct Report {
    /// Keys that were taken, and as what.
    pub taken: Vec<(String, String)>,
    /// Keys that were not, and why.
    pub left: Vec<(String, String)>,
    /// What somebody must decide.
    pub decide: Vec<String>,
}

impl Report {
    fn take(&mut self, key: &str, what: impl Into<String>) {
        self.taken.push((key.to_owned(), what.into()));
    }

    fn leave(&mut self, key: &str, why: impl Into<String>) {
        self.left.push((key.to_owned(), why.into()));
    }

    fn decide(&mut self, what: impl Into<String>) {
        self.decide.push(what.into());
    }
}
