//! Changing the key-encryption key: what was sealed before still opens, and the key before opens nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Folder, Ran, mode};

/// A database with a client that gets tokens for itself.
fn founded() -> Folder {
    let folder = Folder::new();
    folder.write("state.yaml", STATE);
    folder.ok(&["apply", "-f", "state.yaml"]);
    folder
}

fn key(folder: &Folder) -> PathBuf {
    folder.path("doorward-data/key")
}

fn post(address: &str, path: &str, form: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let form = format!("{form}&client_id=job&client_secret={SECRET}");
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|_| panic!("{text}"))
}

fn token(address: &str) -> String {
    let answer = post(address, "/token", "grant_type=client_credentials");
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn is_active(address: &str, token: &str) -> bool {
    post(address, "/introspect", &format!("token={token}"))["active"] == true
}

/// A start that is expected to fail.
fn refused(folder: &Folder) -> Ran {
    let ran = folder.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"]);
    assert_eq!(ran.code, 78, "{ran:?}");
    ran
}

/// Who is named by the events of data keys that were wrapped anew.
fn actors(folder: &Folder) -> Vec<String> {
    let database = rusqlite::Connection::open(folder.path("doorward-data/doorward.db")).unwrap();
    let mut found = database.prepare("SELECT actor FROM events WHERE kind = 'key.wrapped'").unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_running_server_takes_a_new_key_and_its_tokens_live_on() {
    let folder = founded();
    let before = std::fs::read(key(&folder)).unwrap();
    let server = folder.serve(&[]);
    let old = token(&server.address);
    let answer = folder.json(&["keys", "rewrap", "--new"]);
    assert_eq!(answer, json!({ "rewrapped": 2, "new_key_file": "./doorward-data/key" }));
    assert_ne!(std::fs::read(key(&folder)).unwrap(), before);
    assert_eq!(mode(&key(&folder)), 0o600);
    assert!(!folder.path("doorward-data/key.old").exists());
    let new = token(&server.address);
    // A tenant that is made now is sealed by the new key.
    folder.write("more.yaml", "tenants: [{ id: more, issuers: [{ url: http://localhost:8080/more }] }]");
    folder.ok(&["apply", "-f", "more.yaml"]);
    assert_eq!(server.stop().0, 0);
    assert_eq!(actors(&folder), [r#"{"kind":"operator"}"#; 2]);

    let server = folder.serve(&[]);
    assert!(is_active(&server.address, &old) && is_active(&server.address, &new));
    assert!(is_active(&server.address, &token(&server.address)));
    server.stop();

    let after = std::fs::read(key(&folder)).unwrap();
    std::fs::write(key(&folder), before).unwrap();
    let ran = refused(&folder);
    assert!(ran.err.contains("not the one that this database was sealed with"), "{ran:?}");
    std::fs::write(key(&folder), after).unwrap();
    assert_eq!(folder.serve(&[]).stop().0, 0);
}

#[test]
fn a_change_that_was_interrupted_is_served_with_both_keys_and_finished_by_a_command() {
    let folder = founded();
    let old = folder.path("doorward-data/key.old");
    // As it stands between the new key file and the commit.
    std::fs::copy(key(&folder), &old).unwrap();
    std::fs::write(key(&folder), format!("{OTHER} 1\n")).unwrap();
    let server = folder.serve(&[]);
    assert!(server.printed.contains("doorward keys rewrap"), "{}", server.printed);
    let before = token(&server.address);
    let again = folder.run(&["keys", "rewrap", "--new"]);
    assert_eq!(again.code, 75, "{again:?}");
    assert!(again.err.contains("was not finished") && again.err.contains("without --new"), "{again:?}");
    server.stop();

    assert_eq!(folder.json(&["keys", "rewrap"]), json!({ "rewrapped": 2 }));
    assert!(!old.exists());
    assert_eq!(folder.json(&["keys", "rewrap"]), json!({ "rewrapped": 0 }));
    let server = folder.serve(&[]);
    assert!(is_active(&server.address, &before));
    assert!(!server.printed.contains("doorward keys rewrap"), "{}", server.printed);
}

#[test]
fn a_key_that_is_supplied_by_a_setting_is_changed_by_settings() {
    let folder = Folder::new();
    folder.write("state.yaml", STATE);
    let run = |arguments: &[&str], keys: &[(&str, &str)]| folder.run_with(arguments, keys, "");
    let (current, previous) = ("DOORWARD_KEY_ENCRYPTION_KEY", "DOORWARD_PREVIOUS_KEY_ENCRYPTION_KEY");
    let made = run(&["apply", "-f", "state.yaml"], &[(current, FIRST)]);
    assert_eq!(made.code, 0, "{made:?}");
    let ran = run(&["keys", "rewrap", "--new"], &[(current, FIRST)]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.err.contains("supplied by a setting") && ran.err.contains("previous_key"), "{ran:?}");
    let ran = run(&["keys", "rewrap"], &[(current, OTHER), (previous, FIRST)]);
    assert!(ran.out.starts_with("2 data keys were wrapped"), "{ran:?}");
    assert_eq!(run(&["keys", "list"], &[(current, OTHER)]).code, 0);
    assert_eq!(run(&["keys", "list"], &[(current, FIRST)]).code, 78);
}

const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const OTHER: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";
const STATE: &str = "
tenants:
  - id: main
    issuers: [{ url: http://localhost:8080 }]
    apis: [{ id: https://api.example, scopes: [{ name: read, default: true }] }]
    clients:
      - id: job
        auth_method: client_secret_post
        grant_types: [client_credentials]
        apis: [https://api.example]
        scopes: read
        secrets: [{ value: a-secret-of-at-least-thirty-two-characters }]
  - id: other
    issuers: [{ url: http://localhost:8080/other }]
";
