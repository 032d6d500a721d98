//! `backup`, `restore`, `epoch` and `healthcheck`, as an operator meets them.

use serde_json::{Value, json};

use crate::support::{Folder, free_address, mode};

/// A database with a person.
fn founded() -> Folder {
    let folder = Folder::new();
    folder.write("main.yaml", "tenants:\n  - id: main\n    issuers:\n      - url: http://localhost:8080\n");
    folder.ok(&["apply", "-f", "main.yaml"]);
    folder.ok(&["user", "create", "ada", "--no-password"]);
    folder
}

fn people(folder: &Folder) -> Vec<(String, bool)> {
    let list = folder.json(&["user", "list"]);
    let found = list.as_array().unwrap().iter();
    found
        .map(|user| (user["user_name"].as_str().unwrap().to_owned(), user["disabled"] == json!(true)))
        .collect()
}

#[test]
fn a_backup_of_a_running_server_is_brought_back() {
    let folder = founded();
    let server = folder.serve(&[]);
    let made = folder.json(&["backup", "kept.db"]);
    assert_eq!(
        (&made["file"], &made["rows"]["users"], &made["epoch"]),
        (&json!("kept.db"), &json!(1), &json!(1))
    );
    for file in ["kept.db", "kept.db.json"] {
        assert_eq!(mode(&folder.path(file)), 0o600, "{file}");
    }
    assert!(!folder.path("kept.db.key").exists(), "the key stays where it is");
    let manifest: Value = serde_json::from_str(&folder.read("kept.db.json")).unwrap();
    assert_eq!((&manifest["sha256"], &manifest["bytes"]), (&made["sha256"], &made["bytes"]));
    let left: Vec<_> = std::fs::read_dir(folder.path("doorward-data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("copy"))
        .collect();
    assert_eq!(left, [""; 0], "the server's copy is gone");
    let again = folder.run(&["backup", "kept.db"]);
    assert!(again.code == 1 && again.err.contains("never written over"), "{again:?}");

    folder.ok(&["user", "disable", "ada"]);
    folder.ok(&["user", "create", "bob", "--no-password"]);
    let running = folder.run(&["restore", "kept.db"]);
    assert!(running.code == 75 && running.err.contains("another server"), "{running:?}");
    assert_eq!(server.stop().0, 0);

    let told = folder.ok(&["restore", "kept.db"]);
    for line in [
        "as of ",
        "epoch 2",
        "was disabled",
        "sign in again",
        "doorward.db.before-2",
        "doorward-data/key says the new epoch",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert_eq!(people(&folder), [("ada".to_owned(), false)]);
    assert!(folder.read("doorward-data/key").ends_with("\n2\n"));
    let server = folder.serve(&[]);
    assert_eq!(
        folder
            .json(&["keys", "list"])
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["state"] == "current")
            .count(),
        4
    );
    server.stop();

    // The file that was replaced, put back by hand.
    std::fs::copy(
        folder.path("doorward-data/doorward.db.before-2"),
        folder.path("doorward-data/doorward.db"),
    )
    .unwrap();
    let ran = folder.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", "none"]);
    assert!(
        ran.code == 78
            && ran.err.contains("of epoch 1, the key of epoch 2")
            && ran.err.contains("doorward epoch raise"),
        "{ran:?}"
    );
    // Unless that is what the operator wants.
    let told = folder.ok(&["epoch", "raise"]);
    assert!(told.contains("of epoch 3 now") && told.contains("sign in again"), "{told}");
    assert_eq!(people(&folder), [("ada".to_owned(), true), ("bob".to_owned(), false)]);
}

#[test]
fn a_backup_with_its_key_starts_on_another_machine() {
    let folder = founded();
    let told = folder.ok(&["backup", "--with-key", "kept.db"]);
    assert!(told.contains("Warning: The key-encryption key is in kept.db.key"), "{told}");
    assert_eq!(mode(&folder.path("kept.db.key")), 0o600);
    let elsewhere = Folder::new();
    for file in ["kept.db", "kept.db.json", "kept.db.key"] {
        std::fs::copy(folder.path(file), elsewhere.path(file)).unwrap();
    }
    let without = elsewhere.run(&["restore", "kept.db"]);
    assert!(without.code == 78 && without.err.contains("key is missing"), "{without:?}");
    let told = elsewhere.ok(&["restore", "kept.db", "--with-key"]);
    assert!(told.contains("The backup's key is in ./doorward-data/key"), "{told}");
    assert_eq!(mode(&elsewhere.path("doorward-data/key")), 0o600);
    assert_eq!(people(&elsewhere), [("ada".to_owned(), false)]);
    // By default the file is in the data folder, named by the time.
    elsewhere.ok(&["backup"]);
    assert_eq!(std::fs::read_dir(elsewhere.path("doorward-data/backups")).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_is_told() {
    let folder = founded();
    folder.write("text.db", "not a database");
    let postgres = "postgres://localhost/nowhere";
    let rows: &[(&[&str], i32, &str)] = &[
        (&["restore", "nowhere.db"], 66, "nowhere.db"),
        (&["restore", "text.db"], 66, "--without-manifest"),
        (&["restore", "text.db", "--without-manifest"], 65, "no sound backup"),
        (&["backup", "--data", "elsewhere"], 66, "there is no database"),
        (&["backup", "--database", postgres], 2, "pg_dump"),
        (&["restore", "text.db", "--database", postgres], 2, "doorward epoch raise"),
        (&["epoch", "raise", "--data", "elsewhere"], 66, "there is no database"),
        (&["backup", "no/such/folder/x.db"], 66, "no/such/folder"),
    ];
    for (arguments, code, told) in rows {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, *code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(told), "{arguments:?} should say {told}: {}", ran.err);
    }
    assert_eq!(people(&folder), [("ada".to_owned(), false)], "nothing changed");
}

#[test]
fn a_healthcheck_asks_the_operations_listener() {
    let folder = founded();
    let ops = free_address();
    let down = folder.run(&["healthcheck", "--ops-listen", &ops]);
    assert!(down.code == 1 && down.err.contains("no server answers at"), "{down:?}");
    let server = folder.serve(&["--ops-listen", &ops]);
    assert_eq!(folder.ok(&["healthcheck", "--ops-listen", &ops]), "ready\n");
    server.stop();
    assert_eq!(folder.run(&["healthcheck", "--ops-listen", "none"]).code, 78);
}
