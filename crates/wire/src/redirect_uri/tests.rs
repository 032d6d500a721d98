//! Rows: what may be registered, what a request may name, where the answer goes.

use super::*;

fn registered(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn what_applications_have_is_registered() {
    let rows = [
        ("https://app.example/cb", Some("app.example")),
        ("https://app.example", Some("app.example")),
        ("https://app.example/", Some("app.example")),
        ("https://app.example:8443/cb?x=1", Some("app.example")),
        ("https://app.example/cb?x=1&y=%C3%A4", Some("app.example")),
        ("https://app.example/cb?", Some("app.example")),
        ("https://app.example/cb?codes=1&mystate=2", Some("app.example")),
        ("https://xn--bcher-kva.example/cb", Some("xn--bcher-kva.example")),
        ("https://127.0.0.1/cb", Some("127.0.0.1")),
        ("https://[2001:db8::1]:8443/cb", Some("[2001:db8::1]")),
        ("http://127.0.0.1/cb", Some("127.0.0.1")),
        ("http://[::1]:9000/cb", Some("[::1]")),
        ("http://localhost:8081/callback", Some("localhost")),
        ("com.example.app:/cb", None),
        ("com.example.app://callback", None),
        ("com.example.app:oauth2redirect", None),
    ];
    for (text, host) in rows {
        let uri = registered(text);
        assert_eq!(uri.host(), host, "{text}");
        assert_eq!(uri.is_custom_scheme(), host.is_none(), "{text}");
        assert_eq!(uri.is_loopback(), text.starts_with("http:"), "{text}");
        assert!(uri.matches(text) && uri.matches_exactly(text), "{text}");
        assert_eq!(serde_json::from_str::<RedirectUri>(&serde_json::to_string(&uri).unwrap()).unwrap(), uri);
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_not_registered() {
    use BadRedirectUri::*;
    let longest = format!("https://app.example/{}", "a".repeat(URI_BYTES - 20));
    registered(&longest);
    let long = format!("{longest}a");
    let mut rows = vec![
        // RU-047, RU-048, RU-049
        ("http://app.example/cb", PlainHttp),
        ("https://app.example/cb#x", Fragment),
        ("https://app.example/cb#", Fragment),
        ("/cb", NotAbsolute),
        ("", NotAbsolute),
        ("cb", NotAbsolute),
        (long.as_str(), TooLong),
        // RU-013 .. RU-018, RU-024
        ("https://app.example@evil.example/cb", UserInfo),
        ("https://a@b@app.example/cb", UserInfo),
        ("https://@app.example/cb", UserInfo),
        ("https://:@app.example/cb", UserInfo),
        ("com.example.app://u@host/cb", UserInfo),
        ("https://evil.example\\@app.example/cb", Character),
        ("https://app.example/\\cb", Character),
        ("//evil.example/cb", NotAbsolute),
        ("/\\evil.example", Character),
        ("/%09/evil.example", Character),
        ("https://app.example/cb%0d%0aSet-Cookie:a=b", Character),
        ("https://app.example/cb%00", Character),
        ("https://app.example/cb%7f", Character),
        ("https://app.example/cb\r\nx", Character),
        ("https://app.example/c b", Character),
        (" https://app.example/cb", Character),
        ("https://app.example/\tcb", Character),
        ("https://\u{430}pp.example/cb", Character),
        ("https://app.example/\u{e4}", Character),
        ("https://app.example/<x>", Character),
        ("https://app.example/\"", Character),
        ("https://app.example/%zz", Character),
        ("https://app.example/%", Character),
        // RU-008, RU-010 and other spellings of the same place
        ("HTTPS://APP.EXAMPLE/cb", NotNormal),
        ("https://App.example/cb", NotNormal),
        ("https://app.example:443/cb", NotNormal),
        ("http://localhost:80/cb", NotNormal),
        ("https://app.example/a/../cb", NotNormal),
        ("https://app.example/./cb", NotNormal),
        ("https://app.example/%2e%2e/cb", NotNormal),
        ("https:/app.example/cb", NotNormal),
        ("https:app.example/cb", NotNormal),
        ("https:///app.example/cb", NotNormal),
        ("https://0x7f.1/cb", NotNormal),
        ("https://2130706433/cb", NotNormal),
        ("https://127.1/cb", NotNormal),
        ("http://127.1/cb", NotNormal),
        ("http://[0:0:0:0:0:0:0:1]/cb", NotNormal),
        ("https://app.example?x=1", NotNormal),
        ("https://app.example:08443/cb", NotNormal),
        ("https://app.%65xample/cb", NotNormal),
        ("https://app.example./cb", Host),
        ("https://*.app.example/cb", Host),
        ("https://app.example:0/cb", Host),
        ("https://", NotAbsolute),
        ("https://app.example:99999/cb", NotAbsolute),
        ("com.example.app:", Host),
        ("com.example.app://*/cb", Host),
        ("http://127.0.0.1.evil.example/cb", PlainHttp),
        ("http://127.0.0.2/cb", PlainHttp),
        ("http://localhost.evil.example/cb", PlainHttp),
        ("http://localhost./cb", PlainHttp),
        ("http://[::2]/cb", PlainHttp),
        ("http://0.0.0.0/cb", PlainHttp),
    ];
    for scheme in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "about:blank",
        "blob:https://app.example/x",
        "ftp://app.example/cb",
        "ws://app.example/cb",
        "myapp:/cb",
        "myapp://callback",
        "view-source:https://x.example",
        "intent://x",
        "urn:ietf:wg:oauth:2.0:oob",
        "mailto:a@b.example",
        "app.:/cb",
        "app..x:/cb",
    ] {
        rows.push((scheme, Scheme));
    }
    for (text, expected) in rows {
        assert_eq!(RedirectUri::parse(text), Err(expected), "{text:?}");
    }
}

#[test]
fn a_registered_query_holds_nothing_of_the_response() {
    // RU-052
    for name in RESPONSE_PARAMETERS {
        for text in [
            format!("https://app.example/cb?x=1&{name}=y"),
            format!("https://app.example/cb?{name}"),
            format!("com.example.app:/cb?{name}="),
        ] {
            assert_eq!(RedirectUri::parse(&text), Err(BadRedirectUri::ResponseParameter), "{text}");
        }
    }
    assert_eq!(RedirectUri::parse("https://app.example/cb?c%6fde=x"), Err(BadRedirectUri::ResponseParameter));
}

#[test]
fn a_presented_uri_is_compared_byte_by_byte() {
    let rows: &[(&str, &[&str])] = &[
        (
            "https://app.example/cb",
            &[
                "https://app.example/cb/%252e%252e/evil",
                "https://app.example/cb/",
                "HTTPS://APP.EXAMPLE/cb",
                "https://app.example./cb",
                "https://app.example:443/cb",
                "https://app.example:8443/cb",
                "https://app.example@evil.example/cb",
                "https://a@b@app.example/cb",
                "https://evil.example\\@app.example/cb",
                "//evil.example/cb",
                "/\\evil.example",
                "/%09/evil.example",
                "https://app.example/cb?next=https://evil.example",
                "https://app.example/cb%0d%0aSet-Cookie:a=b",
                "https://app.example/cb#",
                "https://app.example/cb ",
                "https://app.example/%63b",
                "https://app.example/CB",
                "https://app.example/cb2",
                "https://app.example/c",
                "http://app.example/cb",
                "http://127.0.0.1/cb",
                "http://localhost/cb",
                "",
            ],
        ),
        (
            "https://app.example/cb?x=1",
            &[
                "https://app.example/cb",
                "https://app.example/cb?x=1&code=ATTACKER",
                "https://app.example/cb?x=2",
                "https://app.example/cb?X=1",
            ],
        ),
        (
            "http://127.0.0.1/cb",
            &[
                "http://127.0.0.1:51004/cb?bar=foo",
                "http://127.0.0.1:51004/cb/",
                "http://127.0.0.1:51004/",
                "http://127.0.0.1:51004",
                "http://[::1]:51004/cb",
                "http://localhost:51004/cb",
                "http://127.0.0.1.evil.example/cb",
                "http://127.0.0.1:51004.evil.example/cb",
                "http://127.0.0.1:51004@evil.example/cb",
                "http://127.0.0.1@evil.example/cb",
                "http://127.1/cb",
                "http://2130706433/cb",
                "http://0x7f.1/cb",
                "http://127.0.0.2/cb",
                "https://127.0.0.1:51004/cb",
                "https://127.0.0.1/cb",
                "HTTP://127.0.0.1/cb",
                "http://127.0.0.1:/cb",
                "http://127.0.0.1:0/cb",
                "http://127.0.0.1:080/cb",
                "http://127.0.0.1:65536/cb",
                "http://127.0.0.1:99999999999999999999/cb",
                "http://127.0.0.1:+80/cb",
                "http://127.0.0.1: 80/cb",
                "http://127.0.0.1:80#/cb",
                "http://127.0.0.1\\/cb",
            ],
        ),
        (
            "http://localhost/cb",
            &["http://127.0.0.1/cb", "http://localhost.evil.example/cb", "http://localhostx/cb"],
        ),
        ("http://[::1]/cb", &["http://[::1]x/cb", "http://127.0.0.1/cb", "http://[::1]:x/cb"]),
        ("https://127.0.0.1/cb", &["https://127.0.0.1:8443/cb"]),
        ("com.example.app:/cb", &["com.example.app:/cb2", "com.example.app://cb", "com.example.App:/cb"]),
    ];
    for (ours, theirs) in rows {
        let uri = registered(ours);
        assert!(uri.matches(ours));
        for presented in *theirs {
            assert!(!uri.matches(presented), "{ours} matches {presented:?}");
        }
    }
}

#[test]
fn a_loopback_port_is_free() {
    // RU-034
    let rows = [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:9000/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:9000/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb?x=1", "http://[::1]:1/cb?x=1"),
        ("http://localhost:8081/cb", "http://localhost:65535/cb"),
        ("http://127.0.0.1", "http://127.0.0.1:5"),
    ];
    for (ours, presented) in rows {
        let uri = registered(ours);
        assert!(uri.matches(presented), "{ours} {presented}");
        assert!(!uri.matches_exactly(presented));
    }
}

#[test]
fn the_answer_goes_behind_what_is_registered() {
    let params = [("code", "a b"), ("state", "x&code=evil"), ("iss", "https://id.example")];
    let answer = "code=a%20b&state=x%26code%3Devil&iss=https%3A%2F%2Fid.example";
    let rows = [
        ("https://app.example/cb", "https://app.example/cb", "https://app.example/cb?"),
        ("https://app.example", "https://app.example", "https://app.example?"),
        // RU-023
        ("https://app.example/cb?x=1", "https://app.example/cb?x=1", "https://app.example/cb?x=1&"),
        ("https://app.example/cb?", "https://app.example/cb?", "https://app.example/cb?"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://127.0.0.1:51004/cb?"),
        ("com.example.app:/cb", "com.example.app:/cb", "com.example.app:/cb?"),
        ("https://app.example/cb", "https://evil.example/cb", "https://app.example/cb?"),
    ];
    for (ours, presented, start) in rows {
        assert_eq!(registered(ours).with_params(presented, &params), format!("{start}{answer}"));
    }
    assert_eq!(
        registered("https://app.example/cb").with_params("https://app.example/cb", &[]),
        "https://app.example/cb"
    );
}

#[test]
fn a_loopback_address_ends_where_its_host_ends() {
    let rows = [
        ("http://127.0.0.1", Some(("127.0.0.1", ""))),
        ("http://localhost:80?x", Some(("localhost", "?x"))),
        ("http://[::1]:9000/cb", Some(("[::1]", "/cb"))),
        ("http://127.0.0.1.evil.example", None),
        ("http://127.0.0.12/cb", None),
        ("http://localhost@evil.example", None),
        ("http://localhost:80@evil.example", None),
        ("http://localhost#x", None),
        ("https://localhost/", None),
    ];
    for (text, expected) in rows {
        assert_eq!(split_loopback(text), expected, "{text}");
    }
}

#[test]
fn what_is_below_one_begins_at_a_path_boundary() {
    let uri = |text: &str| RedirectUri::parse(text).unwrap();
    for (above, below) in [
        ("https://app.example/", "https://app.example/a/b?c=d"),
        ("https://app.example", "https://app.example/a"),
        ("https://app.example/a", "https://app.example/a/b"),
        ("https://app.example/a", "https://app.example/a?b=c"),
        ("https://app.example/a", "https://app.example/a?b=/..%2f"),
        ("https://app.example/a", "https://app.example/a/"),
        ("https://app.example/a/", "https://app.example/a/b%20c/d.html"),
    ] {
        assert!(uri(above).is_above(&uri(below)), "{above} {below}");
    }
    for (above, other) in [
        ("https://app.example", "https://app.example.evil/"),
        ("https://app.example/", "https://app.example.evil/"),
        ("https://app.example", "https://app.example:8443/"),
        ("https://app.example/a", "https://app.example/ab"),
        ("https://app.example/a/", "https://app.example/a"),
        ("https://app.example/a?b=c", "https://app.example/a?b=c/d"),
        ("com.app:/cb", "com.app:/cb/d"),
        ("https://app.example/", "http://localhost/"),
        // What some read as another path than others.
        ("https://app.example/a", "https://app.example/a/..%2f..%2fother"),
        ("https://app.example/a", "https://app.example/a/%5c..%5cx"),
        ("https://app.example/a", "https://app.example/a/%252e%252e/x"),
        ("https://app.example/a", "https://app.example/a/..;/x"),
        ("https://app.example/a", "https://app.example/a//evil.example"),
        ("https://app.example/a/", "https://app.example/a//evil.example"),
        ("https://app.example", "https://app.example//evil.example"),
        ("https://app.example/a/", "https://app.example/a/..%2fb?c=d"),
    ] {
        assert!(!uri(above).is_above(&uri(other)), "{above} {other}");
    }
    for (text, may) in [
        ("https://app.example", true),
        ("http://localhost:8080/a/", true),
        ("https://app.example/a?b=c", false),
        ("https://app.example/a?", false),
        ("com.app:/cb", false),
    ] {
        assert_eq!(uri(text).may_have_below(), may, "{text}");
    }
}
