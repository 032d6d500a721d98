//! HTTP: the edge, the endpoints, the pages and the workers.

pub mod page;
