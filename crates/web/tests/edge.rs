//! The edge over real sockets: one test a row of the catalogue of bad inputs (areas http_level and
//! host_header_proxy), named by the row, with deadlines of milliseconds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod edge_support;

#[path = "edge/framing.rs"]
mod framing;
#[path = "edge/hosts.rs"]
mod hosts;
#[path = "edge/http2.rs"]
mod http2;
#[path = "edge/operations.rs"]
mod operations;
#[path = "edge/resources.rs"]
mod resources;
#[path = "edge/responses.rs"]
mod responses;
#[path = "edge/shutdown.rs"]
mod shutdown;
#[path = "edge/tls.rs"]
mod tls;
