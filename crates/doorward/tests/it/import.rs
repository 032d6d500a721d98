//! `user import`: with and without a running server, killed half-way, and what it tells.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Folder, until};

const SSHA: &str = "{SSHA}awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA==";

fn founded() -> Folder {
    let folder = Folder::new();
    folder.write("main.yaml", "tenants:\n  - id: main\n    issuers:\n      - url: http://localhost:8080\n");
    folder.ok(&["apply", "-f", "main.yaml"]);
    folder
}

fn person(number: usize) -> String {
    let record = json!({
        "type": "user", "external_id": format!("p{number}"), "external_version": 1, "user_name": format!("person{number}"),
        "email": format!("person{number}@example.com"), "password_hash": SSHA
    });
    format!("{record}\n")
}

fn people(folder: &Folder) -> usize {
    folder.json(&["user", "list"]).as_array().unwrap().len()
}

#[test]
fn records_come_from_a_file_or_from_standard_input_and_may_come_again() {
    let folder = founded();
    let mut file: String = (0..2_500).map(person).collect();
    // A membership before its context, a blank line, and a context whose parent comes in another batch.
    let link = json!({
        "type": "membership", "user_external_id": "p7", "context": "project/x", "external_version": 1
    });
    let project = json!({
        "type": "context", "external_id": "x", "external_version": 1, "id": "project/x", "parent": "customer/y"
    });
    let customer =
        json!({ "type": "context", "external_id": "y", "external_version": 1, "id": "customer/y" });
    file = format!("{link}\n\n{project}\n{file}{customer}\n");
    folder.write("people.ndjson", &file);
    let dry = folder.run(&["user", "import", "people.ndjson", "--dry-run", "--output", "json"]);
    let told: Value = serde_json::from_str(&dry.out).unwrap();
    assert_eq!((dry.code, &told["created"], &told["dry_run"]), (65, &json!(2_501), &json!(true)), "{dry:?}");
    assert_eq!(people(&folder), 0);
    let told = folder.json(&["user", "import", "people.ndjson"]);
    assert_eq!((&told["records"], &told["created"]), (&json!(2_503), &json!(2_503)), "{told}");
    assert_eq!(told["problems"], json!([]));
    assert_eq!(people(&folder), 2_500);
    // Over the socket of a server, from standard input.
    let server = folder.serve(&[]);
    let ran = folder.run_with(&["user", "import", "-"], &[], &file);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("2,503 records in ") && ran.out.contains(": 2,503 unchanged."), "{ran:?}");
    let gone = json!({ "type": "user", "external_id": "p7", "external_version": 2, "deleted": true });
    let ran = folder.run_with(&["user", "import", "-"], &[], &format!("{gone}\n{}", person(7)));
    assert!(ran.out.contains("2 records in "), "{ran:?}");
    assert!(ran.out.contains(": 1 removed, 1 older than what is there."), "{ran:?}");
    assert_eq!(people(&folder), 2_499);
    server.stop();
}

#[test]
fn what_is_wrong_is_told_by_line_and_the_rest_is_carried_out() {
    let folder = founded();
    let records = [
        person(1),
        "not json\n".to_owned(),
        person(1).replace("\"p1\"", "\"p2\""),
        "{\"type\":\"user\",\"external_id\":\"p3\",\"external_version\":1,\"user_name\":\"three\",\"password_hash\":\"hunter2\"}\n".to_owned(),
        person(4),
    ];
    folder.write("people.ndjson", &records.concat());
    let ran = folder.run(&["user", "import", "people.ndjson"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(ran.err.contains("3 of 5 records were refused"), "{ran:?}");
    for told in [
        "line 2: the text is not JSON",
        "line 3 /user_name: is the user name or e-mail address of another person",
        "line 4 /password_hash: is not a password hash of a kind that is known",
        ": 2 created, 3 refused.",
    ] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
    assert!(!ran.out.contains("hunter2") && !ran.err.contains("hunter2"), "{ran:?}");
    let rows: &[(&[&str], i32)] = &[
        (&["user", "import", "nowhere.ndjson"], 66),
        (&["user", "import", "people.ndjson", "--tenant", "x"], 66),
        (&["user", "import"], 2),
    ];
    for (arguments, code) in rows {
        assert_eq!(folder.run(arguments).code, *code, "{arguments:?}");
    }
    let ran = folder.run(&["user", "import", "people.ndjson", "--tenant", "x"]);
    assert!(
        ran.out.is_empty() && ran.err.contains("there is no tenant x") && !ran.err.contains("stands"),
        "{ran:?}"
    );
}

/// A line that cannot even be read is one refused record, on the way through a server too.
#[test]
fn a_line_of_another_encoding_or_without_an_end_is_one_refused_record() {
    let folder = founded();
    let bytes = |text: &[u8]| text.to_vec();
    let long = format!("{{\"type\":\"user\",\"user_name\":\"{}\"}}\n", "a".repeat(3 << 20));
    let parts = [
        person(1).into_bytes(),
        bytes(b"{\"type\":\"user\",\"user_name\":\"J\xfcrgen\"}\n"),
        person(3).into_bytes(),
        long.into_bytes(),
        person(5).replace("\"external_version\":1", "\"external_version\":\"one\"").into_bytes(),
        person(6).replace("\"external_version\":1", "\"external_version\":-1").into_bytes(),
        person(7).into_bytes(),
        bytes(b"\xff"),
    ];
    std::fs::write(folder.path("mixed.ndjson"), parts.concat()).unwrap();
    let ran = folder.run(&["user", "import", "mixed.ndjson", "--output", "json"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&told["records"], &told["created"], &told["refused"]), (&json!(8), &json!(3), &json!(5)));
    let problem = |line: u64, pointer: &str, detail: &str| json!({ "line": line, "pointer": pointer, "detail": detail });
    let expected = json!([
        problem(2, "", "the JSON text is not UTF-8"),
        problem(4, "", "is longer than 1048576 bytes"),
        problem(5, "/external_version", "must be a whole number"),
        problem(6, "/external_version", "must not be negative"),
        problem(8, "", "the JSON text is not UTF-8"),
    ]);
    assert_eq!(told["problems"], expected);
    assert_eq!(people(&folder), 3);
    let server = folder.serve(&[]);
    let ran = folder.run(&["user", "import", "mixed.ndjson"]);
    assert!(ran.out.contains("line 2: the JSON text is not UTF-8"), "{ran:?}");
    assert!(ran.out.contains(": 3 unchanged, 5 refused."), "{ran:?}");
    server.stop();
}

/// Whoever kills it half-way runs it again, and has what they would have had.
#[test]
fn killed_half_way_and_run_again_it_ends_in_the_same_state() {
    let folder = founded();
    let server = folder.serve(&[]);
    let file: String = (0..3_000).map(person).collect();
    folder.write("people.ndjson", &file);
    let half: String = (0..2_500).map(person).collect();
    let mut running = folder.spawn(&["user", "import", "-"]);
    running.stdin.as_mut().unwrap().write_all(half.as_bytes()).unwrap();
    until("two batches are in", || people(&folder) == 2_000);
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(people(&folder), 2_000, "of the batch that was not whole there is nothing");
    let told = folder.json(&["user", "import", "people.ndjson"]);
    assert_eq!((&told["created"], &told["unchanged"]), (&json!(1_000), &json!(2_000)), "{told}");
    assert_eq!(people(&folder), 3_000);
    server.stop();
}
