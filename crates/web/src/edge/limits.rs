//! The deadlines and caps of a listener, with their defaults.

use std::time::Duration;

/// Deadlines and caps of one listener. Every field can be set; tests use a few milliseconds.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From accept to the first byte.
    pub first_byte: Duration,
    /// From the first byte of a head (or of a TLS handshake) to its last.
    pub header: Duration,
    /// Between two pieces of a body.
    pub body_idle: Duration,
    /// For a whole body.
    pub body_total: Duration,
    /// For an answer that the client does not take off the wire.
    pub write: Duration,
    /// Between an answer and the next request of a connection.
    pub keep_alive: Duration,
    /// After which a connection ends with its current request, however busy it is.
    pub max_age: Duration,
    /// From the start of a shutdown until what still runs is cut off.
    pub drain: Duration,
    /// How long a refused connection is still read from, so that the refusal is not lost to a reset.
    pub linger: Duration,
    /// Connections at once; beyond them, accepting pauses.
    pub max_connections: usize,
    /// Bytes of a request's head.
    pub max_head: usize,
    /// Header fields of a request.
    pub max_headers: usize,
    /// Bytes of a request target.
    pub max_target: usize,
    /// Bytes of any body, whatever the service allows.
    pub max_body: usize,
    /// Streams at once on one HTTP/2 connection.
    pub max_streams: u32,
    /// Whether a request without a host is refused (an operations listener answers probes that send none).
    pub require_host: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            first_byte: Duration::from_secs(10),
            header: Duration::from_secs(10),
            body_idle: Duration::from_secs(10),
            body_total: Duration::from_secs(30),
            write: Duration::from_secs(30),
            keep_alive: Duration::from_secs(60),
            max_age: Duration::from_secs(3600),
            drain: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            max_connections: 10_000,
            max_head: 32 * 1024,
            max_headers: 100,
            max_target: 12 * 1024,
            max_body: 1024 * 1024,
            max_streams: 100,
            require_host: true,
        }
    }
}

impl Limits {
    /// These limits for a process that may open so many descriptors: a quarter of them, and never less than 64, are
    /// left to everything that is not a client's connection.
    pub fn within(self, descriptors: usize) -> Self {
        let spare = (descriptors / 4).max(64);
        let most = descriptors.saturating_sub(spare).max(16);
        Limits { max_connections: self.max_connections.min(most), ..self }
    }

    /// The shortest of the deadlines that a connection's timer watches: how often it must look at least.
    pub(super) fn tick(&self) -> Duration {
        [self.first_byte, self.header, self.write, self.keep_alive]
            .into_iter()
            .min()
            .unwrap_or(self.header)
            .max(Duration::from_millis(1))
    }
}

/// How many descriptors this process may open, where the system tells.
pub fn descriptor_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_others() {
        for (descriptors, connections) in [(1_000_000, 10_000), (1024, 768), (128, 64), (64, 16), (0, 16)] {
            assert_eq!(Limits::default().within(descriptors).max_connections, connections);
        }
        assert_ne!(descriptor_limit(), Some(0));
    }
}
