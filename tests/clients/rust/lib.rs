//! The server under test, the scripted browser, and the little HTTP that the crates leave to their user.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use openidconnect::http::{Response, StatusCode};
use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse};

pub const CALLBACK: &str = "http://localhost:9000/cb";

pub fn issuer() -> String {
    env::var("DOORWARD_TEST_ISSUER").expect("run this through tests/tools/with-doorward")
}

pub fn demo() -> String {
    env::var("DOORWARD_TEST_DEMO").expect("run this through tests/tools/with-doorward")
}

pub fn secret_of(client: &str) -> String {
    format!("dev-secret-of-{client}-0123456789abcdefghijklmnopqrstuv")
}

/// Where Alice's browser is sent after she has signed in and consented.
pub fn authorize(jar: &str, url: &Url) -> Url {
    browse(jar, CALLBACK, &["--user", "alice", "--password", "doorward-dev"], url)
}

/// Where her browser is sent after she has signed out.
pub fn sign_out(jar: &str, until: &str, url: &Url) -> Url {
    browse(jar, until, &[], url)
}

fn browse(jar: &str, until: &str, person: &[&str], url: &Url) -> Url {
    let output = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../lib/browse.mjs"))
        .args(["--jar", jar, "--until", until])
        .args(person)
        .arg(url.as_str())
        .output()
        .expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().parse().expect("an address")
}

/// One request on a connection of its own; answers with a Content-Length.
pub fn http(request: HttpRequest) -> Result<HttpResponse, io::Error> {
    if request.uri().scheme_str() == Some("https") { https(&request) } else { plain(&request) }
}

fn plain(request: &HttpRequest) -> Result<HttpResponse, io::Error> {
    let uri = request.uri();
    let authority = uri.authority().expect("an absolute address").as_str();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut stream = TcpStream::connect(authority)?;
    write!(stream, "{} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n", request.method())?;
    for (name, value) in request.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().expect("visible ASCII"))?;
    }
    write!(stream, "content-length: {}\r\n\r\n", request.body().len())?;
    stream.write_all(request.body())?;
    read(BufReader::new(stream))
}

/// By curl, which knows the server's authority.
fn https(request: &HttpRequest) -> Result<HttpResponse, io::Error> {
    let authority = env::var("DOORWARD_TEST_CA").expect("run this through tests/tools/with-doorward --tls");
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--http1.1", "--cacert", &authority]);
    curl.args(["--request", request.method().as_str(), "--data-binary", "@-"]);
    for (name, value) in request.headers() {
        curl.args(["--header", &format!("{name}: {}", value.to_str().expect("visible ASCII"))]);
    }
    let curl = curl.arg(request.uri().to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = curl.spawn()?;
    running.stdin.take().expect("a pipe").write_all(request.body())?;
    let output = running.wait_with_output()?;
    if output.status.success() {
        read(output.stdout.as_slice())
    } else {
        Err(io::Error::other(format!("curl ends with {}", output.status)))
    }
}

fn read(mut reader: impl BufRead) -> Result<HttpResponse, io::Error> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
    let mut response = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().expect("a length");
        }
        response = response.header(name, value);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(response.body(body).expect("a response"))
}
