//! `doctor`: what it finds, and its exit code.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use serde_json::Value;

use crate::support::Folder;

fn checks(folder: &Folder, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut all = vec!["doctor", "--output", "json"];
    all.extend(arguments);
    let ran = folder.run(&all);
    let told: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let findings = told["findings"].as_array().unwrap();
    for finding in findings {
        assert!(finding["fix"].as_str().is_some_and(|fix| fix.len() > 5), "{finding}");
    }
    (ran.code, findings.iter().map(|finding| finding["check"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_fresh_server_is_well_and_what_is_wrong_is_found() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    // Notes alone are fine: nobody has been set up, and no probe asks it.
    let (code, found) = checks(&folder, &[]);
    assert_eq!((code, found), (0, vec!["settings.mail".to_owned()]));
    let mail = [("DOORWARD_MAIL__HOST", "mail.example"), ("DOORWARD_MAIL__FROM", "no-reply@example.com")];
    assert_eq!(folder.run_with(&["doctor"], &mail, "").out, "All is well.\n");

    let key = folder.path("doorward-data/key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    folder.ok(&["client", "create", "web", "--redirect-uri", "http://localhost/cb"]);
    folder.ok(&["user", "create", "ann", "--generate"]);
    let lacks = |found: &[String]| found.iter().any(|check| check == "people.administrators");
    assert!(lacks(&checks(&folder, &[]).1), "there are people, and nobody administers");
    folder.ok(&["user", "create", "root", "--administrator", "--generate"]);
    let (code, found) = checks(&folder, &["--public-url", "https://id.example"]);
    assert_eq!(code, 1);
    assert!(!lacks(&found), "{found:?}");
    for check in
        ["files.key", "settings.proxy", "people.second_factor", "clients.localhost", "clients.shared_secret"]
    {
        assert!(found.iter().any(|found| found == check), "{check}: {found:?}");
    }
    assert_eq!(found[0], "files.key", "the worst comes first");
    let told = folder.run(&["doctor"]);
    assert!(told.out.contains("chmod o-rwx ") && told.out.contains("RFC 8252, 8.3"), "{told:?}");
    assert!(told.err.contains("1 error, 1 warning"), "{told:?}");
    server.stop();
}

/// The console's own client is in no state file, so nobody could put right what is told of it. A client without a secret cannot do
/// anything, and is told.
#[test]
fn the_consoles_client_is_nobodys_fault_and_one_without_a_secret_is() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "GET /console HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.contains("client_id=doorward-console"), "it was made: {text}");
    assert_eq!(checks(&folder, &[]), (0, vec!["settings.mail".to_owned()]));

    folder.ok(&["client", "create", "web", "--redirect-uri", "https://app.example/cb"]);
    let lacks = |told: &(i32, Vec<String>)| told.1.iter().any(|check| check == "clients.no_secret");
    assert!(!lacks(&checks(&folder, &[])));
    let hash = folder.json(&["client", "show", "web"])["secrets"][0]["hash"].as_str().unwrap().to_owned();
    folder.ok(&["client", "remove-secret", "web", &hash]);
    let told = checks(&folder, &[]);
    assert!(told.0 == 1 && lacks(&told), "{told:?}");
    let ran = folder.run(&["doctor"]);
    assert!(ran.out.contains("doorward client add-secret web --tenant main"), "{ran:?}");
    server.stop();
}

/// A folder that anybody may write is as bad as an open file. Who may not look into one is told that, not that there is nothing.
#[test]
fn a_folder_that_all_may_write_is_found_and_one_that_is_closed_is_not_empty() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let data = folder.path("doorward-data");
    let chmod = |mode| std::fs::set_permissions(&data, std::fs::Permissions::from_mode(mode)).unwrap();
    chmod(0o777);
    let (code, found) = checks(&folder, &[]);
    assert_eq!((code, found), (1, ["files.folder", "settings.mail", "server"].map(str::to_owned).to_vec()));
    let told = folder.run(&["doctor"]).out;
    assert!(told.contains("chmod o-w ./doorward-data"), "{told}");
    // Nobody else may look into it; whoever runs the tests is root, or is kept out as well.
    let is_root = rustix::process::geteuid().is_root();
    chmod(if is_root { 0o700 } else { 0 });
    for arguments in [
        &["user", "list"][..],
        &["export"],
        &["migrate", "status"],
        &["backup", "b.db"],
        &["epoch", "raise"],
        &["doctor"],
    ] {
        let mut command = folder.command(arguments);
        if is_root {
            command.uid(65534).gid(65534);
        }
        let ran = command.output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(
            said.contains("Permission denied") && !said.contains("there is no database"),
            "{arguments:?}: {said}"
        );
        assert!(!said.contains("no server runs"), "{arguments:?}: {said}");
        let code = if arguments == ["doctor"] { 1 } else { 69 };
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}: {said}");
    }
    chmod(0o700);
}

/// Signing keys are withdrawn by a restore: that is one thing to do, however many tenants and algorithms there are.
#[test]
fn a_database_that_was_brought_back_lacks_its_keys_once() {
    let folder = Folder::new();
    let tenant = |id: &str| format!("  - id: {id}\n    issuers:\n      - url: http://localhost:8080/{id}\n");
    let clients = "    clients:\n      - {id: a, redirect_uris: [\"https://a.example/\"], secrets: [{value: the-secret-of-a-has-thirty-two-characters}]}\n      - {id: b, redirect_uris: [\"https://b.example/\"], secrets: [{value: the-secret-of-b-has-thirty-two-characters}]}\n";
    folder.write("main.yaml", &format!("tenants:\n{}{clients}{}", tenant("main"), tenant("two")));
    folder.ok(&["apply", "-f", "main.yaml"]);
    let told = folder.ok(&["backup", "kept.db", "--with-key"]);
    assert!(told.contains("; 2 tenants, 0 people, 2 clients."), "{told}");
    folder.ok(&["restore", "kept.db", "--with-key", "--data", "back"]);
    let (code, found) = checks(&folder, &["--data", "back"]);
    let expected = ["keys.missing", "settings.mail", "server", "clients.shared_secret"];
    assert_eq!((code, found), (1, expected.map(str::to_owned).to_vec()));
    let told = folder.run(&["doctor", "--data", "back"]).out;
    assert!(told.contains("error: no key signs for main (RS256, PS256, ES256, EdDSA), two (RS256"), "{told}");
    assert!(told.contains("\n    doorward serve: "), "{told}");
    assert!(told.contains("note: clients a, b (main), each of them: it shows a secret"), "{told}");
    folder.serve(&["--data", "back"]).stop();
    let told = folder.run(&["doctor", "--data", "back"]);
    assert!(told.code == 0 && told.out.ends_with("\nNo errors and no warnings.\n"), "{told:?}");
}

#[test]
fn a_server_that_cannot_start_is_told_why() {
    let folder = Folder::new();
    folder.write("doorward.toml", "publik_url = 1\n");
    let (code, found) = checks(&folder, &[]);
    assert_eq!((code, found), (1, vec!["settings".to_owned()]));
    folder.write("doorward.toml", "");
    let (code, found) = checks(&folder, &[]);
    assert_eq!((code, found), (1, ["database", "settings.mail", "server"].map(str::to_owned).to_vec()));
    folder.serve(&[]).stop();
    let (code, found) = checks(&folder, &[]);
    assert_eq!((code, found), (0, ["settings.mail", "server"].map(str::to_owned).to_vec()));
    // A page in the middle is overwritten.
    let file = folder.path("doorward-data/doorward.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let (code, found) = checks(&folder, &[]);
    assert!(code == 1 && found.iter().any(|check| check.starts_with("database")), "{found:?}");
}
