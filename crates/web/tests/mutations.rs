//! No parser panics: the functions of the fuzz targets over a corpus and its mutations. And where the gate lets a head
//! through, the parser behind it sees the same head.

use doorward_crypto::random::{Random, SeededRandom};
use doorward_web::edge::{Gate, HeadLimits};
use doorward_web::fuzzing::parse_anything;

const CORPUS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET /a?b=c HTTP/1.1\r\nhost:a\r\nAccept: */*\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/ HTTP/1.0\r\nHost: a:80\r\n\r\n",
    "POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x01\x01\x05\0\0\0\x01x\0\0\x08\x06\0\0\0\0\0abcdefgh",
    "10.0.0.0/8",
    "fd00::/8",
    "::ffff:10.0.0.1/96",
    "localhost:8081",
    "[::1]:8081",
    "https://app.example:8443/jwks?a=b",
    "http://user@[::ffff:127.0.0.1]/#x",
    "120",
    "99999999999999999999",
    "Thu, 01 Jan 2026 00:10:00 GMT",
];

/// Pieces that decide something.
const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "+3",
    "0x10",
    "ffffffffffffffff",
    "HTTP/1.1",
    "HTTP/1.0",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: b\r\n",
    "chunked",
    "\u{e4}",
    "#",
    "\\",
    "\r\n\r\n",
];

#[test]
fn no_parser_panics() {
    let mut random = SeededRandom::new(4);
    for input in CORPUS {
        for end in 0..=input.len() {
            parse_anything(&input.as_bytes()[..end]);
        }
        for _ in 0..400 {
            parse_anything(&mutated(input.as_bytes(), &mut random));
        }
    }
}

#[test]
fn gate_and_parser_see_the_same_head() {
    let mut random = SeededRandom::new(5);
    let mut compared = 0;
    for input in &CORPUS[..8] {
        for _ in 0..2_000 {
            let bytes = mutated(input.as_bytes(), &mut random);
            let Some(end) = end_by_gate(&bytes) else { continue };
            let mut fields = [httparse::EMPTY_HEADER; 100];
            let mut request = httparse::Request::new(&mut fields);
            match request.parse(&bytes) {
                Ok(httparse::Status::Complete(parsed)) => {
                    assert_eq!(parsed, end, "{:?}", String::from_utf8_lossy(&bytes));
                    let hosts =
                        request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case("host"));
                    assert_eq!(hosts.count(), 1);
                    compared += 1;
                }
                // The parser is stricter on names and values.
                Err(_) => {}
                Ok(httparse::Status::Partial) => {
                    panic!("the parser waits for more of {:?}", String::from_utf8_lossy(&bytes))
                }
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}

/// Where the first head ends, if the gate lets it through.
fn end_by_gate(bytes: &[u8]) -> Option<usize> {
    let mut gate = Gate::new(HeadLimits { bytes: 2048, fields: 100, target: 512, host: true });
    let mut begun = false;
    for (at, byte) in bytes.iter().enumerate() {
        gate.feed(&[*byte]).ok()?;
        begun |= gate.in_head() && !matches!(byte, b'\r' | b'\n');
        if begun && !gate.in_head() {
            return Some(at + 1);
        }
    }
    None
}

fn mutated(input: &[u8], random: &mut SeededRandom) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..1 + number(random, 3) {
        let at = number(random, bytes.len() + 1);
        let piece = PIECES[number(random, PIECES.len())].as_bytes();
        match number(random, 4) {
            0 => drop(bytes.splice(at..at, piece.iter().copied())),
            1 => bytes.truncate(at),
            2 if at < bytes.len() => bytes[at] = number(random, 256) as u8,
            _ => {
                let end = (at + number(random, 8)).min(bytes.len());
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
        }
    }
    bytes
}

fn number(random: &mut SeededRandom, below: usize) -> usize {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    u32::from_le_bytes(bytes) as usize % below
}
