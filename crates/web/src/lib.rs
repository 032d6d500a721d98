//! HTTP: the edge, the endpoints, the pages and the workers.

pub mod edge;
pub mod fetch;
pub mod ops;
pub mod page;
pub mod telemetry;
