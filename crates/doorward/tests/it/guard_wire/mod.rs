//! `doorward guard` as the bytes of its connections have it, between an issuer's server that lets everything pass and an API that does what a
//! test says: what gets through, and what does not.

mod asked;
mod body;
mod host;
mod message;
mod upgrade;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use crate::support::Folder;

/// A connection, read by lines and bytes.
type Connection = BufReader<TcpStream>;

/// The guard, running.
struct Guarded {
    child: Child,
    address: String,
    _folder: Folder,
}

impl Guarded {
    /// In front of an API that treats each connection so.
    fn new(api: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::with(&[], api)
    }

    /// The same with flags.
    fn with(flags: &[&str], api: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::of(&neighbour(pass), flags, api)
    }

    /// The same of another issuer.
    fn of(issuer: &str, flags: &[&str], api: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        let folder = Folder::new();
        let upstream = neighbour(api);
        let addresses = ["--listen", "127.0.0.1:0", "--upstream", &upstream, "--issuer", issuer];
        let mut command = folder.command(&["guard", "--api", "https://api.example"]);
        let mut child =
            command.args(addresses).args(flags).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
        Self { child, address, _folder: folder }
    }

    /// A connection of a client, on which that was sent.
    fn sent(&self, bytes: &str) -> Connection {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        BufReader::new(stream)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A server on a free port, and its URL.
fn neighbour(treat: impl Fn(Connection) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let treat = std::sync::Arc::new(treat);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let treat = std::sync::Arc::clone(&treat);
            std::thread::spawn(move || treat(BufReader::new(stream.unwrap())));
        }
    });
    url
}

/// The issuer's server: whoever asks passes, as Alice. What else it is asked it says back.
fn pass(mut connection: Connection) {
    loop {
        let asked = head(&mut connection);
        let Some(target) = asked.split(' ').nth(1) else { return };
        let (whom, body) = if target.starts_with("/guard?") { (ALICE, "") } else { ("", target) };
        let length = body.len();
        write(&mut connection, &format!("HTTP/1.1 200 OK\r\n{whom}Content-Length: {length}\r\n\r\n{body}"));
    }
}

/// The head of the next message, in small letters; empty where there is none.
fn head(connection: &mut Connection) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && connection.read_line(&mut head).is_ok_and(|read| read > 0) {}
    head.to_ascii_lowercase()
}

/// All that comes until the end.
fn rest(connection: &mut Connection) -> String {
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).ok();
    String::from_utf8_lossy(&rest).into_owned()
}

fn write(connection: &mut Connection, bytes: &str) {
    connection.get_mut().write_all(bytes.as_bytes()).ok();
}

const ALICE: &str = "Doorward-User: usr_alice\r\nDoorward-Client: web\r\nDoorward-Installation: \r\nDoorward-Scopes: openid\r\n";
