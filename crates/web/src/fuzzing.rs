//! What the fuzz targets call, so that the same functions also run under `cargo test` over a corpus and its mutations.
//!
//! Each takes any bytes, must not panic, and asserts what must hold of whatever it accepts.

use std::time::Instant;

use doorward_core::Timestamp;

use crate::edge::{FrameBudget, Gate, HeadLimits, Network, Refusal};
use crate::fetch::{Exception, Fetcher, Policy};
use crate::webhook::schedule;

/// Every parser of this crate in turn.
pub fn parse_anything(bytes: &[u8]) {
    http1(bytes);
    http2(bytes);
    settings(bytes);
    retry_after(bytes);
}

/// The bytes of an HTTP/1 connection: however they are cut, the gate says the same.
pub fn http1(bytes: &[u8]) {
    let whole = gate(bytes, bytes.len().max(1));
    for size in [1, 2, 7] {
        assert_eq!(gate(bytes, size), whole);
    }
}

/// The bytes of an HTTP/2 connection: however they are cut, the budget is the same.
pub fn http2(bytes: &[u8]) {
    let now = Instant::now();
    let feed = |size: usize| {
        let mut budget = FrameBudget::new();
        let kept = bytes.chunks(size).all(|piece| budget.feed(piece, || now));
        (kept, kept.then(|| budget.newest_stream()))
    };
    assert_eq!(feed(1), feed(bytes.len().max(1)));
}

/// Address ranges and exceptions of the settings, urls of others.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse(), Ok(network));
    }
    if let Ok(Exception::Host(host, port)) = text.parse() {
        assert_eq!(format!("{host}:{port}").parse(), Ok(Exception::Host(host, port)));
    }
    // Whatever is accepted without any exception is https.
    if Fetcher::new(Policy::default()).check(text).is_ok() {
        assert!(url::Url::parse(text).is_ok_and(|url| url.scheme() == "https"));
    }
}

/// `Retry-After` of whoever is told something: it puts the next attempt off, by an hour at most, and never into the past.
pub fn retry_after(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for now in [0, 1_767_225_600_000, i64::MAX / 2] {
        let pause = schedule::next(Timestamp(now), 0, Some(text)).since_ms(Timestamp(now));
        assert!((1..=schedule::LONGEST_MS).contains(&pause), "{text:?}: {pause}");
    }
}

fn gate(bytes: &[u8], size: usize) -> Result<(bool, bool), Refusal> {
    let mut gate = Gate::new(HeadLimits { bytes: 2048, fields: 20, target: 512, host: true });
    bytes.chunks(size).try_for_each(|piece| gate.feed(piece))?;
    Ok((gate.in_head(), gate.in_body()))
}
