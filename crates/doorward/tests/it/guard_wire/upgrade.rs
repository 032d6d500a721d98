//! A connection becomes a WebSocket's, and nothing else: in another protocol requests would pass that nobody was asked about.

use std::io::BufRead;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use super::{Connection, Guarded, head, rest, write};

const HANDSHAKE: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nConnection: keep-alive, Upgrade\r\n";

/// The guard before an API that agrees to everything by that answer, and then answers in it; heads that came to it, each with what followed.
fn eager(answer: &'static str) -> (Guarded, Receiver<(String, String)>) {
    let (told, came) = channel();
    let told = Mutex::new(told);
    let guarded = Guarded::new(move |mut connection: Connection| {
        let asked = head(&mut connection);
        write(&mut connection, &format!("{answer}\r\nwelcome\n"));
        let followed = rest(&mut connection);
        told.lock().unwrap().send((asked, followed)).unwrap();
    });
    (guarded, came)
}

#[test]
fn no_other_protocol_is_asked_for() {
    let (guarded, came) =
        eager("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n");
    let settings = "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";
    for (line, fields) in [
        (
            "GET /health HTTP/1.1",
            format!("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n{settings}"),
        ),
        ("GET /health HTTP/1.1", format!("Connection: Upgrade\r\nUpgrade: h2c\r\n{settings}")),
        ("GET /health HTTP/1.1", format!("{HANDSHAKE}Upgrade: h2c, websocket\r\n{settings}")),
        ("GET /health HTTP/1.1", format!("{HANDSHAKE}Upgrade: websocket, h2c\r\n")),
        ("GET /health HTTP/1.1", format!("{HANDSHAKE}Upgrade: websocket\r\nUpgrade: h2c\r\n")),
        ("GET /health HTTP/1.1", format!("{HANDSHAKE}Upgrade: TLS/1.0\r\n")),
        ("POST /health HTTP/1.1", format!("{HANDSHAKE}Upgrade: websocket\r\nContent-Length: 0\r\n")),
        ("GET /health HTTP/1.0", format!("{HANDSHAKE}Upgrade: websocket\r\n")),
        ("GET /health HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n".to_owned()),
        ("GET /health HTTP/1.1", String::new()),
    ] {
        let mut client = guarded.sent(&format!("{line}\r\nHost: api.example\r\n{fields}\r\n"));
        let answer = head(&mut client);
        assert!(answer.contains(" 502 bad gateway\r\n") && !answer.contains("upgrade"), "{fields}{answer}");
        write(&mut client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assert!(!rest(&mut client).contains("welcome"), "{fields}: the API spoke");
        let (asked, followed) = came.recv().unwrap();
        assert!(asked.contains(" /health http/1.1\r\n"), "{asked}");
        assert!(!asked.contains("upgrade") && !asked.contains("http2-settings"), "{fields}{asked}");
        assert_eq!(followed, "", "{fields}: the client was heard");
    }
    assert!(came.try_recv().is_err());
}

#[test]
fn what_is_not_understood_of_an_upgrade_is_an_ordinary_request() {
    let guarded = Guarded::new(|mut connection: Connection| {
        let asked = head(&mut connection);
        let told = if asked.contains("upgrade") { "asked" } else { "plain" };
        write(
            &mut connection,
            &format!("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\n{told}"),
        );
    });
    let mut client = guarded
        .sent("GET /health HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    let answer = head(&mut client);
    assert!(answer.starts_with("http/1.1 200 ok\r\n") && !answer.contains("upgrade"), "{answer}");
    // The connection is HTTP's as before: what follows is asked about like anything else.
    write(&mut client, "GET /health HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n");
    let all = rest(&mut client);
    assert!(all.starts_with("plainHTTP/1.1 200 OK") && all.ends_with("plain"), "{all}");
}

#[test]
fn another_protocol_is_not_agreed_to() {
    for told in [
        "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n",
        "Connection: Upgrade\r\n",
        "",
    ] {
        let (guarded, came) =
            eager(Box::leak(format!("HTTP/1.1 101 Switching Protocols\r\n{told}").into_boxed_str()));
        let mut client = guarded.sent(&format!(
            "GET /live HTTP/1.1\r\nHost: api.example\r\n{HANDSHAKE}Upgrade: websocket\r\n\r\n"
        ));
        let answer = head(&mut client);
        assert!(answer.contains(" 502 bad gateway\r\n") && !answer.contains("upgrade"), "{told}{answer}");
        write(&mut client, "hello\n\r\n\r\n");
        assert!(!rest(&mut client).contains("welcome"), "{told}");
        let (asked, followed) = came.recv().unwrap();
        assert!(
            asked.contains("\r\nupgrade: websocket\r\n") && asked.contains("\r\nconnection: upgrade\r\n"),
            "{asked}"
        );
        assert_eq!(followed, "", "{told}");
    }
}

#[test]
fn a_websocket_is_passed_on_as_it_is() {
    let (guarded, came) = eager(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nKeep-Alive: timeout=5\r\n",
    );
    let mut client = guarded.sent(&format!(
        "GET /live HTTP/1.1\r\nHost: api.example\r\n{HANDSHAKE}Upgrade: WebSocket\r\nDoorward-User: usr_mallory\r\n\r\nDELETE / HTTP/1.1\r\n\r\n"
    ));
    let answer = head(&mut client);
    assert!(answer.starts_with("http/1.1 101 ") && answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
    assert!(!answer.contains("keep-alive") && answer.contains("\r\nvia: 1.1 doorward\r\n"), "{answer}");
    let mut line = String::new();
    client.read_line(&mut line).unwrap();
    assert_eq!(line, "welcome\n");
    client.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    let (asked, followed) = came.recv().unwrap();
    assert!(asked.contains("\r\ndoorward-user: usr_alice\r\n") && !asked.contains("mallory"), "{asked}");
    // What came behind the handshake is the tunnel's: a request in it is none.
    assert_eq!(followed, "DELETE / HTTP/1.1\r\n\r\n");
    assert!(came.try_recv().is_err());
}

/// They last, so they have a bound of their own: the next is told to come back, ordinary requests go on, and the end of one is the next one's place.
#[test]
fn websockets_are_so_many_and_requests_go_on_beside_them() {
    let guarded = Guarded::with(&["--websockets", "2"], |mut connection: Connection| {
        let asked = head(&mut connection);
        if asked.starts_with("get /live ") && asked.contains("\r\nupgrade: websocket\r\n") {
            write(
                &mut connection,
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            );
            rest(&mut connection);
        } else {
            write(&mut connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    let begun = |path: &str| {
        let mut client = guarded.sent(&format!(
            "GET {path} HTTP/1.1\r\nHost: api.example\r\n{HANDSHAKE}Upgrade: websocket\r\n\r\n"
        ));
        let answer = head(&mut client);
        (client, answer)
    };
    let plain = || head(&mut guarded.sent("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n"));
    for _ in 0..3 {
        let (_, other) = begun("/no");
        assert!(other.starts_with("http/1.1 204 "), "what the API does not agree to is none: {other}");
    }
    let (first, second) = (begun("/live"), begun("/live"));
    for (_, answer) in [&first, &second] {
        assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    }
    for _ in 0..3 {
        let (_, refused) = begun("/live");
        assert!(refused.starts_with("http/1.1 503 ") && refused.contains("\r\nretry-after: "), "{refused}");
        assert!(plain().starts_with("http/1.1 204 "));
    }
    drop(first);
    // That it ended is noticed a moment later.
    assert!((0..10_000).any(|_| begun("/live").1.starts_with("http/1.1 101 ")));
}
