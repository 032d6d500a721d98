//! The access log and what systemd is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Folder, free_address, mode, until};

fn send(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{head}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn lines(folder: &Folder, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path(name)).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn each_request_is_a_line_without_secrets() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    folder.ok(&["client", "create", "web", "--redirect-uri", "https://app.example/cb"]);
    let server = folder.serve(&["--log-access", "access.log"]);
    let at = &server.address;
    send(
        at,
        "GET /.well-known/openid-configuration?token=canary-1 HTTP/1.1\r\nHost: localhost:8080\r\nCookie: s=canary-2",
        "",
    );
    send(
        at,
        "POST /token HTTP/1.1\r\nHost: localhost:8080\r\nX-Request-Id: mine\r\nUser-Agent: canary-3",
        "grant_type=authorization_code&code=canary-4&client_id=web&client_secret=canary-5",
    );
    send(at, "GET /%0d%0a%7b\"status\":1%7d HTTP/1.1\r\nHost: localhost:8080", "");
    send(at, "GET / HTTP/1.1\r\nHost: elsewhere.example", "");
    until("four lines", || lines(&folder, "access.log").len() == 4);
    assert_eq!(mode(&folder.path("access.log")), 0o640);
    assert!(!folder.read("access.log").contains("canary"), "{}", folder.read("access.log"));
    let found = lines(&folder, "access.log");
    let discovery = &found[0];
    assert_eq!(discovery["path"], "/.well-known/openid-configuration");
    assert_eq!((&discovery["status"], &discovery["method"]), (&200.into(), &"GET".into()));
    assert_eq!(
        (&discovery["tenant"], &discovery["issuer"]),
        (&"main".into(), &"http://localhost:8080".into())
    );
    assert!(discovery["bytes"].as_u64() > Some(500) && discovery["duration_us"].is_u64(), "{discovery}");
    assert!(discovery["request_id"].as_str().is_some_and(|id| id.len() == 20), "{discovery}");
    let token = &found[1];
    assert_eq!((&token["endpoint"], &token["client_id"]), (&"token".into(), &"web".into()));
    assert_eq!((&token["status"], &token["reason"]), (&401.into(), &"client.method".into()));
    assert_eq!(token["address"], "127.0.0.1");
    assert_eq!(found[2]["path"], "/%0d%0a%7b\"status\":1%7d");
    assert_eq!((&found[2]["reason"], &found[2]["tenant"]), (&"stray.route".into(), &"main".into()));
    assert_eq!((&found[3]["status"], &found[3]["tenant"]), (&421.into(), &Value::Null));
    assert_eq!(found[3]["reason"], "stray.host");

    // Rotated.
    std::fs::rename(folder.path("access.log"), folder.path("access.log.1")).unwrap();
    server.hang_up();
    until("it is opened anew", || folder.path("access.log").exists());
    send(at, "GET /jwks HTTP/1.1\r\nHost: localhost:8080", "");
    until("a line in the new file", || lines(&folder, "access.log").len() == 1);
    assert_eq!(lines(&folder, "access.log.1").len(), 4);
    server.stop();
}

/// Where parameters may stand in the query, what is secret may not, and a line has the path alone.
#[test]
fn mcs_12_a_secret_in_a_query_is_in_no_line() {
    let folder = Folder::new();
    folder.write(
        "state.yaml",
        "tenants:\n  - id: main\n    issuers:\n      - { url: \"http://localhost:8080/authentication\", dialect: magic, \
         shared_secret: { value: a-secret-of-at-least-thirty-two-characters } }\n",
    );
    folder.ok(&["apply", "-f", "state.yaml"]);
    let server = folder.serve(&["--log-access", "access.log"]);
    let secrets = ["code", "refresh_token", "password", "client_secret"];
    for secret in secrets {
        let target =
            format!("/authentication/api/token?client_id=x&grant_type=refresh_token&{secret}=canary");
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: localhost:8080\r\nX-Auth-Secret: canary-of-a-header");
        send(&server.address, &head, "");
    }
    until("a line of each", || lines(&folder, "access.log").len() == secrets.len());
    for line in lines(&folder, "access.log") {
        assert_eq!((&line["path"], &line["status"]), (&"/authentication/api/token".into(), &400.into()));
        assert_eq!(line["reason"], "request.secret_in_query", "{line}");
    }
    assert!(!folder.read("access.log").contains("canary"), "{}", folder.read("access.log"));
    server.stop();
}

/// One request too many: whose quota it was stands in the access log and in the metrics.
#[test]
fn whose_quota_a_request_was_one_too_many_of_is_said() {
    let folder = Folder::new();
    folder.write(
        "state.yaml",
        "tenants:\n  - id: main\n    issuers: [{ url: \"http://localhost:8080\" }]\n    clients:\n      \
         - { id: job, grant_types: [client_credentials], rate_limit: 1, auth_method: client_secret_post, \
         secrets: [{ value: a-secret-of-at-least-thirty-two-characters }] }\n",
    );
    folder.ok(&["apply", "-f", "state.yaml"]);
    let ops = free_address();
    let server = folder.serve(&["--log-access", "access.log", "--ops-listen", &ops]);
    let form = "grant_type=refresh_token&refresh_token=x&client_id=job&client_secret=a-secret-of-at-least-thirty-two-characters";
    for _ in 0..2 {
        send(&server.address, "POST /token HTTP/1.1\r\nHost: localhost:8080", form);
    }
    until("two lines", || lines(&folder, "access.log").len() == 2);
    let found = lines(&folder, "access.log");
    for (line, status, quota) in [(&found[0], 400, Value::Null), (&found[1], 429, "client".into())] {
        assert_eq!((&line["status"], &line["client_id"]), (&status.into(), &"job".into()), "{line}");
        assert_eq!(line["quota"], quota, "{line}");
    }
    assert_eq!(found[1]["reason"], "traffic.too_many");
    let metrics = send(&ops, "GET /metrics HTTP/1.1\r\nHost: ops", "");
    for line in [
        "doorward_requests_too_many_total{quota=\"client\"} 1",
        "doorward_requests_too_many_total{quota=\"address\"} 0",
        "doorward_faults_total{during=\"commit\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    server.stop();
}

#[test]
fn systemd_is_told_that_the_server_is_ready_lives_and_stops() {
    let folder = Folder::new();
    let socket = UnixDatagram::bind(folder.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let path = folder.path("notify").display().to_string();
    let server = folder.serve_in(&[], &[("NOTIFY_SOCKET", &path), ("WATCHDOG_USEC", "100000")]);
    let mut told = Vec::new();
    let hear = || {
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    while told.iter().filter(|text| *text == "WATCHDOG=1").count() < 3
        || !told.contains(&"READY=1".to_owned())
    {
        told.push(hear());
    }
    server.terminate();
    while told.last().is_none_or(|text| text != "STOPPING=1") {
        told.push(hear());
    }
    assert_eq!(server.ended().0, 0);
}
