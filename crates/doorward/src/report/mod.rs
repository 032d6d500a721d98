//! What commands print: for people or as JSON, plain where nobody looks.

pub mod answer;
pub mod brought;
pub mod explain;
pub mod import;
pub mod lost;
pub mod plan;
pub mod style;
pub mod table;
