//! The client that asks the issuer, before servers that do not behave.

use std::time::Duration;

use bytes::Bytes;
use doorward_guard::{Fetch, FetchError, HttpClient};
use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// What the client makes of a server that says that again and again for as long as it is heard, or says the first part and nothing more.
async fn asked(
    begins: &'static str,
    goes_on: &'static str,
    within: Duration,
) -> Result<Response<Bytes>, FetchError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request = Request::get(format!("http://{}/", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let mut is_heard = stream.write_all(begins.as_bytes()).await.is_ok();
        while is_heard && !goes_on.is_empty() {
            is_heard = stream.write_all(goes_on.as_bytes()).await.is_ok();
        }
        std::future::pending::<()>().await;
    });
    let client = HttpClient::new().unwrap().within(within);
    let asking = client.fetch(request.body(Bytes::new()).unwrap(), 10);
    timeout(PATIENCE, asking).await.expect("it is done in its time")
}

#[tokio::test]
async fn no_answer_is_read_without_end() {
    let whole = asked("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890", "", PATIENCE).await;
    assert_eq!(whole.unwrap().into_body(), "1234567890");
    for (begins, goes_on) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901", ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "1234"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
    ] {
        assert_eq!(asked(begins, goes_on, PATIENCE).await.err(), Some(FetchError::TooLarge), "{begins}");
    }
}

#[tokio::test]
async fn nobody_is_waited_for_without_end() {
    for begins in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"] {
        let answer = asked(begins, "", Duration::from_millis(50)).await;
        assert_eq!(answer.err(), Some(FetchError::Timeout), "{begins}");
    }
}

/// A secret goes where it was told to, and nowhere else.
#[tokio::test]
async fn no_redirect_is_followed() {
    let moved =
        asked("HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "", PATIENCE)
            .await;
    assert_eq!(moved.unwrap().status(), 307);
}

const PATIENCE: Duration = Duration::from_secs(10);
