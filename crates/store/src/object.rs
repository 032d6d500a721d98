//! What the tables of configuration share: the whole description as JSON beside columns for what statements use, and a
//! version that a write states.

use serde::Serialize;

use crate::Fault;
use crate::statement::Statement;
use crate::value::Value;
use crate::write::{Expect, Write};

/// The two ways of putting an object.
pub(crate) struct Put {
    /// Creates it.
    pub insert: &'static Statement,
    /// Replaces it; the last parameter is the version that it must have.
    pub update: &'static Statement,
    /// The version that the writer saw; 0: none.
    pub version: i64,
}

/// Creates the object where the writer saw none, else replaces it at the version that the writer saw. `shared` are the
/// parameters of both statements, `born` those that only creating takes.
pub(crate) fn versioned(put: Put, shared: Vec<Value>, born: Vec<Value>) -> Write {
    let mut params = shared;
    let statement = if put.version == 0 {
        params.extend(born);
        put.insert
    } else {
        params.push(put.version.into());
        put.update
    };
    Write::new(statement, Expect::One, params)
}

/// JSON of a description.
pub(crate) fn json(during: &'static str, value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(during, error.to_string()))
}
