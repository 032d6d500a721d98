//! HTTP: the edge, the endpoints, the pages and the workers.

pub mod edge;
pub mod fetch;
pub mod fuzzing;
pub mod ops;
pub mod page;
pub mod telemetry;
