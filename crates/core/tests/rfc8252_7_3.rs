//! RFC 8252, sections 7.1, 7.3 and 8.6: native clients. Any port on the loopback address that is registered; consent is not remembered.

use doorward_wire::redirect_uri::RedirectUri;

use crate::cases::{AuthorizeCase, StepRow, assert_steps};

#[test]
fn loopback_ports() {
    fn native(case: &mut AuthorizeCase, presented: &str) {
        case.make_public();
        case.client().redirect_uris =
            ["http://127.0.0.1/cb", "http://[::1]:9/cb", "com.example.app:/cb", "https://app.example/cb"]
                .map(|uri| RedirectUri::parse(uri).unwrap())
                .into();
        case.set("redirect_uri", presented);
    }
    // RFC 8252, section 8.6: anybody on the device can pose as it, so that the person is asked each time.
    const ASKED: &str = "consent openid rs1:read";
    const REFUSED: &str = "page authz.redirect_unregistered";
    let rows: &[StepRow] = &[
        ("as registered", |case| native(case, "http://127.0.0.1/cb"), ASKED),
        ("any port", |case| native(case, "http://127.0.0.1:51004/cb"), ASKED),
        ("any port on IPv6", |case| native(case, "http://[::1]:51004/cb"), ASKED),
        ("a scheme of its own", |case| native(case, "com.example.app:/cb"), ASKED),
        ("a claimed https URI is remembered", |case| native(case, "https://app.example/cb"), "code"),
        ("https on loopback", |case| native(case, "https://127.0.0.1/cb"), REFUSED),
        ("another path", |case| native(case, "http://127.0.0.1:51004/cb/"), REFUSED),
        ("a query", |case| native(case, "http://127.0.0.1:51004/cb?x=1"), REFUSED),
        ("localhost, which is not registered", |case| native(case, "http://localhost:51004/cb"), REFUSED),
        ("another loopback address", |case| native(case, "http://127.0.0.2:51004/cb"), REFUSED),
        ("user information", |case| native(case, "http://x@127.0.0.1:51004/cb"), REFUSED),
        ("a host that begins like it", |case| native(case, "http://127.0.0.1.evil.example/cb"), REFUSED),
        ("a port that is none", |case| native(case, "http://127.0.0.1:99999/cb"), REFUSED),
        ("a port with more", |case| native(case, "http://127.0.0.1:80@evil.example/cb"), REFUSED),
        ("the scheme with an authority", |case| native(case, "com.example.app://cb"), REFUSED),
        ("a port on the web", |case| native(case, "https://app.example:444/cb"), REFUSED),
    ];
    assert_steps(rows);
}

#[test]
fn a_native_client_gets_no_silent_answer() {
    let mut case = AuthorizeCase::new();
    case.make_public();
    case.client().redirect_uris = vec![RedirectUri::parse("http://127.0.0.1/cb").unwrap()];
    case.set("redirect_uri", "http://127.0.0.1:51004/cb");
    case.set("prompt", "none");
    assert_eq!(case.happens(), "error authz.consent_required");
}
