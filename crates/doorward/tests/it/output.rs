//! What cannot be printed is a failure, whatever the command; a secret that is shown once is said to be lost.

use std::fs::OpenOptions;
use std::process::{Command, Output, Stdio};

use crate::support::Folder;

/// A database with a client and a person.
fn founded() -> Folder {
    let folder = Folder::new();
    folder.write(
        "main.yaml",
        "tenants:\n  - id: main\n    issuers: [{ url: \"http://localhost:8080\" }]\n    \
         clients: [{ id: web, redirect_uris: [\"https://app.example/cb\"] }]\n    users: [{ user_name: ada }]\n",
    );
    folder.ok(&["apply", "-f", "main.yaml"]);
    folder
}

fn onto_a_full_disk(folder: &Folder, arguments: &[&str]) -> Output {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    folder.command(arguments).stdout(full).stdin(Stdio::null()).output().unwrap()
}

fn told(ran: &Output) -> String {
    String::from_utf8(ran.stderr.clone()).unwrap()
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure_of_every_command() {
    let folder = founded();
    let questions: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["user", "--help"],
        &["completions", "bash"],
        &["config"],
        &["config", "--output", "json"],
        &["config", "check"],
        &["config", "manual"],
        &["apply", "-f", "main.yaml", "--dry-run"],
        &["export"],
        &["export", "--output", "json"],
        &["user", "list"],
        &["user", "show", "ada"],
        &["user", "invitations"],
        &["client", "list"],
        &["migrate", "status"],
        &["migrate", "plan"],
        &["doctor"],
    ];
    for arguments in questions {
        let ran = onto_a_full_disk(&folder, arguments);
        assert_eq!(ran.status.code(), Some(74), "{arguments:?}: {ran:?}");
        let said = told(&ran);
        assert!(said.contains("cannot write to standard output: No space left"), "{arguments:?}: {said}");
        assert!(!said.contains("is done"), "nothing was done: {arguments:?}: {said}");
    }
    folder.write("more.ndjson", "");
    let acts: &[&[&str]] = &[
        &["backup", "kept.db"],
        &["user", "end-sessions", "ada"],
        &["user", "reset-factor", "ada"],
        &["user", "import", "more.ndjson"],
        &["keys", "rotate"],
        &["keys", "rewrap"],
        &["apply", "-f", "main.yaml"],
        &["migrate", "up"],
        &["restore", "kept.db", "--keep-grants"],
        &["epoch", "raise"],
        &["user", "lock", "ada"],
    ];
    for arguments in acts {
        let ran = onto_a_full_disk(&folder, arguments);
        assert_eq!(ran.status.code(), Some(74), "{arguments:?}: {ran:?}");
        assert!(told(&ran).contains("only its report did not get out"), "{arguments:?}: {}", told(&ran));
    }
    assert_eq!(folder.json(&["user", "show", "ada"])["locked"], true, "done, as it is told");
}

#[test]
fn a_secret_that_is_shown_once_is_said_to_be_lost() {
    let folder = founded();
    let acts: &[(&[&str], &str)] = &[
        (&["client", "add-secret", "web"], "doorward client remove-secret web sha256:"),
        (
            &["client", "create", "shop", "--redirect-uri", "https://shop.example/"],
            "doorward client add-secret shop --tenant main",
        ),
        (&["user", "create", "bob", "--generate"], "doorward user set-password bob --tenant main --generate"),
        (
            &["user", "set-password", "ada", "--generate"],
            "doorward user set-password ada --tenant main --gen",
        ),
        (&["user", "reset-link", "ada"], "the same command makes another link"),
        (&["user", "sign-in-link", "ada"], "the same command makes another link"),
        (&["user", "invite"], "doorward user withdraw-invitation "),
        (&["user", "setup-link"], "doorward user setup-link makes another"),
    ];
    for (arguments, what_to_do) in acts {
        let ran = onto_a_full_disk(&folder, arguments);
        assert_eq!(ran.status.code(), Some(74), "{arguments:?}: {ran:?}");
        let said = told(&ran);
        assert!(
            said.contains("shown only once is lost") && said.contains(what_to_do),
            "{arguments:?}: {said}"
        );
    }
    // Nobody reads any more: no failure for what can be asked for again, one for what cannot. A closed output is the same.
    let bin = env!("CARGO_BIN_EXE_doorward");
    let shell = |line: &str| {
        let mut sh = Command::new("bash");
        sh.current_dir(folder.path("")).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        sh.arg("-c").arg(line.replace("doorward ", &format!("{bin} "))).output().unwrap()
    };
    let gone = "exec 3> >(exec true); wait $!; doorward COMMAND >&3";
    for (line, code) in [
        (gone.replace("COMMAND", "export"), 0),
        (gone.replace("COMMAND", "user reset-link ada"), 74),
        ("doorward user reset-link ada >&-".to_owned(), 74),
        ("doorward user reset-link ada >/dev/null".to_owned(), 0),
        ("doorward user show nobody 2>/dev/full".to_owned(), 66),
    ] {
        let ran = shell(&line);
        assert_eq!(ran.status.code(), Some(code), "{line}: {ran:?}");
    }
}
