//! Bodies on their way to the API: how long they may take, whose fault it is when they do not arrive, and that half of one is never the whole.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::{Connection, Guarded, head, rest, write};

/// The guard before an API that answers once a body has come that ends in that; the bodies that came, whole or not.
fn reading(flags: &[&str], end: &'static str) -> (Guarded, Receiver<String>) {
    let (told, came) = channel();
    let told = Mutex::new(told);
    let guarded = Guarded::with(flags, move |mut connection: Connection| {
        head(&mut connection);
        let (mut body, mut byte) = (Vec::new(), [0]);
        while !body.ends_with(end.as_bytes()) && connection.read(&mut byte).is_ok_and(|read| read == 1) {
            body.push(byte[0]);
        }
        write(&mut connection, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nread");
        told.lock().unwrap().send(String::from_utf8(body).unwrap()).unwrap();
    });
    (guarded, came)
}

const SIZED: &str = "POST /a HTTP/1.1\r\nHost: api.example\r\nContent-Length: 8\r\n\r\n";
const CHUNKED: &str = "POST /a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n";
const LAST_CHUNK: &str = "0\r\n\r\n";

#[test]
fn the_apis_time_begins_when_the_body_has_been_sent() {
    let (guarded, came) = reading(&["--timeout", "1"], "12345678");
    let mut client = guarded.sent(&format!("{SIZED}1234"));
    // The time that an upload takes is all that this is about.
    std::thread::sleep(Duration::from_millis(1500));
    write(&mut client, "5678");
    let answer = head(&mut client);
    assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
    assert_eq!(came.recv().unwrap(), "12345678");
    // And it does begin then: this API waits for more than was promised.
    let (guarded, came) = reading(&["--timeout", "1"], "9");
    let answer = head(&mut guarded.sent(&format!("{SIZED}12345678")));
    assert!(answer.starts_with("http/1.1 504 "), "{answer}");
    assert_eq!(came.recv().unwrap(), "12345678");
}

/// Where there is no body, or all of it has been sent, there is nothing to go on.
#[test]
fn the_time_of_a_body_is_not_the_apis() {
    let guarded = Guarded::with(&["--body-timeout", "1"], |mut connection: Connection| {
        let asked = head(&mut connection);
        let length = if asked.starts_with("post ") { 8 } else { 0 };
        connection.read_exact(&mut vec![0; length]).ok();
        // The time that an API takes is all that this is about.
        std::thread::sleep(Duration::from_millis(1500));
        write(&mut connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let asked = ["GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n".to_owned(), format!("{SIZED}12345678")];
    let clients = asked.map(|asked| guarded.sent(&asked));
    for mut client in clients {
        let answer = head(&mut client);
        assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
    }
}

#[test]
fn a_client_that_does_not_go_on_is_told_so() {
    for (head_of, half, end) in [(SIZED, "1234", "12345678"), (CHUNKED, "4\r\n1234\r\n", LAST_CHUNK)] {
        let (guarded, came) = reading(&["--body-timeout", "1"], end);
        let mut client = guarded.sent(&format!("{head_of}{half}"));
        let answer = head(&mut client);
        assert!(
            answer.starts_with("http/1.1 408 ") && answer.contains("\r\nconnection: close\r\n"),
            "{answer}"
        );
        assert_eq!(came.recv().unwrap(), half, "the API has half of a body, and sees that it is one");
    }
}

#[test]
fn what_is_no_part_of_a_body_does_not_make_it_go_on() {
    let (guarded, _came) = reading(&["--body-timeout", "1"], LAST_CHUNK);
    let mut client = guarded.sent(&format!("{CHUNKED}4;"));
    let mut stream = client.get_ref().try_clone().unwrap();
    let (done, is_done) = channel::<()>();
    // An extension of a chunk that never ends, in small pieces.
    let sending = std::thread::spawn(move || {
        (0..40).all(|_| {
            let is_waiting =
                is_done.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout);
            is_waiting && stream.write_all(b"a").is_ok()
        })
    });
    let answer = head(&mut client);
    drop(done);
    assert!(answer.starts_with("http/1.1 408 "), "{answer}");
    assert!(!sending.join().unwrap(), "it was waited for as long as it went on");
}

#[test]
fn an_api_that_reads_no_further_is_not_waited_for() {
    let (done, held) = channel::<()>();
    let held = Mutex::new(held);
    let guarded = Guarded::with(&["--body-timeout", "1"], move |mut connection: Connection| {
        head(&mut connection);
        held.lock().unwrap().recv().ok();
    });
    let mut client = guarded.sent(CHUNKED);
    let mut stream = client.get_ref().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let answer = head(&mut client);
    assert!(answer.starts_with("http/1.1 504 ") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    client.get_ref().shutdown(Shutdown::Both).ok();
    sending.join().unwrap();
    drop(done);
}

#[test]
fn what_is_no_body_is_the_clients_mistake() {
    for (head_of, sent, arrives, end) in [
        (CHUNKED, "4\r\n1234\r\nno chunk\r\n", "4\r\n1234\r\n", LAST_CHUNK),
        (CHUNKED, "4\r\n1234\r\n-1\r\n\r\n", "4\r\n1234\r\n", LAST_CHUNK),
        (CHUNKED, "4\r\n1234\r\n4\r\n12345678\r\n0\r\n\r\n", "4\r\n1234\r\n4\r\n1234\r\n", LAST_CHUNK),
        (CHUNKED, "4\r\n1234\r\n", "4\r\n1234\r\n", LAST_CHUNK),
        (SIZED, "1234", "1234", "12345678"),
    ] {
        let (guarded, came) = reading(&[], end);
        let mut client = guarded.sent(&format!("{head_of}{sent}"));
        client.get_ref().shutdown(Shutdown::Write).unwrap();
        let answer = rest(&mut client);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{sent:?}: {answer}");
        let came = came.recv().unwrap();
        assert!(arrives.starts_with(&came), "{sent:?}: {came:?}");
    }
}

#[test]
fn an_answer_that_had_begun_breaks_off() {
    let guarded = Guarded::new(|mut connection: Connection| {
        head(&mut connection);
        write(&mut connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun");
        rest(&mut connection);
    });
    let mut client = guarded.sent(&format!("{CHUNKED}4\r\n1234\r\n"));
    let answer = head(&mut client);
    assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
    write(&mut client, "no chunk\r\n");
    assert_eq!(rest(&mut client), "begun");
}
