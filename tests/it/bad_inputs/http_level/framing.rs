//! Where a request ends, and how large it may be.

use super::FORM;
use crate::bad_inputs::wire::{Wire, reply, shown_at_the_edge};
use crate::bad_inputs::{Case, json};

/// A request to the token endpoint with these lines, refused.
async fn framed(case: &Case, wire: &Wire, lines: &[&str], body: &str, statuses: &[u16]) {
    let before = case.rows().await;
    let mut all = vec![FORM];
    all.extend_from_slice(lines);
    let answer = wire.request("POST /token", &all, body).await;
    let found = reply(&answer);
    assert!(statuses.contains(&found.status), "{lines:?}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
    assert_eq!(case.rows().await, before);
}

pub(super) async fn ht_007(case: &Case) {
    let wire = Wire::of(case).await;
    for length in
        ["+3", "0x3", "-1", "3 ", "3, 3", "3,4", "3.0", "1e1", "18446744073709551616", "abc", "", "３"]
    {
        framed(case, &wire, &[&format!("Content-Length: {length}")], "a=b", &[400, 413]).await;
    }
    framed(case, &wire, &["Content-Length: 3", "Content-Length: 3"], "a=b", &[400]).await;
    framed(case, &wire, &["Content-Length: 3", "Content-Length: 4"], "a=b", &[400]).await;
    framed(case, &wire, &["Content-Length: 3", "content-length: 3"], "a=b", &[400]).await;
    shown_at_the_edge(
        include_str!("../../../../crates/web/tests/edge/framing.rs"),
        &["ht_007_odd_content_lengths"],
    );
}

pub(super) async fn ht_008(case: &Case) {
    let wire = Wire::of(case).await;
    let whole = "3\r\na=b\r\n0\r\n\r\n";
    for coding in [
        "chunked, identity",
        "xchunked",
        "chunked, chunked",
        "gzip, chunked",
        "identity",
        "chunked;q=1",
        "",
        "\u{b}chunked",
    ] {
        framed(case, &wire, &[&format!("Transfer-Encoding: {coding}")], whole, &[400, 501]).await;
    }
    framed(case, &wire, &["Transfer-Encoding: chunked", "Content-Length: 3"], whole, &[400]).await;
    framed(case, &wire, &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], whole, &[400]).await;
    for chunks in [
        "10000000000000000\r\na=b",
        "-1\r\na",
        "0x3\r\na=b\r\n0\r\n\r\n",
        "3\na=b\r\n0\r\n\r\n",
        "g\r\n",
        "3\r\na=bX\r\n0\r\n\r\n",
    ] {
        framed(case, &wire, &["Transfer-Encoding: chunked"], chunks, &[400, 413]).await;
    }
    // Positive guard: a chunked form is a form.
    let answer = wire.request("POST /token", &[FORM, "Transfer-Encoding: chunked"], whole).await;
    reply(&answer).assert_error(400, "invalid_request");
}

pub(super) async fn ht_010(case: &Case) {
    let wire = Wire::of(case).await;
    let many: Vec<String> = (0..101).map(|n| format!("X-{n}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(reply(&wire.request("GET /jwks", &many, "").await).status, 431);
    let large = format!("X-Large: {}", "y".repeat(64 * 1024));
    assert_eq!(reply(&wire.request("GET /jwks", &[&large], "").await).status, 431);
    let long = format!("GET /authorize?state={}", "y".repeat(16 * 1024));
    assert_eq!(reply(&wire.request(&long, &[], "").await).status, 414);
    // Within the caps, every field may be as long as a field may be.
    let longest = format!("GET /authorize?client_id={}", "y".repeat(8 * 1024));
    assert_eq!(reply(&wire.request(&longest, &[], "").await).status, 400);
    let body = format!("grant_type={}", "y".repeat(64 * 1024 - 11));
    let length = format!("Content-Length: {}", body.len());
    reply(&wire.request("POST /token", &[FORM, &length], &body).await).assert_error(400, "invalid_request");
    let fields = "a=b&".repeat(100_000);
    let length = format!("Content-Length: {}", fields.len());
    assert_eq!(reply(&wire.request("POST /token", &[FORM, &length], &fields).await).status, 413);
    let fields: String = (0..65).map(|n| format!("f{n}=v&")).collect();
    case.expect(json(400, "invalid_request"), async {
        case.app
            .send("POST", "/token", &[("content-type", "application/x-www-form-urlencoded")], &fields)
            .await
    })
    .await;
}

/// A gigabyte that is announced is not asked for.
pub(super) async fn ht_014(case: &Case) {
    let wire = Wire::of(case).await;
    for path in ["/token", "/revoke", "/sign-in", "/authorize", "/userinfo", "/nothing"] {
        let lines = [FORM, "Expect: 100-continue", "Content-Length: 1073741824"];
        let answer = wire.request(&format!("POST {path}"), &lines, "").await;
        assert_eq!(reply(&answer).status, 413, "{path}: {answer}");
        assert!(!answer.contains("100 Continue"), "{answer}");
    }
    let lines = [FORM, "Expect: 200-maybe", "Content-Length: 3"];
    assert_eq!(reply(&wire.request("POST /token", &lines, "a=b").await).status, 417);
}
