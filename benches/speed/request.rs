//! Requests as bytes, and one at a time for looking around.

use doorward_wire::params::Params;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::head;
use crate::world::HOST;

/// GET.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: */*\r\n{headers}\r\n").into_bytes()
}

/// POST of a form.
pub fn post(path: &str, headers: &str, form: &[(&str, &str)]) -> Vec<u8> {
    let mut request = Vec::new();
    post_into(&mut request, path, headers, form);
    request
}

/// The same, into a buffer.
pub fn post_into(request: &mut Vec<u8>, path: &str, headers: &str, form: &[(&str, &str)]) {
    let pairs = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = Params::from_pairs(pairs).to_query();
    request.clear();
    request.extend_from_slice(
        format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: */*\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
}

/// A Basic header.
pub fn basic(client: &str, secret: &str) -> String {
    let mut text = doorward_crypto::base64url::encode(format!("{client}:{secret}").as_bytes());
    text = text.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    format!("Authorization: Basic {text}\r\n")
}

/// A Bearer header.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Ask once, on a connection of its own: status, head and body.
pub async fn once(port: u16, request: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    stream.write_all(request).await.expect("the server reads");
    let mut bytes = Vec::new();
    loop {
        if let Some((status, whole)) = head(&bytes)
            && bytes.len() >= whole
        {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
            return (status, head.to_owned(), body.to_owned());
        }
        let count = stream.read_buf(&mut bytes).await.expect("the server answers");
        assert!(count > 0, "the server closed the connection: {}", String::from_utf8_lossy(&bytes));
    }
}
