//! `dev`: what it prints works when pasted, it keeps its data, and it speaks TLS with a certificate of its own.

use std::process::Command;

use serde_json::Value;

use crate::support::{Folder, Ran, Server, mode};

/// Runs the lines that were printed, as a shell would; what each answered.
fn pasted(folder: &Folder, server: &Server) -> Vec<Value> {
    let lines = server.printed.lines().filter(|line| line.starts_with("curl ") && !line.ends_with("| sh"));
    lines
        .map(|line| {
            let ran = Command::new("sh").args(["-c", line]).current_dir(folder.path("")).output().unwrap();
            let told = String::from_utf8_lossy(&ran.stdout);
            assert!(ran.status.success(), "{line}\n{told}\n{}", String::from_utf8_lossy(&ran.stderr));
            serde_json::from_str(&told).unwrap_or_else(|error| panic!("{line}\n{told}\n{error}"))
        })
        .collect()
}

fn check(answers: &[Value], issuer: &str) {
    let [discovery, keys, token, introspection] = answers else { panic!("four lines: {answers:?}") };
    assert_eq!(discovery["issuer"], issuer);
    assert!(keys["keys"].as_array().unwrap().len() >= 4);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(
        (&introspection["active"], introspection["client_id"].as_str()),
        (&Value::Bool(true), Some("demo-machine"))
    );
    assert_eq!(introspection["aud"], "https://api.demo.example");
}

/// The scripts that were printed, each run from its beginning to its end: their names, and how many calls were let pass and refused.
fn played(folder: &Folder, server: &Server) -> Vec<(String, usize, usize)> {
    let lines = server.printed.lines().filter(|line| line.ends_with("| sh"));
    lines
        .map(|line| {
            let ran = Command::new("sh").args(["-c", line]).current_dir(folder.path("")).output().unwrap();
            let (told, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            assert!(
                ran.status.success() && wrong.is_empty() && told.ends_with("# Done.\n"),
                "{line}\n{told}\n{wrong}"
            );
            let lines: Vec<&str> = told.lines().collect();
            let of = |statuses: &[&str]| {
                let calls = lines.windows(2).filter(|pair| {
                    pair[0].contains("/api/") && pair[0].contains(server.printed_value("Demo application"))
                });
                calls.filter(|pair| statuses.iter().any(|status| pair[1].starts_with(status))).count()
            };
            let name =
                line.split("/systems/").nth(1).and_then(|rest| rest.split('.').next()).unwrap_or_default();
            (name.to_owned(), of(&["200"]), of(&["401", "403"]))
        })
        .collect()
}

/// What is played, with its calls of the API.
const SEQUENCES: [(&str, usize, usize); 6] = [
    ("standard", 2, 1),
    ("mittwald", 2, 1),
    ("mia-platform", 1, 1),
    ("smartenit", 3, 1),
    ("magic", 2, 1),
    ("ez-publish", 2, 2),
];

fn all_played(folder: &Folder, server: &Server) {
    let expected = SEQUENCES.map(|(name, passed, refused)| (name.to_owned(), passed, refused));
    assert_eq!(played(folder, server), expected);
}

/// Where the demo application sends a browser that wants to sign in. It asks the issuer for its metadata before that.
fn sent_to(folder: &Folder, server: &Server, trust: &[&str]) -> String {
    let demo = server.printed_value("Demo application");
    let ran = Command::new("curl")
        .args(["-sS", "-o", "-", "-w", "%{redirect_url}", &format!("{demo}login")])
        .args(trust)
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_printed_lines_work_when_pasted() {
    let folder = Folder::new();
    let server = folder.dev(&[]);
    for text in ["alice", "bob", "carol", "amy", "doorward-dev", "demo-web", "made just now"] {
        assert!(server.printed.contains(text), "{text} is not in {}", server.printed);
    }
    let issuer = server.printed_value("Issuer");
    check(&pasted(&folder, &server), issuer);
    // Twice: each leaves everything as it was.
    all_played(&folder, &server);
    all_played(&folder, &server);
    let sent = sent_to(&folder, &server, &[]);
    assert!(sent.starts_with(&format!("{issuer}/authorize?response_type=code&client_id=demo-web")), "{sent}");
    assert_eq!(server.stop().0, 0);
}

/// What a sequence has taken is given back before the next begins, wherever the one before was left.
#[test]
fn a_sequence_that_was_left_in_its_middle_stands_in_nobodys_way() {
    let folder = Folder::new();
    let server = folder.dev(&[]);
    let run = |text: &str| {
        let ran = Command::new("sh").args(["-c", text]).current_dir(folder.path("")).output().unwrap();
        let (told, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() && wrong.is_empty(), "{text}\n{told}\n{wrong}");
        told.into_owned()
    };
    let lines: Vec<&str> = server.printed.lines().filter_map(|line| line.strip_suffix(" | sh")).collect();
    assert_eq!(lines.len(), SEQUENCES.len());
    for line in lines {
        let script = run(line);
        let refused = script.rfind("\nask 40").expect("a call is refused");
        let rest = script[refused..].find("\nsay ").unwrap_or(script.len() - refused);
        run(&script[..refused + rest]);
        assert!(run(&run(line)).ends_with("# Done.\n"), "{line}");
    }
}

/// A name that somebody else made to mean this machine reads nothing: neither the mails, nor the demo API.
#[test]
fn the_demo_application_answers_under_its_own_names() {
    let folder = Folder::new();
    let server = folder.dev(&[]);
    let demo = server.printed_value("Demo application");
    let port = demo.trim_end_matches('/').rsplit_once(':').unwrap().1;
    let ask = |path: &str, host: &str| {
        let ran = Command::new("curl")
            .args(["-sS", "-w", "\n%{http_code}", "-H", &format!("Host: {host}")])
            .arg(format!("http://127.0.0.1:{port}{path}"))
            .output()
            .unwrap();
        let told = String::from_utf8(ran.stdout).unwrap();
        let (text, status) = told.rsplit_once('\n').unwrap();
        (status.to_owned(), text.to_owned())
    };
    for own in ["localhost", "127.0.0.1", "LocalHost"] {
        let own = format!("{own}:{port}");
        assert_eq!(ask("/", &own).0, "200", "{own}");
        assert_eq!(ask("/mails", &own).0, "200", "{own}");
        assert_eq!(ask("/api/standard/orders", &own).0, "401", "{own}");
    }
    for other in [format!("evil.example:{port}"), "localhost:1".to_owned(), "evil.example".to_owned()] {
        for path in ["/", "/mails", "/login", "/systems/mittwald", "/api/standard/orders", "/assets/page.css"]
        {
            let (status, text) = ask(path, &other);
            assert_eq!(status, "421", "{other} {path}: {text}");
            assert!(text.contains(demo.trim_end_matches('/')) && text.lines().count() == 1, "{text}");
        }
    }
}

#[test]
fn the_printed_lines_work_with_tls() {
    let folder = Folder::new();
    let server = folder.dev(&["--tls"]);
    let issuer = server.printed_value("Issuer").to_owned();
    assert!(issuer.starts_with("https://localhost:"), "{issuer}");
    check(&pasted(&folder, &server), &issuer);
    all_played(&folder, &server);
    let demo = server.printed_value("Demo application");
    assert!(demo.starts_with("https://localhost:"), "{demo}");
    let sent = sent_to(&folder, &server, &["--cacert", server.printed_value("Certificate")]);
    assert!(sent.starts_with(&format!("{issuer}/authorize?")), "{sent}");
}

#[test]
fn data_are_kept_until_one_starts_over() {
    let folder = Folder::new();
    let data = ["--data", "doorward-data/dev"];
    let server = folder.dev(&[]);
    folder.ok(&["user", "disable", "bob", "--tenant", "demo", data[0], data[1]]);
    server.stop();
    let kept = folder.dev(&["--public-url", "http://localhost:1"]);
    assert!(kept.printed.contains("kept from last time"), "{}", kept.printed);
    kept.stop();
    let bob = |folder: &Folder| folder.json(&["user", "show", "bob", "--tenant", "demo", data[0], data[1]]);
    // The addresses moved, so what the seed names is as the seed has it; a start at the same address leaves it alone.
    folder.ok(&["user", "disable", "bob", "--tenant", "demo", data[0], data[1]]);
    folder.dev(&["--public-url", "http://localhost:1"]).stop();
    assert_eq!(bob(&folder)["disabled"], true);
    let fresh = folder.dev(&["--fresh"]);
    assert!(fresh.printed.contains("made just now"), "{}", fresh.printed);
    assert_eq!(bob(&folder)["disabled"], false);
}

/// `dev` where it must not run.
fn refused(folder: &Folder, arguments: &[&str]) -> Ran {
    let mut all = vec!["dev", "--listen", "127.0.0.1:0", "--rp-listen", "127.0.0.1:0"];
    all.extend(arguments);
    folder.run(&all)
}

#[test]
fn a_folder_that_dev_did_not_make_is_neither_removed_nor_used() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("mine")).unwrap();
    folder.write("mine/letter.txt", "dear");
    folder.serve(&["--data", "production"]).stop();
    let (key, state) = (folder.read("production/key"), folder.ok(&["export", "--data", "production"]));
    for data in ["mine", "production"] {
        for arguments in [&["--data", data][..], &["--data", data, "--fresh"]] {
            let ran = refused(&folder, arguments);
            assert_eq!(ran.code, 65, "{arguments:?}: {ran:?}");
            assert!(ran.err.contains("was not made by dev"), "{ran:?}");
            assert!(ran.err.contains(&format!("{data}/made-by-dev")), "what to do is said: {ran:?}");
        }
    }
    assert_eq!(folder.read("mine/letter.txt"), "dear");
    assert_eq!(folder.read("production/key"), key);
    assert_eq!(folder.ok(&["export", "--data", "production"]), state);
}

#[test]
fn a_folder_of_an_older_dev_is_taken_once_it_is_marked() {
    let folder = Folder::new();
    folder.dev(&[]).stop();
    let mark = folder.path("doorward-data/dev/made-by-dev");
    assert_eq!(mode(&mark), 0o600);
    std::fs::remove_file(&mark).unwrap();
    assert_eq!(refused(&folder, &[]).code, 65);
    folder.write("doorward-data/dev/made-by-dev", "");
    let kept = folder.dev(&[]);
    assert!(kept.printed.contains("kept from last time"), "{}", kept.printed);
    assert_eq!(refused(&folder, &["--fresh"]).code, 75, "a server uses it");
}

#[test]
fn an_address_that_needs_tls_is_refused_without_it() {
    let folder = Folder::new();
    let ran = refused(&folder, &["--public-url", "http://devbox.example"]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.err.contains("--tls makes a certificate on the spot"), "{ran:?}");
}
