//! A budget of control frames on an HTTP/2 connection (RFC 9113, section 10.5): SETTINGS, PING, RST_STREAM, empty
//! DATA and their like cost, requests and data earn, time refills. The h2 library bounds memory; this bounds work.

use std::time::{Duration, Instant};

/// Counts the frames of one connection as their bytes pass.
#[derive(Debug)]
pub struct FrameBudget {
    /// Bytes of the connection preface or of a payload still to skip.
    skip: usize,
    /// The frame header being read.
    header: [u8; 9],
    filled: usize,
    left: u32,
    refilled: Option<Instant>,
    newest_stream: u32,
}

/// What a connection may spend in one period.
const FULL: u32 = 500;
const PERIOD: Duration = Duration::from_secs(10);

impl FrameBudget {
    /// A budget at the start of a connection, before its preface.
    pub fn new() -> Self {
        FrameBudget {
            skip: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len(),
            header: [0; 9],
            filled: 0,
            left: FULL,
            refilled: None,
            newest_stream: 0,
        }
    }

    /// Reads on; false when the budget is spent. `now` is asked only then.
    pub fn feed(&mut self, mut bytes: &[u8], now: impl Fn() -> Instant) -> bool {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let taken = self.skip.min(bytes.len());
                self.skip -= taken;
                bytes = &bytes[taken..];
                continue;
            }
            let taken = (9 - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == 9 {
                self.filled = 0;
                if !self.frame() && !self.refill(now()) {
                    return false;
                }
            }
        }
        true
    }

    /// The newest stream that the client opened.
    pub fn newest_stream(&self) -> u32 {
        self.newest_stream
    }

    fn frame(&mut self) -> bool {
        const DATA: u8 = 0;
        const HEADERS: u8 = 1;
        const RST_STREAM: u8 = 3;
        let [a, b, c, kind, _flags, stream @ ..] = self.header;
        let length = u32::from_be_bytes([0, a, b, c]);
        self.skip = length as usize;
        let cost = match kind {
            DATA if length > 0 => return true,
            HEADERS => {
                self.newest_stream = self.newest_stream.max(u32::from_be_bytes(stream) & 0x7fff_ffff);
                self.left = (self.left + 4).min(FULL);
                return true;
            }
            // A reset right after its request is the rapid-reset attack: it costs more than the request earned.
            RST_STREAM => 8,
            _ => 1,
        };
        let affordable = self.left >= cost;
        self.left = self.left.saturating_sub(cost);
        affordable
    }

    fn refill(&mut self, now: Instant) -> bool {
        let due = self.refilled.is_none_or(|last| now.duration_since(last) >= PERIOD);
        if due {
            self.left = FULL;
            self.refilled = Some(now);
        }
        due
    }
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        bytes.extend([kind, 0]);
        bytes.extend(stream.to_be_bytes());
        bytes.extend(payload);
        bytes
    }

    fn opened() -> FrameBudget {
        let mut budget = FrameBudget::new();
        assert!(budget.feed(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Instant::now));
        budget
    }

    #[test]
    fn requests_and_data_are_free() {
        let mut budget = opened();
        for stream in 0..10_000 {
            for byte in frame(1, stream * 2 + 1, b"head") {
                assert!(budget.feed(&[byte], Instant::now));
            }
            assert!(budget.feed(&frame(0, stream * 2 + 1, b"data"), Instant::now));
        }
        assert_eq!(budget.newest_stream(), 19_999);
    }

    #[test]
    fn floods_of_control_frames_end() {
        for (kind, payload) in
            [(0, &b""[..]), (4, b"abcdef"), (6, b"12345678"), (3, b"1234"), (9, b""), (2, b"12345")]
        {
            let mut budget = opened();
            let now = Instant::now();
            let sent = (0..5_000).take_while(|_| budget.feed(&frame(kind, 1, payload), || now)).count();
            assert!(sent < 1_100, "kind {kind} sent {sent}");
        }
    }

    #[test]
    fn a_rapid_reset_ends() {
        let mut budget = opened();
        let now = Instant::now();
        let pair = [frame(1, 1, b"x"), frame(3, 1, b"1234")].concat();
        assert!((0..5_000).take_while(|_| budget.feed(&pair, || now)).count() < 500);
    }

    #[test]
    fn time_refills() {
        let mut budget = opened();
        let start = Instant::now();
        for minute in 0..100 {
            let now = start + Duration::from_secs(60 * minute);
            for _ in 0..400 {
                assert!(budget.feed(&frame(6, 0, b"12345678"), || now));
            }
        }
    }
}
