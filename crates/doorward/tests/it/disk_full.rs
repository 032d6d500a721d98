//! A disk that is full, for real: a small file system in memory that a file fills. Only root may mount one; others see the same by
//! a database that may not grow (`crates/store/tests/store/disk_full.rs`).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use doorward_tests::report;

use crate::support::{Folder, free_address, until};

/// The data folder on a disk of its own; gone when dropped.
struct Disk(std::path::PathBuf);

impl Disk {
    /// None where this process may not mount.
    fn under(folder: &Folder) -> Option<Self> {
        let path = folder.path("doorward-data");
        std::fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=112m,mode=0700", "tmpfs"])
            .arg(&path)
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }

    /// Takes all that is left.
    fn fill(&self) {
        let mut file =
            std::fs::OpenOptions::new().append(true).create(true).open(self.0.join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().ok();
    }
}

fn post(address: &str, path: &str, client: &str, form: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let form = format!("{form}&client_id={client}&client_secret={SECRET}");
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    if status == 503 {
        assert!(text.to_ascii_lowercase().contains("retry-after:"), "{text}");
    }
    (status, text)
}

/// A token that is a row.
fn token(address: &str) -> (u16, String) {
    token_of(address, "job")
}

fn token_of(address: &str, client: &str) -> (u16, String) {
    let (status, text) = post(address, "/token", client, "grant_type=client_credentials");
    let token = text.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next());
    (status, token.unwrap_or_default().to_owned())
}

fn is_active(address: &str, token: &str) -> bool {
    let (status, text) = post(address, "/introspect", "job", &format!("token={token}"));
    assert_eq!(status, 200, "{text}");
    text.contains("\"active\":true")
}

#[test]
fn on_a_full_disk_what_ends_is_committed_and_what_issues_is_not_until_there_is_room() {
    let folder = Folder::new();
    let Some(disk) = Disk::under(&folder) else {
        report("a full disk", "this user may not mount one; shown by a database that may not grow");
        return;
    };
    folder.write("state.yaml", STATE);
    folder.ok(&["apply", "-f", "state.yaml"]);
    let ops = free_address();
    let server = folder.serve(&["--ops-listen", &ops]);
    let at = &server.address;
    let ready = || folder.run(&["healthcheck", "--ops-listen", &ops]).code == 0;
    until("it is ready", ready);
    let tokens: Vec<String> = (0..40).map(|_| token(at).1).collect();
    assert!(tokens.iter().all(|token| is_active(at, token)));
    // A JWT is no row: its revocation is one.
    let signed = token_of(at, "stamp").1;
    assert!(is_active(at, &signed));

    disk.fill();
    let mut issued = 0;
    while token(at).0 == 200 {
        issued += 1;
        assert!(issued < 50_000, "the disk is never full");
    }
    until("it says that it is not ready", || !ready());
    assert_eq!(token_of(at, "stamp").0, 503, "although it needs no row");
    assert_eq!(post(at, "/revoke", "stamp", &format!("token={signed}")).0, 200);
    assert!(!is_active(at, &signed));
    // Again and again, for longer than the server waits between looking for room.
    for token in &tokens {
        let (status, text) = post(at, "/revoke", "job", &format!("token={token}"));
        assert_eq!(status, 200, "{text}");
        assert!(!is_active(at, token));
        assert_eq!(self::token(at).0, 503);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    folder.ok(&["user", "disable", "ada"]);
    assert_eq!(folder.json(&["user", "show", "ada"])["disabled"], true);
    folder.ok(&["user", "remove", "ben"]);
    folder.ok(&["client", "remove", "spare"]);
    let keys = folder.json(&["keys", "list"]);
    let current = |key: &&serde_json::Value| key["algorithm"] == "ES256" && key["state"] == "current";
    let leaked = keys.as_array().unwrap().iter().find(current).unwrap()["kid"].as_str().unwrap().to_owned();
    let left = folder.json(&["keys", "remove", &leaked]);
    assert!(!left.to_string().contains(&leaked), "{left}");
    let refused = folder.run(&["user", "create", "bob", "--no-password"]);
    assert_eq!(refused.code, 69, "{refused:?}");

    disk.make_room();
    until("it issues again by itself", || token(at).0 == 200);
    until("it is ready again", ready);
    folder.ok(&["client", "disable", "stamp"]);
    server.stop();
    // Nothing was lost meanwhile.
    let server = folder.serve(&[]);
    assert!(tokens.iter().all(|token| !is_active(&server.address, token)));
    server.stop();
}

const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
const STATE: &str = "
tenants:
  - id: main
    issuers: [{ url: http://localhost:8080 }]
    apis:
      - { id: https://api.example, token_format: opaque, scopes: [{ name: read, default: true }] }
      - { id: https://jwt.example, token_format: jwt, scopes: [{ name: stamp, default: true }] }
    clients:
      - id: job
        auth_method: client_secret_post
        grant_types: [client_credentials]
        apis: [https://api.example]
        scopes: read
        introspects_all: true
        secrets: [{ value: a-secret-of-at-least-thirty-two-characters }]
      - id: stamp
        auth_method: client_secret_post
        grant_types: [client_credentials]
        apis: [https://jwt.example]
        scopes: stamp
        secrets: [{ value: a-secret-of-at-least-thirty-two-characters }]
      - id: spare
        grant_types: [client_credentials]
        scopes: read
        apis: [https://api.example]
        secrets: [{ value: another-secret-of-at-least-thirty-two-characters }]
    users: [{ user_name: ada }, { user_name: ben }]
";
