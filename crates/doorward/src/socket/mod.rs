//! The local socket of a running server, `doorward.sock` in the data folder, for its owner only. A connection carries one
//! order as a line of JSON, and its answer.

pub mod client;
pub mod server;

/// The most bytes of an order or an answer.
const MOST: u64 = 256 << 20;
