//! `apply` and `export`: idempotent, round trip, and a dry run changes nothing.

use crate::support::Folder;

const STATE: &str = include_str!("../../src/dev/state.yaml");

fn state(folder: &Folder) {
    let text =
        STATE.replace("${issuer}", "http://localhost:8080").replace("${demo}", "http://localhost:8081");
    folder.write("state.yaml", &text);
}

#[test]
fn the_same_file_changes_nothing_the_second_time() {
    let folder = Folder::new();
    state(&folder);
    let first = folder.ok(&["apply", "-f", "state.yaml"]);
    assert!(first.contains("+ client demo-web (demo)"), "{first}");
    assert!(
        !first.contains("dev-secret-of") && !first.contains("doorward-dev"),
        "a diff shows no secret: {first}"
    );
    let before = folder.ok(&["export"]);
    let second = folder.ok(&["apply", "-f", "state.yaml", "--prune"]);
    assert!(second.starts_with("Nothing to do:"), "{second}");
    assert_eq!(folder.ok(&["export"]), before);
}

#[test]
fn an_export_applied_to_an_empty_database_exports_the_same_bytes() {
    let (first, second) = (Folder::new(), Folder::new());
    state(&first);
    first.ok(&["apply", "-f", "state.yaml"]);
    let exported = first.ok(&["export"]);
    assert!(!exported.contains("dev-secret-of") && !exported.contains("password: "), "{exported}");
    let applied = second.run_with(&["apply", "-f", "-"], &[], &exported);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(second.ok(&["export"]), exported);
    let json = second.ok(&["export", "--output", "json"]);
    let third = Folder::new();
    assert_eq!(third.run_with(&["apply", "-f", "-"], &[], &json).code, 0);
    assert_eq!(third.ok(&["export"]), exported, "JSON is YAML");
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = Folder::new();
    state(&folder);
    folder.ok(&["apply", "-f", "state.yaml"]);
    let before = folder.ok(&["export"]);
    folder.write(
        "other.yaml",
        "tenants:\n  - id: demo\n    name: Other\n    extensions: []\n    installations: []\n    clients:\n      - id: new\n        grant_types: [client_credentials]\n        secret: generate\n",
    );
    let planned = folder.ok(&["apply", "-f", "other.yaml", "--dry-run", "--prune"]);
    for line in [
        "~ tenant demo",
        "    name: Demo → Other",
        "+ client new (demo)",
        "- client demo-web (demo)",
        "A dry run: nothing was done.",
    ] {
        assert!(planned.contains(line), "{line} is not in\n{planned}");
    }
    assert!(!planned.contains("dwk_"), "no secret is shown that is not kept");
    assert_eq!(folder.ok(&["export"]), before);
    let done = folder.ok(&["apply", "-f", "other.yaml"]);
    assert!(done.contains("client demo-web (demo): not in the file; --prune removes it"), "{done}");
    assert!(done.contains("dwk_"), "{done}");
}

#[test]
fn a_dry_run_on_nothing_makes_no_database() {
    let folder = Folder::new();
    state(&folder);
    assert_eq!(folder.run(&["apply", "-f", "state.yaml", "--dry-run"]).code, 66);
    assert!(!folder.path("doorward-data").exists());
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_is_done() {
    let folder = Folder::new();
    folder.write(
        "bad.yaml",
        "tenants:\n  - id: A\n    issuers: [{ url: http://id.example }]\n    clients: [{ id: usr_x, grant_types: [nonsense] }]\n",
    );
    let ran = folder.run(&["apply", "-f", "bad.yaml"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    for place in ["tenants[A].clients[usr_x].id:", "tenants[A].clients[usr_x].grant_types[nonsense]:"] {
        assert!(ran.err.contains(place), "{place} is not in {}", ran.err);
    }
    assert_eq!(folder.ok(&["export"]), "tenants: []\n");
}

#[test]
fn names_addresses_and_issuers_are_swapped_in_one_apply() {
    let folder = Folder::new();
    let state = |one: [&str; 4], two: [&str; 4]| {
        let user = |id: &str, [_, name, email, external]: [&str; 4]| {
            format!("      - {{ id: {id}, user_name: {name}, email: {email}, external_id: {external} }}\n")
        };
        format!(
            "tenants:\n  - id: main\n    issuers:\n      - {{ id: a, url: '{}' }}\n      - {{ id: b, url: '{}' }}\n    users:\n{}{}",
            one[0],
            two[0],
            user("usr_first_one", one),
            user("usr_second_one", two)
        )
    };
    let ada = ["http://localhost:8080", "ada", "ada@example.com", "x-1"];
    let bob = ["http://localhost:8080/b", "bob", "bob@example.com", "x-2"];
    let apply = |one, two| {
        folder.write("state.yaml", &state(one, two));
        folder.ok(&["apply", "-f", "state.yaml"])
    };
    apply(ada, bob);
    apply(bob, ada);
    assert_eq!(folder.json(&["user", "show", "ada"])["id"], "usr_second_one");
    assert_eq!(folder.json(&["user", "show", "bob@example.com"])["external_id"], "x-2");
    let exported = folder.json(&["export"]);
    assert_eq!(exported["tenants"][0]["issuers"][0]["url"], "http://localhost:8080/b");
    // One takes over the other's user name as an address would be, who takes a new one: in whatever order.
    let carl = ["http://localhost:8080/c", "carl", "carl@example.com", "x-3"];
    apply(ada, carl);
    assert_eq!(folder.json(&["user", "show", "ada"])["id"], "usr_first_one");
    assert!(apply(ada, carl).starts_with("Nothing to do:"));
}

#[test]
fn what_an_operator_switched_off_stays_off_until_the_file_says_otherwise() {
    let folder = Folder::new();
    state(&folder);
    folder.ok(&["apply", "-f", "state.yaml"]);
    folder.ok(&["client", "disable", "demo-web", "--tenant", "demo"]);
    folder.ok(&["user", "lock", "alice", "--tenant", "demo"]);
    assert!(folder.ok(&["apply", "-f", "state.yaml"]).starts_with("Nothing to do"));
    folder.write(
        "on.yaml",
        "tenants:\n  - id: demo\n    users:\n      - user_name: bob\n        disabled: false\n",
    );
    folder.ok(&["user", "disable", "bob", "--tenant", "demo"]);
    let on = folder.ok(&["apply", "-f", "on.yaml"]);
    assert!(on.contains("- disabled: true") && !on.contains("name: Demo"), "{on}");
}

/// A role or a context that goes takes from people what they had by it: that is shown before it is done.
#[test]
fn who_loses_by_what_is_pruned_is_shown() {
    let folder = Folder::new();
    let whole = "tenants:\n  - id: demo\n    roles: [{ id: r1 }, { id: r2 }]\n    contexts: [{ id: project/a }, { id: project/b }]\n    \
                 users: [{ user_name: ann, roles: [r1] }, { user_name: ben }]\n    \
                 memberships: [{ user: ben, context: project/a, roles: [r1] }, { user: ann, context: project/b, roles: [r2] }]\n";
    folder.write("whole.yaml", whole);
    folder.ok(&["apply", "-f", "whole.yaml"]);
    folder.write(
        "less.yaml",
        "tenants:\n  - id: demo\n    roles: [{ id: r2 }]\n    contexts: [{ id: project/b }]\n",
    );
    for flags in [&["--prune", "--dry-run"][..], &["--prune"]] {
        let shown = folder.ok(&[&["apply", "-f", "less.yaml"], flags].concat());
        for line in [
            "- role r1 (demo)\n    - held by: ann\n    - held by: ben in project/a\n",
            "- context project/a (demo)\n    - members: ben\n",
        ] {
            assert!(shown.contains(line), "{line}: {shown}");
        }
        assert!(!shown.contains("r2") && !shown.contains("project/b"), "{shown}");
    }
    // A membership that is told of by itself is told of once.
    folder.ok(&["apply", "-f", "whole.yaml"]);
    folder.write("none.yaml", "tenants:\n  - id: demo\n    contexts: []\n    memberships: []\n");
    let shown = folder.ok(&["apply", "-f", "none.yaml", "--prune"]);
    assert!(shown.contains("- membership ben in project/a (demo)") && !shown.contains("members:"), "{shown}");
}

/// Who uses what would go is named, and a client can be switched off whatever it names.
#[test]
fn what_goes_is_named_by_nobody_afterwards() {
    let folder = Folder::new();
    let whole = "tenants:\n  - id: demo\n    roles: [{ id: x, permissions: ['a:b'] }]\n    apis: [{ id: 'https://api.example' }]\n    \
                 clients: [{ id: w, redirect_uris: ['https://x.example/cb'], apis: ['https://api.example'], role_permissions: { x: ['a:b'] } }]\n";
    folder.write("whole.yaml", whole);
    folder.ok(&["apply", "-f", "whole.yaml"]);
    folder.write("roles.yaml", "tenants:\n  - id: demo\n    roles: []\n");
    let shown = folder.ok(&["apply", "-f", "roles.yaml", "--prune"]);
    assert!(
        shown.contains("- role x (demo)\n")
            && shown.contains("~ client w (demo)\n    - role_permissions.x: a:b\n"),
        "{shown}"
    );
    folder.write("apis.yaml", "tenants:\n  - id: demo\n    apis: []\n");
    let refused = folder.run(&["apply", "-f", "apis.yaml", "--prune"]);
    assert_eq!(refused.code, 65, "{refused:?}");
    assert!(refused.err.contains("client w (apis)"), "{refused:?}");
    folder.ok(&["client", "disable", "w"]);
    let exported = folder.ok(&["export"]);
    folder.write("same.yaml", &exported);
    assert!(folder.ok(&["apply", "-f", "same.yaml", "--prune"]).contains("Nothing to do:"));
}

/// All that is wrong is listed: with the form first, then with what is said.
#[test]
fn all_that_is_wrong_is_listed() {
    let folder = Folder::new();
    let file = |permission: &str, member: &str| {
        format!(
            "tenants:\n  - id: demo\n    roles: [{{ id: r, permissions: [{permission}]{member} }}, {{ id: 'Bad Id' }}]\n    \
             contexts: [{{ id: a/1, parent: a/2 }}, {{ id: a/2, parent: a/1 }}]\n    clients: [{{ id: usr_x, grant_types: [client_credentials] }}]\n    \
             users: [{{ user_name: '' }}]\n"
        )
    };
    folder.write("form.yaml", &file("x", ", colour: red"));
    let told = folder.run(&["apply", "-f", "form.yaml"]).err;
    assert!(told.contains("a permission is domain:action") && told.contains("colour"), "{told}");
    folder.write("said.yaml", &file("'a:b'", ""));
    let told = folder.run(&["apply", "-f", "said.yaml"]).err;
    for place in [
        "roles[Bad Id].id",
        "contexts[a/1].parent",
        "contexts[a/2].parent",
        "clients[usr_x].id",
        "users[].user_name",
    ] {
        assert!(told.contains(&format!("tenants[demo].{place}: ")), "{place}: {told}");
    }
}
