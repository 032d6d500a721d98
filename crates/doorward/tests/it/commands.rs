//! Help, completions, exit codes, and the commands on people, clients and keys, with and without a running server.

use serde_json::{Value, json};

use crate::support::Folder;

/// A database with the tenant `main`.
fn founded() -> Folder {
    let folder = Folder::new();
    folder.write("main.yaml", "tenants:\n  - id: main\n    issuers:\n      - url: http://localhost:8080\n");
    folder.ok(&["apply", "-f", "main.yaml"]);
    folder
}

#[test]
fn every_command_has_help_with_an_example() {
    let folder = Folder::new();
    let mut left = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(path) = left.pop() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = folder.ok(&arguments);
        seen += 1;
        if path.is_empty() {
            assert!(help.contains("Exit codes:") && help.contains("78"), "{help}");
        } else {
            assert!(help.contains("Example"), "{path:?} has no example:\n{help}");
        }
        let commands =
            help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        for name in commands.filter_map(|line| {
            line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split_whitespace().next()
        }) {
            left.push(path.iter().cloned().chain([name.to_owned()]).collect());
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn completions_are_made_for_every_shell() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.ok(&["completions", shell]);
        assert!(script.contains("doorward") && script.contains("setup-link"), "{shell}");
    }
}

#[test]
fn exit_codes_are_those_of_the_manual() {
    let folder = founded();
    folder.write(
        "bad.yaml",
        "tenants:\n  - id: main\n    clients:\n      - id: web\n        redirect_uri: x\n",
    );
    folder.write("bad.toml", "publik_url = \"x\"\n");
    let rows: &[(&[&str], i32, &str)] = &[
        (&["nonsense"], 2, "unrecognized subcommand"),
        (&["user", "show"], 2, "required"),
        (&["user", "set-password", "ada"], 2, "no terminal"),
        (&["apply", "-f", "bad.yaml"], 65, "bad.yaml: tenants[0].clients[0]: unknown field `redirect_uri`"),
        (&["apply", "-f", "bad.yaml"], 65, "did you mean redirect_uris?"),
        (
            &["user", "create", "bob@example.com", "--no-password"],
            65,
            "must not contain @: an e-mail address goes to email, by which people sign in as well",
        ),
        (&["user", "create", "o'hara", "--no-password"], 65, "must not contain ': letters of one script"),
        (&["keys", "rotate", "--algorithm", "HS256"], 65, "must be one of RS256, PS256, ES256, EdDSA"),
        (&["apply", "-f", "nowhere.yaml"], 66, "cannot read nowhere.yaml"),
        (&["user", "show", "ada"], 66, "there is no user ada"),
        (&["user", "list", "--tenant", "x"], 66, "there is no tenant x"),
        (&["user", "list", "--data", "elsewhere"], 66, "there is no database at elsewhere"),
        (&["keys", "remove", "x"], 66, "there is no key x"),
        (&["config", "--config", "bad.toml"], 78, "did you mean public_url?"),
        (&["serve", "--config", "missing.toml"], 78, "cannot read the settings"),
        (&["serve", "--public-url", "http://id.example.com"], 78, "must be an https URL"),
        (&["serve", "--listen", "0.0.0.0:0"], 78, "in the clear"),
        (&["config", "check", "--tls-key", "x"], 78, "TLS needs both"),
        (&["config", "check", "--public-url", "https://id.example?x"], 78, "must not have a query"),
    ];
    for (arguments, code, told) in rows {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, *code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(told), "{arguments:?} should say {told}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

/// People and clients from their making to their end. The same whether a server carries it out or not.
fn lives(folder: &Folder) {
    let made = folder.ok(&[
        "user",
        "create",
        "ada",
        "--name",
        "Ada Lovelace",
        "--email",
        "ada@example.com",
        "--generate",
    ]);
    assert!(made.contains("+ user ada") && made.contains("shown this once"), "{made}");
    let again = folder.run(&["user", "create", "Ada", "--no-password"]);
    assert_eq!(again.code, 65, "{again:?}");
    folder.ok(&["user", "lock", "ada@example.com"]);
    assert_eq!(folder.json(&["user", "show", "ada"])["locked"], true);
    folder.ok(&["user", "unlock", "ada"]);
    folder.ok(&["user", "disable", "ada"]);
    let people = folder.json(&["user", "list"]);
    assert_eq!((&people[0]["disabled"], &people[0]["password"]), (&json!(true), &json!("set")));
    assert!(!people.to_string().contains("argon2id"), "a list holds no hash");
    folder.ok(&["user", "enable", "ada"]);
    let reset = folder.run(&["user", "reset-factor", "ada@example.com"]);
    assert!(reset.code == 0 && reset.out.contains("had no second factor"), "{reset:?}");
    assert_ne!(folder.run(&["user", "reset-factor", "nobody"]).code, 0);
    let set = folder.run_with(
        &["user", "set-password", "ada", "--password-stdin"],
        &[],
        "hills behind the harbour\n",
    );
    assert!(set.out.contains("password_hash"), "{set:?}");
    let short = folder.run_with(&["user", "set-password", "ada", "--password-stdin"], &[], "short\n");
    assert_eq!(short.code, 65, "{short:?}");
    let named = |command| {
        let ran = folder.run_with(&["user", command, "bobbobbob", "--password-stdin"], &[], "BobBobBob\n");
        assert!(ran.code == 65 && ran.err.contains("must not hold the name"), "{ran:?}");
    };
    named("create");
    folder.ok(&["user", "create", "bobbobbob", "--no-password"]);
    named("set-password");
    folder.ok(&["user", "remove", "bobbobbob"]);
    folder.ok(&["user", "remove", "ada"]);
    assert_eq!(folder.json(&["user", "list"]), json!([]));

    let made = folder.json(&[
        "client",
        "create",
        "web",
        "--redirect-uri",
        "https://app.example/cb",
        "--scope",
        "openid",
    ]);
    let secret = made["generated"][0]["secret"].as_str().unwrap();
    assert!(secret.starts_with("dwk_") && secret.len() > 40, "{made}");
    folder.ok(&["client", "add-secret", "web", "--retire-others", "3600"]);
    let secrets = folder.json(&["client", "show", "web"])["secrets"].as_array().cloned().unwrap();
    assert_eq!(secrets.len(), 2);
    assert_eq!(secrets.iter().filter(|secret| secret["expires_at"].is_string()).count(), 1);
    let hash = secrets[0]["hash"].as_str().unwrap();
    folder.ok(&["client", "remove-secret", "web", hash]);
    assert_eq!(folder.json(&["client", "show", "web"])["secrets"].as_array().map(Vec::len), Some(1));
    folder.ok(&["client", "disable", "web"]);
    assert_eq!(folder.json(&["client", "list"])[0]["disabled"], true);
    shown_once(folder);
    folder.ok(&["client", "remove", "web"]);
    let public =
        folder.json(&["client", "create", "spa", "--public", "--redirect-uri", "https://app.example/"]);
    assert_eq!(public.get("generated"), None);
    folder.ok(&["client", "remove", "spa"]);
}

/// What is made and shown once is in the one document that a program reads, and beside it stands nothing of other objects.
fn shown_once(folder: &Folder) {
    let made = folder.json(&["user", "create", "eve", "--generate"]);
    assert_eq!(
        (&made["generated"][0]["user_name"], &made["changes"][0]["id"]),
        (&json!("eve"), &json!("eve"))
    );
    assert_eq!(made["generated"][0]["password"].as_str().map(str::len), Some(22), "{made}");
    let set = folder.json(&["user", "set-password", "eve", "--generate"]);
    assert_eq!(set["generated"][0]["tenant"], "main", "{set}");
    let added = folder.json(&["client", "add-secret", "web"]);
    let hash = added["generated"][0]["hash"].as_str().unwrap();
    folder.json(&["client", "remove-secret", "web", hash]);
    let create = ["client", "create", "other", "--redirect-uri", "https://other.example/cb"];
    let made = folder.ok(&create);
    assert!(made.ends_with("\n") && made.contains("\n1 created.\n"), "{made}");
    assert!(!made.contains("web"), "{made}");
    assert_eq!(folder.ok(&["client", "enable", "other"]), "Nothing to do: 1 object is as described.\n");
    let removed = folder.ok(&["client", "remove", "other"]);
    assert_eq!(removed, "- client other (main)\n1 removed.\n");
    folder.ok(&["user", "remove", "eve"]);
}

#[test]
fn people_and_clients_are_managed_without_a_server() {
    lives(&founded());
}

#[test]
fn people_and_clients_are_managed_through_a_running_server() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    lives(&folder);
    assert_eq!(server.stop().0, 0);
}

/// Rows that cannot be read show which are.
#[test]
fn an_order_reads_what_it_concerns_and_nothing_else() {
    let folder = founded();
    folder.write(
        "other.yaml",
        "tenants: [{ id: other, issuers: [{ url: http://localhost:8080/o }], users: [{ user_name: eve }] }]",
    );
    folder.ok(&["apply", "-f", "other.yaml"]);
    for name in ["ada", "bob"] {
        let email = format!("{name}@example.com");
        folder.ok(&["user", "create", name, "--no-password", "--email", &email, "--tenant", "main"]);
        folder.ok(&["client", "create", name, "--redirect-uri", "https://a.example", "--tenant", "main"]);
    }
    let id = folder.json(&["user", "show", "ada", "--tenant", "main"])["id"].as_str().unwrap().to_owned();
    let spoil = "UPDATE users SET data = 'x' WHERE data LIKE '%\"bob\"%' OR tenant = 'other';
                 UPDATE clients SET data = 'x' WHERE id = 'bob';";
    let database = rusqlite::Connection::open(folder.path("doorward-data/doorward.db")).unwrap();
    database.execute_batch(spoil).unwrap();
    drop(database);
    for name in ["ada", "Ada@Example.com", &id] {
        for order in ["disable", "enable", "show"] {
            folder.ok(&["user", order, name, "--tenant", "main"]);
        }
    }
    for order in ["disable", "enable", "show", "add-secret"] {
        folder.ok(&["client", order, "ada", "--tenant", "main"]);
    }
    let taken = ["user", "create", "eva", "--no-password", "--email", "ADA@example.com", "--tenant", "main"];
    let taken = folder.run(&taken);
    assert!(
        taken.code == 65 && taken.err.contains("is the user name or e-mail address of ada too"),
        "{taken:?}"
    );
    folder
        .write("new.yaml", "tenants: [{ id: new, users: [{ user_name: zoe }] }, { id: other, name: Other }]");
    folder.ok(&["apply", "-f", "new.yaml"]);
    folder.ok(&["client", "remove", "ada", "--tenant", "main"]);
    folder.ok(&["user", "remove", "ada", "--tenant", "main"]);
    for all in [["user", "list"], ["client", "list"]] {
        assert_eq!(folder.run(&all).code, 69, "{all:?} reads them all");
    }
}

#[test]
fn keys_are_rotated_and_withdrawn() {
    let folder = founded();
    let of = |keys: &Value, state: &str| -> Vec<String> {
        let all = keys.as_array().unwrap().iter();
        all.filter(|key| key["algorithm"] == "ES256" && key["state"] == state)
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = folder.json(&["keys", "list"]);
    assert_eq!((first.as_array().unwrap().len(), of(&first, "current").len()), (4, 1));
    let rotated = folder.json(&["keys", "rotate", "--algorithm", "ES256"]);
    assert_eq!(of(&rotated, "previous"), of(&first, "current"));
    assert_eq!((of(&rotated, "current").len(), of(&rotated, "next").len()), (1, 1));
    let next = of(&rotated, "next");
    let again = folder.json(&["keys", "rotate", "--algorithm", "ES256"]);
    assert_eq!(of(&again, "current"), next);
    let left = folder.json(&["keys", "remove", &next[0]]);
    assert!(!left.to_string().contains(&next[0]), "{left}");
    assert_eq!(of(&left, "current").len(), 1, "a key that signs is replaced when it is withdrawn");
}

#[test]
fn migrations_are_shown_planned_and_applied() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["migrate", "status"]).code, 66);
    assert!(folder.ok(&["migrate", "up"]).contains("up to date"));
    assert_eq!(folder.ok(&["migrate", "up"]), "Nothing was pending: the database is up to date.\n");
    assert_eq!(folder.json(&["migrate", "status"])[0]["version"], 1);
    assert_eq!(folder.ok(&["migrate", "plan"]), "-- Nothing is pending.\n");
}

/// What only looks needs no turn: the operator asks before an upgrade, while the old server runs.
#[test]
fn migrations_are_looked_at_beside_a_running_server_and_nothing_is_left_behind() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    assert_eq!(folder.json(&["migrate", "status"])[0]["version"], 1);
    assert_eq!(folder.ok(&["migrate", "plan"]), "-- Nothing is pending.\n");
    assert_eq!(folder.run(&["migrate", "up"]).code, 75, "what changes waits for the server to be stopped");
    server.stop();
    let data = folder.path("doorward-data");
    // As a restored database lies there: a file that is whole by itself.
    for beside in ["doorward.db.lock", "doorward.db-wal", "doorward.db-shm"] {
        let _ = std::fs::remove_file(data.join(beside));
    }
    let files = || -> Vec<(std::path::PathBuf, Vec<u8>)> {
        let entries = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.map(|path| (path.clone(), std::fs::read(&path).unwrap_or_default())).collect();
        files.sort();
        files
    };
    let before = files();
    assert_eq!(folder.json(&["migrate", "status"])[0]["version"], 1);
    assert_eq!(folder.ok(&["migrate", "plan"]), "-- Nothing is pending.\n");
    assert!(files() == before, "{:?}", files().into_iter().map(|(path, _)| path).collect::<Vec<_>>());
    // Of a file that holds nothing yet, as a first start that was interrupted leaves it, all is planned.
    let empty = Folder::new();
    std::fs::create_dir(empty.path("doorward-data")).unwrap();
    empty.write("doorward-data/doorward.db", "");
    let plan = empty.ok(&["migrate", "plan"]);
    assert!(plan.starts_with("-- 0001_first\n") && plan.contains("CREATE TABLE"), "{plan}");
    assert_eq!(empty.json(&["migrate", "status"])[0]["applied_at"], json!(null));
    let plan = empty.json(&["migrate", "plan"]);
    assert_eq!((&plan[0]["version"], &plan[0]["name"]), (&json!(1), &json!("first")));
    assert!(plan[0]["sql"].as_str().unwrap().contains("CREATE TABLE"), "{plan}");
}

#[test]
fn the_status_of_a_newer_database_is_shown() {
    let folder = Folder::new();
    folder.ok(&["migrate", "up"]);
    let database = rusqlite::Connection::open(folder.path("doorward-data/doorward.db")).unwrap();
    database
        .execute(
            "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (9999, 'later', 'x', 0)",
            [],
        )
        .unwrap();
    drop(database);
    let shown = folder.ok(&["migrate", "status"]);
    assert!(
        shown.contains("9999") && shown.contains("later") && shown.contains("by another build"),
        "{shown}"
    );
    let lines = folder.json(&["migrate", "status"]);
    let lines = lines.as_array().unwrap();
    assert_eq!((&lines[0]["unknown"], &lines[lines.len() - 1]["unknown"]), (&json!(false), &json!(true)));
    assert_eq!(folder.run(&["migrate", "up"]).code, 78);
}
