//! SIGTERM: what the server has taken on is finished, what it has not taken on is untouched, and it exits with 0.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use doorward_tests::{VERIFIER, basic, encode};

use crate::browser::Browser;
use crate::history::{History, Outcome};
use crate::load::Client;
use crate::server::Running;
use crate::world::{WEB, World, redirect_uri_of, secret_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_under_way_are_finished() {
    let world = World::new().await;
    let mut running = Running::start(&world);
    running.ready().await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.sign_in().await.expect("an answer").status, 303);
    let mut halves = Vec::new();
    for _ in 0..HALVES {
        let reply = browser.authorize(WEB, "openid jwt:read").await.expect("an answer");
        halves.push(Half::begin(&world, reply.param("code").expect("a code")).await);
    }
    running.terminate();
    // Whoever comes now finds nobody.
    while TcpStream::connect(("127.0.0.1", world.ports[0])).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for half in halves {
        let answer = half.finish().await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(head.to_ascii_lowercase().contains("connection: close"), "{head}");
        assert!(body.contains("\"access_token\""), "{body}");
    }
    let status = running.ended().await;
    assert_eq!(status.code(), Some(0), "{status}");
}

/// A token request of which the server has read the head: it said "100 Continue", and waits for the body.
struct Half {
    stream: TcpStream,
    body: String,
}

impl Half {
    async fn begin(world: &World, code: String) -> Self {
        let redirect_uri = redirect_uri_of(WEB);
        let body = encode(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ]);
        let head = format!(
            "POST /token HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: {}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n",
            world.ports[0],
            basic(WEB, &secret_of(WEB)),
            body.len(),
        );
        let mut stream =
            TcpStream::connect(("127.0.0.1", world.ports[0])).await.expect("the server is there");
        stream.write_all(head.as_bytes()).await.expect("a head can be sent");
        let mut interim = [0; CONTINUE.len()];
        stream.read_exact(&mut interim).await.expect("an interim answer");
        assert_eq!(&interim, CONTINUE);
        Self { stream, body }
    }

    async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.expect("the body can be sent");
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.expect("an answer, and the end");
        answer
    }
}

/// Clients redeem codes as fast as they can while the signal comes. Each request is answered, or was not taken on: then the same
/// code can be redeemed at the next server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_request_is_half_done() {
    let world = World::new().await;
    let mut running = Running::start(&world);
    running.ready().await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.sign_in().await.expect("an answer").status, 303);
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let reply = browser.authorize(WEB, "openid jwt:read").await.expect("an answer");
        codes.push(reply.param("code").expect("a code"));
    }
    let history = Arc::new(History::new());
    let (enough, signal) = watch::channel(0);
    let mut clients = Vec::new();
    for share in codes.chunks(CODES / CLIENTS) {
        let (share, enough) = (share.to_vec(), enough.clone());
        let mut client = Client::new(&world, &history);
        clients.push(tokio::spawn(async move {
            let mut left = Vec::new();
            for code in share {
                match client.redeem(WEB, &code).await {
                    Some(Outcome::Tokens { .. }) => enough.send_modify(|count| *count += 1),
                    None | Some(Outcome::Unknown) => left.push(code),
                    Some(other) => panic!("an answer that nobody asked for: {other:?}"),
                }
            }
            left
        }));
    }
    let mut signal = signal;
    signal.wait_for(|count| *count >= CODES / 4).await.expect("the clients count");
    running.terminate();
    let mut left = Vec::new();
    for client in clients {
        left.extend(client.await.expect("a client ends well"));
    }
    let status = running.ended().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(!left.is_empty() && left.len() < CODES, "{} of {CODES} were left", left.len());

    let mut running = Running::start(&world);
    running.ready().await;
    let mut client = Client::new(&world, &history);
    for code in &left {
        let outcome = client.redeem(WEB, code).await;
        assert!(
            matches!(outcome, Some(Outcome::Tokens { .. })),
            "a code was spent without an answer: {outcome:?}"
        );
    }
    running.terminate();
    assert_eq!(running.ended().await.code(), Some(0));
    assert_eq!(world.damage(), Vec::<String>::new());
}

const HALVES: usize = 20;
const CODES: usize = 240;
const CLIENTS: usize = 6;
const CONTINUE: &[u8; 25] = b"HTTP/1.1 100 Continue\r\n\r\n";
