//! The gate before hyper: reads the bytes of an HTTP/1 connection as they pass and refuses what two parsers could
//! read differently (RFC 9112): bare LF, folded lines, repeated or odd `Content-Length`, `Transfer-Encoding` beside
//! it, several hosts. It copies nothing unless a line arrives in pieces.

use super::Refusal;

/// Caps of a head.
#[derive(Clone, Copy, Debug)]
pub struct HeadLimits {
    /// Bytes of the whole head.
    pub bytes: usize,
    /// Header fields.
    pub fields: usize,
    /// Bytes of the request target.
    pub target: usize,
    /// Whether a host is needed.
    pub host: bool,
}

/// The reader of one connection's bytes.
#[derive(Debug)]
pub struct Gate {
    limits: HeadLimits,
    state: State,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    head: Head,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Fields,
    Body(u64),
    ChunkSize,
    ChunkData(u64),
    ChunkEnd,
    Trailers,
    Broken(Refusal),
}

/// What is known of the head being read.
#[derive(Debug, Default)]
struct Head {
    bytes: usize,
    fields: usize,
    hosts: u32,
    old: bool,
    length: Option<u64>,
    chunked: bool,
}

impl Gate {
    /// A gate at the start of a connection.
    pub fn new(limits: HeadLimits) -> Self {
        Gate { limits, state: State::Start, partial: Vec::new(), head: Head::default() }
    }

    /// Reads on. After a refusal, every later call refuses too.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let result = self.read(bytes);
        if let Err(refusal) = result {
            self.state = State::Broken(refusal);
            self.partial = Vec::new();
        }
        result
    }

    /// Whether a head has begun and not ended.
    pub fn in_head(&self) -> bool {
        match self.state {
            State::Start => self.head.bytes > 0 || !self.partial.is_empty(),
            State::Fields => true,
            _ => false,
        }
    }

    /// Whether a body has begun and not ended.
    pub fn in_body(&self) -> bool {
        !matches!(self.state, State::Start | State::Fields | State::Broken(_))
    }

    fn read(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            match self.state {
                State::Broken(refusal) => return Err(refusal),
                State::Body(left) => {
                    let (left, rest) = skip(left, bytes);
                    bytes = rest;
                    self.state = if left == 0 { self.restart() } else { State::Body(left) };
                }
                State::ChunkData(left) => {
                    let (left, rest) = skip(left, bytes);
                    bytes = rest;
                    self.state = if left == 0 { State::ChunkEnd } else { State::ChunkData(left) };
                }
                _ => bytes = self.read_line(bytes)?,
            }
        }
        Ok(())
    }

    /// Takes one line, or the beginning of one, off `bytes`.
    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Refusal> {
        let end = memchr::memchr(b'\n', bytes).map(|at| at + 1);
        let taken = end.unwrap_or(bytes.len());
        self.head.bytes += taken;
        self.check_size(self.partial.len() + taken)?;
        let Some(end) = end else {
            self.partial.extend_from_slice(bytes);
            return Ok(&[]);
        };
        let (piece, rest) = bytes.split_at(end);
        if self.partial.is_empty() {
            self.line(piece)?;
        } else {
            let mut line = std::mem::take(&mut self.partial);
            line.extend_from_slice(piece);
            self.line(&line)?;
        }
        Ok(rest)
    }

    fn check_size(&self, line: usize) -> Result<(), Refusal> {
        match self.state {
            // A method and a version take less than 64 bytes.
            State::Start if line > self.limits.target + 64 => Err(Refusal::TargetTooLong),
            State::Start | State::Fields if self.head.bytes > self.limits.bytes => Err(Refusal::HeadTooLarge),
            State::ChunkSize | State::ChunkEnd if line > 64 => Err(Refusal::BodyBroken),
            State::Trailers if self.head.bytes > self.limits.bytes => Err(Refusal::HeadTooLarge),
            _ => Ok(()),
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(if self.in_body() { Refusal::BodyBroken } else { Refusal::Line });
        };
        match self.state {
            State::Start => {
                // A server should ignore an empty line before the request line (RFC 9112, section 2.2).
                if line.is_empty() {
                    return if self.head.bytes > 4 { Err(Refusal::Line) } else { Ok(()) };
                }
                self.head.old = request_line(line, self.limits.target)?;
                self.state = State::Fields;
            }
            State::Fields if line.is_empty() => self.state = self.end_of_head()?,
            State::Fields => self.field(line)?,
            State::ChunkSize => {
                self.state = match chunk_size(line)? {
                    0 => {
                        self.head.bytes = 0;
                        State::Trailers
                    }
                    size => State::ChunkData(size),
                };
            }
            State::ChunkEnd if line.is_empty() => self.state = State::ChunkSize,
            State::Trailers if line.is_empty() => self.state = self.restart(),
            State::Trailers => {}
            _ => return Err(Refusal::BodyBroken),
        }
        Ok(())
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Refusal> {
        self.head.fields += 1;
        if self.head.fields > self.limits.fields {
            return Err(Refusal::HeadTooLarge);
        }
        if matches!(line, [b' ' | b'\t', ..]) {
            return Err(Refusal::Line);
        }
        // Names and values in general are hyper's to check; these decide where the request ends and whose it is.
        if let Some(value) = value_of(line, b"content-length") {
            if self.head.length.is_some() {
                return Err(Refusal::ContentLength);
            }
            self.head.length = Some(decimal(value).ok_or(Refusal::ContentLength)?);
        } else if let Some(value) = value_of(line, b"transfer-encoding") {
            if self.head.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::Framing);
            }
            self.head.chunked = true;
        } else if value_of(line, b"host").is_some() {
            self.head.hosts += 1;
        }
        Ok(())
    }

    fn end_of_head(&mut self) -> Result<State, Refusal> {
        if self.head.hosts > 1 || (self.head.hosts == 0 && self.limits.host) {
            return Err(Refusal::Host);
        }
        if self.head.chunked && (self.head.length.is_some() || self.head.old) {
            return Err(Refusal::Framing);
        }
        let next = match self.head.length {
            _ if self.head.chunked => State::ChunkSize,
            Some(length) if length > 0 => State::Body(length),
            _ => State::Start,
        };
        self.head = Head::default();
        Ok(next)
    }

    fn restart(&mut self) -> State {
        self.head = Head::default();
        State::Start
    }
}

fn skip(left: u64, bytes: &[u8]) -> (u64, &[u8]) {
    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    (left - taken as u64, &bytes[taken..])
}

/// Checks `METHOD SP target SP HTTP/1.x`; says whether it is HTTP/1.0.
fn request_line(line: &[u8], longest: usize) -> Result<bool, Refusal> {
    let mut parts = line.splitn(3, |&b| b == b' ');
    let (Some(method), Some(target), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Refusal::Line);
    };
    if method.is_empty() || method.len() > 20 || !method.iter().all(|b| b.is_ascii_uppercase() || *b == b'-')
    {
        return Err(Refusal::MethodUnknown);
    }
    if target.len() > longest {
        return Err(Refusal::TargetTooLong);
    }
    // A fragment never travels; a backslash is a slash to some.
    let is_plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\' | b'<' | b'>' | b'`');
    if target.is_empty() || !target.iter().all(is_plain) {
        return Err(Refusal::Target);
    }
    match version {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        _ if version.starts_with(b"HTTP/") => Err(Refusal::Version),
        _ => Err(Refusal::Line),
    }
}

/// The value of the field, trimmed, if this line is one of that name. White space before the colon is hyper's to refuse.
fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = line.get(name.len()..)?.strip_prefix(b":")?;
    line[..name.len()].eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// A chunk's size. Extensions are refused: nobody needs them and parsers differ on them.
fn chunk_size(line: &[u8]) -> Result<u64, Refusal> {
    if line.is_empty() || line.len() > 15 || !line.iter().all(u8::is_ascii_hexdigit) {
        return Err(Refusal::BodyBroken);
    }
    let digits = std::str::from_utf8(line).map_err(|_| Refusal::BodyBroken)?;
    u64::from_str_radix(digits, 16).map_err(|_| Refusal::BodyBroken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate::new(HeadLimits { bytes: 1024, fields: 5, target: 256, host: true })
    }

    /// Feeds whole, then byte by byte: both must agree.
    fn feed(text: &str) -> Result<bool, Refusal> {
        let mut whole = gate();
        let result = whole.feed(text.as_bytes()).map(|()| whole.in_head() || whole.in_body());
        let mut pieces = gate();
        let stepped = text
            .as_bytes()
            .chunks(1)
            .try_for_each(|byte| pieces.feed(byte))
            .map(|()| pieces.in_head() || pieces.in_body());
        assert_eq!(result, stepped, "{text:?}");
        result
    }

    #[test]
    fn whole_requests_end_where_they_should() {
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nhost:a\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\nx: y\r\n\r\n",
        ] {
            assert_eq!(feed(text), Ok(false), "{text:?}");
        }
    }

    #[test]
    fn partial_requests_are_waited_for() {
        for text in [
            "G",
            "GET / HTTP/1.1\r\nHo",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc",
        ] {
            assert_eq!(feed(text), Ok(true), "{text:?}");
        }
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        use Refusal::*;
        let long = "a".repeat(400);
        for (text, refusal) in [
            ("GET / HTTP/1.1\nHost: a\n\n", Line),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", Line),
            ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Line),
            ("GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", Line),
            ("GET /\r\nHost: a\r\n\r\n", Line),
            ("\r\n\r\n\r\n", Line),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", Version),
            ("get / HTTP/1.1\r\nHost: a\r\n\r\n", MethodUnknown),
            ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", Line),
            ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", Target),
            ("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", Target),
            ("GET / HTTP/1.1\r\n\r\n", Host),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Host),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", ContentLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n", ContentLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n", ContentLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", ContentLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", ContentLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", ContentLength),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                Framing,
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", Framing),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", Framing),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                Framing,
            ),
            ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", Framing),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
                BodyBroken,
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n", BodyBroken),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nab\n0\n\n", BodyBroken),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", BodyBroken),
            ("GET / HTTP/1.1\r\na:b\r\na:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n\r\n", HeadTooLarge),
            (&format!("GET /{long} HTTP/1.1\r\n"), TargetTooLong),
            (&format!("GET / HTTP/1.1\r\na: {long}\r\na: {long}\r\na: {long}\r\n"), HeadTooLarge),
        ] {
            assert_eq!(feed(text), Err(refusal), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_is_final() {
        let mut gate = gate();
        assert_eq!(gate.feed(b"GET / HTTP/1.1\n"), Err(Refusal::Line));
        assert_eq!(gate.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Err(Refusal::Line));
    }
}
