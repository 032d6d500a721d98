//! `serve`: the first start, what it refuses, and its end.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{Folder, free_address, mode, until};

/// The status line of a GET, under the name of the issuer.
fn status(address: &str, path: &str) -> String {
    answer(address, path).lines().next().unwrap_or_default().to_owned()
}

fn answer(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_first_start_makes_a_link_for_the_first_administrator() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let link = folder.read("doorward-data/setup-url");
    assert!(link.starts_with("http://localhost:8080/setup?link=dws_"), "{link}");
    for (file, wanted) in [("", 0o700), ("setup-url", 0o600), ("doorward.sock", 0o600), ("key", 0o600)] {
        assert_eq!(mode(&folder.path("doorward-data").join(file)), wanted, "{file}");
    }
    let secret = link.trim().rsplit('=').next().unwrap();
    assert!(!server.printed.contains(secret), "without a terminal the link is in the file alone");
    let path = link.trim().strip_prefix("http://localhost:8080").unwrap();
    assert_eq!(status(&server.address, path), "HTTP/1.1 200 OK");
    assert_eq!(status(&server.address, "/setup?link=dws_wrong"), "HTTP/1.1 404 Not Found");
    assert_eq!(status(&server.address, "/.well-known/openid-configuration"), "HTTP/1.1 200 OK");
    let another = folder.ok(&["user", "setup-link"]);
    assert!(another.contains("/setup?link=dws_") && !another.contains(secret), "{another}");
    let (code, out) = server.stop();
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(!folder.path("doorward-data/doorward.sock").exists());
}

#[test]
fn every_file_and_folder_is_its_owners_alone() {
    fn check(place: &std::path::Path, seen: &mut usize) {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), wanted, "{}", path.display());
            *seen += 1;
            if path.is_dir() {
                check(&path, seen);
            }
        }
    }
    let (folder, mut seen) = (Folder::new(), 0);
    let server = folder.serve(&[]);
    check(&folder.path(""), &mut seen);
    server.stop();
    drop(folder.dev(&["--tls"]));
    check(&folder.path(""), &mut seen);
    assert!(folder.path("doorward-data/doorward.db-ballast").exists() && seen > 15, "{seen}");
}

#[test]
fn a_second_start_keeps_everything_and_makes_no_link() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    std::fs::remove_file(folder.path("doorward-data/setup-url")).unwrap();
    let before = folder.ok(&["export"]);
    folder.serve(&[]).stop();
    assert!(!folder.path("doorward-data/setup-url").exists());
    assert_eq!(folder.ok(&["export"]), before);
}

#[test]
fn a_bootstrap_file_takes_the_place_of_the_link() {
    let folder = Folder::new();
    folder.write(
        "state.yaml",
        "tenants:\n  - id: main\n    issuers: [{ url: http://localhost:8080 }]\n    users:\n      - { user_name: root, password: hills behind the harbour, administrator: true }\n",
    );
    let server = folder.serve(&["--bootstrap", "state.yaml"]);
    assert!(!folder.path("doorward-data/setup-url").exists());
    assert_eq!(folder.json(&["user", "show", "root"])["administrator"], true);
    server.stop();
    let bad = Folder::new();
    bad.write("state.yaml", "tenants:\n  - id: main\n    issuers: [{ url: http://id.example }]\n");
    let ran =
        bad.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none", "--bootstrap", "state.yaml"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(ran.err.contains("an issuer must be an https URL"), "{ran:?}");
    assert!(!bad.path("doorward-data").exists(), "nothing was made: the next start is still the first");
    // One that is passed over is said to be, on a server that is there already.
    let server = folder.serve(&["--bootstrap", "state.yaml"]);
    let said = server.printed.lines().find(|line| line.contains("--bootstrap is passed over"));
    assert!(said.is_some_and(|line| line.contains("WARN")), "{}", server.printed);
    server.stop();
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let second = folder.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"]);
    assert_eq!(second.code, 75, "{second:?}");
    assert!(second.err.contains("another server") && second.err.contains("--data"), "{second:?}");
    assert_eq!(status(&server.address, "/jwks"), "HTTP/1.1 200 OK");
}

#[test]
fn a_database_that_is_deleted_under_the_server_is_noticed() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let link = folder.read("doorward-data/setup-url");
    for file in std::fs::read_dir(folder.path("doorward-data")).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("doorward.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let path = link.trim().strip_prefix("http://localhost:8080").unwrap();
    // Found out by the next write, and by a look once a second.
    let refused = folder.run(&["user", "setup-link"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(status(&server.address, path), "HTTP/1.1 503 Service Unavailable");
    assert!(!folder.path("doorward-data/doorward.db").exists(), "no other one was made");
}

#[test]
fn readiness_follows_whether_anything_can_be_written() {
    let folder = Folder::new();
    let ops = free_address();
    let _server = folder.serve(&["--ops-listen", &ops]);
    let is = |wanted: &str| status(&ops, "/readyz").contains(wanted);
    until("ready", || is("200"));
    let shown = answer(&ops, "/metrics");
    for gauge in ["clock_step_ms 0", "commits_waiting ", "passwords_waiting 0", "wal_bytes "] {
        assert!(shown.contains(&format!("\ndoorward_{gauge}")), "{gauge}? {shown}");
    }
    let other = rusqlite::Connection::open(folder.path("doorward-data/doorward.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    until("another process holds the lock", || is("503"));
    other.execute_batch("ROLLBACK").unwrap();
    until("the lock is free", || is("200"));
    let (database, aside) = (folder.path("doorward-data/doorward.db"), folder.path("aside"));
    std::fs::rename(&database, &aside).unwrap();
    until("the file is gone", || is("503"));
    std::fs::rename(&aside, &database).unwrap();
    until("the file is back", || is("200"));
}

#[test]
fn a_key_without_its_database_is_refused_and_no_new_one_is_made() {
    let folder = Folder::new();
    let database = folder.path("doorward-data/doorward.db");
    folder.serve(&[]).stop();
    let kept = std::fs::read(&database).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"];
    let told = |ran: &crate::support::Ran, code| {
        assert_eq!(ran.code, code, "{ran:?}");
        for words in ["doorward-data/key", "doorward-data/doorward.db", "from its backup", "start over"] {
            assert!(ran.err.contains(words), "{words}? {ran:?}");
        }
    };

    std::fs::remove_file(&database).unwrap();
    told(&folder.run(&serve), 66);
    told(&folder.run(&["migrate", "up"]), 66);
    folder.write("empty.yaml", "tenants: []\n");
    told(&folder.run(&["apply", "-f", "empty.yaml"]), 66);
    assert!(!database.exists(), "no other one is made");
    std::fs::write(&database, "").unwrap();
    told(&folder.run(&serve), 66);

    std::fs::write(&database, kept).unwrap();
    assert_eq!(folder.serve(&[]).stop().0, 0);

    // Starting over on purpose.
    std::fs::remove_file(&database).unwrap();
    std::fs::rename(folder.path("doorward-data/key"), folder.path("key-of-before")).unwrap();
    assert_eq!(folder.serve(&[]).stop().0, 0);
}

#[test]
fn a_first_start_that_was_cut_short_is_taken_up_again() {
    let folder = Folder::new();
    folder.ok(&["migrate", "up"]);
    // A key that was made, and no database was sealed with it yet; or one that somebody made by hand.
    folder.write("doorward-data/key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    assert_eq!(folder.serve(&[]).stop().0, 0);
}

#[test]
fn a_taken_port_is_told() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = folder.run(&["serve", "--listen", &address, "--ops-listen", "none"]);
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.err.contains(&format!("cannot listen on {address}")), "{ran:?}");
    assert!(!folder.path("doorward-data/doorward.db").exists(), "nothing was made yet");
}

#[test]
fn a_missing_or_wrong_key_is_refused() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"];
    let key = folder.path("doorward-data/key");
    let kept = std::fs::read(&key).unwrap();

    std::fs::remove_file(&key).unwrap();
    let missing = folder.run(&serve);
    assert_eq!(missing.code, 78, "{missing:?}");
    assert!(missing.err.contains("missing") && missing.err.contains("backup"), "{missing:?}");
    assert!(!key.exists(), "no key is made for a database that is sealed");

    let other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let wrong = folder.run_with(&serve, &[("DOORWARD_KEY_ENCRYPTION_KEY", other)], "");
    assert_eq!(wrong.code, 78, "{wrong:?}");
    assert!(wrong.err.contains("not the one that this database was sealed with"), "{wrong:?}");
    assert!(!wrong.err.contains(other), "a key is never printed");

    std::fs::write(&key, kept).unwrap();
    assert_eq!(folder.serve(&[]).stop().0, 0);
}

#[test]
fn migrations_wait_for_a_command_when_told_so() {
    let folder = Folder::new();
    let serve = ["--auto-migrate", "false"];
    let ran = folder.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none", serve[0], serve[1]]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.err.contains("doorward migrate up"), "{ran:?}");
    folder.ok(&["migrate", "up"]);
    assert_eq!(folder.serve(&serve).stop().0, 0);
}

#[test]
fn a_database_that_cannot_be_used_is_named_with_what_to_do() {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"];
    let told = |ran: &crate::support::Ran, code, words: &[&str]| {
        assert_eq!(ran.code, code, "{ran:?}");
        for words in words {
            assert!(ran.err.contains(words), "{words}? {ran:?}");
        }
    };
    let folder = Folder::new();
    std::fs::create_dir(folder.path("doorward-data")).unwrap();
    folder.write("doorward-data/doorward.db", &"no database at all ".repeat(1000));
    let damaged = ["doorward-data/doorward.db", "file is not a database", "from its backup"];
    told(&folder.run(&serve), 65, &damaged);
    told(&folder.run(&["migrate", "status"]), 65, &damaged);

    // What a folder that cannot be written says, also to a test that runs as root.
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("doorward-data/doorward.db.lock")).unwrap();
    told(&folder.run(&serve), 78, &["cannot lock", "doorward-data/doorward.db.lock", "must be writable"]);

    let folder = Folder::new();
    let url = [
        ("DOORWARD_DATABASE", "postgres://x:very-secret@127.0.0.1:1/x"),
        ("DOORWARD_KEY_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
    ];
    let ran = folder.run_with(&serve, &url, "");
    told(&ran, 69, &["PostgreSQL server cannot be used", "onnection refused", "setting `database`"]);
    assert!(!ran.err.contains("DATABASE_NOW") && !ran.err.contains("very-secret"), "{ran:?}");
}

#[test]
fn a_start_says_how_to_get_the_first_administrator_while_there_is_nobody() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let again = folder.serve(&[]);
    assert!(
        again.printed.contains("nobody has been set up yet") && again.printed.contains("setup-url"),
        "{}",
        again.printed
    );
    again.stop();
    folder.ok(&["user", "create", "ada", "--no-password"]);
    let later = folder.serve(&[]);
    assert!(!later.printed.contains("nobody has been set up yet"), "{}", later.printed);
}
