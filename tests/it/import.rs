//! Bringing people, contexts and memberships in: by external id and version, in whatever order and however often.

use doorward_core::Effect;
use doorward_core::admin::Rights;
use doorward_core::desired::State;
use doorward_core::desired::import::Did;
use doorward_core::model::{Actor, EventKind, User};
use doorward_tests::chance::Chance;
use doorward_tests::{ALICE, BOB, PASSWORD, Page, T1, TestApp, user_id};
use doorward_web::manage::import::Told;
use doorward_web::manage::{By, Manage, Trouble};
use serde_json::{Value, json};

/// `correct horse`, as LDAP has it.
const SSHA: &str = "{SSHA}awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA==";

fn person(id: &str, version: i64, name: &str) -> Value {
    json!({ "type": "user", "external_id": id, "external_version": version, "user_name": name })
}

fn gone(kind: &str, id: &str, version: i64) -> Value {
    json!({ "type": kind, "external_id": id, "external_version": version, "deleted": true })
}

fn context(id: &str, version: i64, context: &str, parent: Option<&str>) -> Value {
    json!({ "type": "context", "external_id": id, "external_version": version, "id": context, "parent": parent })
}

async fn import(app: &TestApp, records: &[Value]) -> Vec<Told> {
    let text: Vec<String> = records.iter().map(Value::to_string).collect();
    manage(app).import(&T1.into(), text.join("\n"), false).await.expect("it is carried out")
}

fn manage(app: &TestApp) -> Manage {
    Manage::new(app.store.clone(), By::operator())
}

async fn dids(app: &TestApp, records: &[Value]) -> Vec<Did> {
    import(app, records).await.into_iter().map(|told| told.outcome).collect()
}

/// The tenant's people, contexts and memberships, as an export has them.
async fn state(app: &TestApp) -> Value {
    let state: State = manage(app).export(Some(T1.to_owned())).await.expect("it can be exported");
    let mut state = serde_json::to_value(&state.tenants[0]).expect("it is JSON");
    let people = state["users"].as_array_mut().expect("people");
    people.retain(|user| !user["external_id"].is_null());
    // What is made anew has another id each time.
    people.iter_mut().for_each(|user| drop(user.as_object_mut().map(|user| user.remove("id"))));
    people.sort_by_key(|user| user["external_id"].to_string());
    json!({ "users": people, "contexts": state["contexts"], "memberships": state["memberships"] })
}

#[tokio::test]
async fn a_record_is_carried_out_once_and_older_ones_come_too_late() {
    let app = TestApp::new().await;
    let mut ada = person("42", 5, "ada");
    ada["email"] = json!("Ada@Example.com");
    ada["profile"] = json!({ "name": "Ada Lovelace" });
    assert_eq!(dids(&app, &[ada.clone()]).await, [Did::Created]);
    let rows = app.rows("events").await;
    assert_eq!(dids(&app, &[ada.clone(), ada.clone()]).await, [Did::Unchanged, Did::Unchanged]);
    assert_eq!(dids(&app, &[person("42", 4, "older")]).await, [Did::Ignored]);
    assert_eq!(app.rows("events").await, rows, "nothing was done, so nothing is told");
    let found = app.store.user_by_name(&T1.into(), "ada").await.unwrap().expect("she is there").user;
    assert_eq!(found.email.as_deref(), Some("Ada@Example.com"));
    assert_eq!((found.external_id.as_deref(), found.external_version), (Some("42"), Some(5)));
    // The same person under another name; what the record does not have is gone.
    assert_eq!(dids(&app, &[person("42", 6, "countess")]).await, [Did::Updated]);
    assert!(app.store.user_by_name(&T1.into(), "ada").await.unwrap().is_none());
    let now = app.store.user_by_name(&T1.into(), "countess").await.unwrap().expect("she is there").user;
    assert_eq!((now.id.clone(), now.email.clone()), (found.id, None));
    let events = app.events().await;
    let event = events.iter().rev().find(|event| event.kind == EventKind::ObjectChanged).expect("an event");
    assert_eq!(event.user.as_ref(), Some(&now.id));
    assert!(event.data.contains("\"by\":\"import\"") && event.data.contains("user_name"), "{}", event.data);
    assert!(!event.data.contains("Lovelace"), "members are named, values are not");
}

/// Versions decide, not the order of arrival: every order of the same records ends in the same state.
#[tokio::test]
async fn every_order_and_repetition_ends_in_the_same_state() {
    let mut records = vec![
        context("c1", 1, "customer/c1", None),
        context("p1", 1, "project/p1", Some("customer/c1")),
        context("p2", 2, "project/p2", Some("customer/c1")),
        gone("context", "p2", 3),
        context("p3", 1, "project/p3", None),
        person("1", 1, "one"),
        person("1", 3, "uno"),
        person("2", 1, "two"),
        gone("user", "2", 2),
        person("2", 3, "two-again"),
        person("3", 1, "three"),
        gone("user", "3", 1),
        gone("user", "4", 9),
        person("4", 8, "four"),
        gone("user", "6", 2),
        person("6", 2, "six"),
        person("5", 2, "five"),
    ];
    for (user, place, version) in [("1", "p1", 1), ("5", "p3", 4)] {
        let link = json!({
            "type": "membership", "user_external_id": user, "context_external_id": place, "external_version": version
        });
        records.push(link);
    }
    let mut chance = Chance::of_environment("imports");
    let mut expected: Option<Value> = None;
    for round in 0..6 {
        let app = TestApp::new().await;
        let mut shuffled = [records.clone(), records.clone()].concat();
        if round > 0 {
            for at in (1..shuffled.len()).rev() {
                shuffled.swap(at, chance.below(at + 1));
            }
        }
        let part = if round % 2 == 0 { shuffled.len() } else { 4 };
        // What waits for others is sent again, as the command does.
        for batch in shuffled.chunks(part).chain([&records[..]]) {
            import(&app, batch).await;
        }
        let state = state(&app).await;
        let names: Vec<&str> =
            state["users"].as_array().unwrap().iter().filter_map(|user| user["user_name"].as_str()).collect();
        assert_eq!(names, ["uno", "two-again", "five"], "seed {}, round {round}", chance.seed);
        assert_eq!(state["contexts"].as_array().unwrap().len(), 3, "{state}");
        assert_eq!(state["memberships"].as_array().unwrap().len(), 2, "{state}");
        assert_eq!(expected.get_or_insert(state.clone()), &state, "seed {}, round {round}", chance.seed);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_record_is_told_of_it_and_stops_no_other() {
    let app = TestApp::new().await;
    let mut bad_hash = person("9", 1, "nine");
    bad_hash["password_hash"] = json!("$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    let records = [
        person("1", 1, "alice"),
        person("2", 1, "bob@"),
        json!({ "type": "user", "external_id": "3", "user_name": "three" }),
        person("4", 1, "four"),
        json!({ "type": "user", "external_id": "5", "external_version": 1, "user_name": "five", "password": "plain" }),
        json!({ "type": "user", "external_id": "6", "external_version": 1, "user_name": "six", "administrator": true }),
        json!({ "type": "user", "external_id": "7", "external_version": 1, "user_name": "seven", "roles": ["nobody"] }),
        json!({ "type": "thing" }),
        bad_hash,
        json!({ "type": "membership", "user_external_id": "nobody", "context": "project/p", "external_version": 1 }),
        person("10", 1, "four"),
        context("c", 1, "Not An Id", None),
        person("11", 1, "eleven"),
    ];
    let told = import(&app, &records).await;
    let of = |line: usize| {
        let told = &told[line - 1];
        assert_eq!(told.line, line as u64);
        let pointers: Vec<&str> = told.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        (told.outcome, pointers, told.retry)
    };
    assert_eq!(of(1), (Did::Refused, vec!["/user_name"], true), "alice is there, without an external id");
    assert_eq!(of(2), (Did::Refused, vec!["/user_name"], false));
    assert_eq!(of(3), (Did::Refused, vec!["/external_version"], false));
    assert_eq!(of(4), (Did::Created, vec![], false));
    assert_eq!(of(5), (Did::Refused, vec!["/password"], false));
    assert_eq!(of(6), (Did::Refused, vec!["/administrator"], false));
    assert_eq!(of(7), (Did::Refused, vec!["/roles"], false));
    assert_eq!(of(8), (Did::Refused, vec!["/type"], false));
    assert_eq!(of(9), (Did::Refused, vec!["/password_hash"], false));
    assert_eq!(of(10), (Did::Refused, vec!["/user_external_id"], true));
    assert_eq!(of(11), (Did::Refused, vec!["/user_name"], true), "the fourth has that name");
    assert_eq!(of(12), (Did::Refused, vec!["/id"], false));
    assert_eq!(of(13), (Did::Created, vec![], false));
    // A line that is no JSON has its number all the same; blank lines are nothing.
    let text = format!("\n{}\nnot json\n[]\n\n", person("12", 1, "twelve"));
    let told = manage(&app).import(&T1.into(), text, false).await.unwrap();
    let told: Vec<_> = told.iter().map(|told| (told.line, told.outcome)).collect();
    assert_eq!(told, [(2, Did::Created), (3, Did::Refused), (4, Did::Refused)]);
}

/// Each member that is wrong is told once, at its place, in words that name no type of ours and repeat no value.
#[tokio::test]
async fn what_is_wrong_with_a_member_is_said_once_and_in_words() {
    let app = TestApp::new().await;
    let with = |member: &str, value: Value| {
        let mut record = person("1", 1, "one");
        record[member] = value;
        record
    };
    let mut both = with("external_version", json!("secret"));
    both["email_verified"] = json!("secret");
    let rows: Vec<(Value, Vec<(&str, &str)>)> = vec![
        (with("external_version", json!("secret")), vec![("/external_version", "must be a whole number")]),
        (with("external_version", json!(1.5)), vec![("/external_version", "must be a whole number")]),
        (with("external_version", json!(-1)), vec![("/external_version", "must not be negative")]),
        (
            with("external_version", Value::Null),
            vec![("/external_version", "is needed: a number that grows with each change of the record")],
        ),
        (
            with("external_id", json!("")),
            vec![("/external_id", "must be 1 to 200 bytes without control characters")],
        ),
        (with("email_verified", json!("secret")), vec![("/email_verified", "must be true or false")]),
        (with("user_name", json!(4711)), vec![("/user_name", "must be a text")]),
        (with("roles", json!("secret")), vec![("/roles", "must be a list")]),
        (with("profile", json!("secret")), vec![("/profile", "must be an object")]),
        (with("username", json!("secret")), vec![("/username", "there is no such member")]),
        (
            json!({ "type": "user", "external_id": "1", "external_version": 1 }),
            vec![("/user_name", "is needed")],
        ),
        (
            both,
            vec![
                ("/email_verified", "must be true or false"),
                ("/external_version", "must be a whole number"),
            ],
        ),
        (
            json!({ "type": "user", "external_id": 1, "external_version": "x", "deleted": true }),
            vec![("/external_id", "must be a text"), ("/external_version", "must be a whole number")],
        ),
        (
            json!({ "type": "user", "external_id": "", "external_version": -1, "deleted": true }),
            vec![
                ("/external_id", "must be 1 to 200 bytes without control characters"),
                ("/external_version", "must not be negative"),
            ],
        ),
        (context("c", -1, "project/c", None), vec![("/external_version", "must not be negative")]),
        (
            json!({
                "type": "membership", "user_external_id": "1", "context_external_id": "c", "external_version": true,
            }),
            vec![("/external_version", "must be a whole number")],
        ),
    ];
    for (record, expected) in rows {
        let told = import(&app, std::slice::from_ref(&record)).await;
        let told: Vec<(&str, &str)> =
            told[0].problems.iter().map(|told| (&*told.pointer, &*told.detail)).collect();
        assert_eq!(told, expected, "{record}");
    }
}

/// People may take names that others give up in the same batch, wherever they stand in it.
#[tokio::test]
async fn names_change_hands_within_a_batch() {
    let app = TestApp::new().await;
    import(&app, &[person("1", 1, "one"), person("2", 1, "two"), person("3", 1, "three")]).await;
    let told = dids(&app, &[person("1", 2, "two"), person("2", 2, "three"), person("3", 2, "four")]).await;
    assert_eq!(told, [Did::Updated; 3]);
    let told = dids(&app, &[person("4", 1, "four"), gone("user", "3", 3)]).await;
    assert_eq!(told, [Did::Created, Did::Removed]);
    let names = async |name: &str| {
        let found = app.store.user_by_name(&T1.into(), name).await.unwrap();
        found.and_then(|found| found.user.external_id)
    };
    for (name, id) in [("one", None), ("two", Some("1")), ("three", Some("2")), ("four", Some("4"))] {
        assert_eq!(names(name).await.as_deref(), id, "{name}");
    }
}

#[tokio::test]
async fn a_thousand_records_are_a_batch_and_one_more_is_refused() {
    let app = TestApp::new().await;
    let mut records: Vec<Value> = (0..1000)
        .map(|number| {
            let mut person = person(&number.to_string(), 1, &format!("person{number}"));
            person["email"] = json!(format!("person{number}@example.com"));
            person["password_hash"] = json!(SSHA);
            person
        })
        .collect();
    assert!(dids(&app, &records).await.iter().all(|did| *did == Did::Created));
    assert_eq!(app.rows("users").await, 1004);
    let created = app.events().await.into_iter().filter(|event| event.kind == EventKind::ObjectCreated);
    assert_eq!(created.count(), 1000, "an event each");
    assert!(dids(&app, &records).await.iter().all(|did| *did == Did::Unchanged));
    records.iter_mut().for_each(|record| record["external_version"] = json!(2));
    records.iter_mut().for_each(|record| record["profile"] = json!({ "locale": "de" }));
    assert!(dids(&app, &records).await.iter().all(|did| *did == Did::Updated));
    records.push(person("1000", 1, "person1000"));
    let text: Vec<String> = records.iter().map(Value::to_string).collect();
    let refused = manage(&app).import(&T1.into(), text.join("\n"), false).await;
    assert!(matches!(refused, Err(Trouble::Malformed(_))), "{refused:?}");
    let all: Vec<Value> = (0..1000).map(|number| gone("user", &number.to_string(), 3)).collect();
    assert!(dids(&app, &all).await.iter().all(|did| *did == Did::Removed));
    assert_eq!((app.rows("users").await, app.rows("credentials").await), (4, 4));
    assert_eq!(app.rows("external_tombstones").await, 1000);
}

/// The hash that came in is replaced at the first sign-in; the other system brings it again with every version, and does not undo that.
#[tokio::test]
async fn an_imported_password_is_not_set_back_by_the_next_version() {
    let app = TestApp::new().await;
    let mut ada = person("42", 1, "ada");
    ada["password_hash"] = json!(SSHA);
    import(&app, &[ada.clone()]).await;
    let password = async || {
        let found = app.store.user_by_name(&T1.into(), "ada").await.unwrap().expect("she is there");
        (found.password.expect("she has one").data, found.user.valid_from)
    };
    assert_eq!(password().await.0, SSHA);
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let fields = [("username", "ada"), ("password", "correct horse"), ("action", "sign-in")];
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    let (ours, valid_from) = password().await;
    assert!(ours.starts_with("$argon2id$"), "{ours}");
    ada["external_version"] = json!(2);
    ada["profile"] = json!({ "name": "Ada Lovelace" });
    assert_eq!(dids(&app, &[ada.clone()]).await, [Did::Updated]);
    assert_eq!(password().await, (ours.clone(), valid_from));
    assert_eq!(browser.get("/account").await.status, 200, "she stays signed in");
    // Without one, there is nothing to be said of it.
    assert_eq!(dids(&app, &[person("42", 3, "ada")]).await, [Did::Updated]);
    assert_eq!(password().await.0, ours);
    // Another one is another password: who was signed in is so no longer.
    ada["external_version"] = json!(4);
    ada["password_hash"] = json!("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0");
    assert_eq!(dids(&app, &[ada.clone()]).await, [Did::Updated]);
    assert_eq!(password().await.0, "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0");
    assert_ne!(browser.get("/account").await.status, 200);
    // What tells hashes apart tells nothing of passwords.
    let dump = String::from_utf8_lossy(&app.dump().await).into_owned();
    let digest = doorward_crypto::base64url::encode(&doorward_crypto::digest::sha256(SSHA.as_bytes()));
    assert!(!dump.contains(&digest) && !dump.contains(PASSWORD));
}

#[tokio::test]
async fn contexts_nest_and_go_with_what_they_lie_in() {
    let app = TestApp::new().await;
    let records = [
        context("d", 1, "d/4", Some("c/3")),
        context("c", 1, "c/3", Some("b/2")),
        context("b", 1, "b/2", Some("a/1")),
        context("a", 1, "a/1", None),
        person("1", 1, "one"),
        json!({ "type": "membership", "user": "one", "context": "d/4", "external_version": 1 }),
    ];
    assert_eq!(dids(&app, &records).await, [Did::Created; 6], "children may come before their parents");
    let fifth = import(&app, &[context("e", 1, "e/5", Some("d/4"))]).await;
    assert_eq!((fifth[0].outcome, fifth[0].problems[0].pointer.as_str()), (Did::Refused, "/parent"));
    let moved = import(&app, &[context("c", 2, "c/3", None)]).await;
    assert_eq!((moved[0].outcome, moved[0].problems[0].pointer.as_str()), (Did::Refused, "/parent"));
    assert_eq!(dids(&app, &[gone("context", "b", 2)]).await, [Did::Removed]);
    let state = state(&app).await;
    assert_eq!(state["contexts"].as_array().unwrap().len(), 1, "{state}");
    assert!(state["memberships"].as_array().is_none_or(Vec::is_empty), "{state}");
    // Anew, they are others, and nobody belongs to them.
    let again = [context("b", 3, "b/2", Some("a/1")), context("c", 3, "c/3", Some("b/2"))];
    assert_eq!(dids(&app, &again).await, [Did::Created; 2]);
    assert_eq!(dids(&app, &[context("b", 2, "b/2", None)]).await, [Did::Ignored]);
}

fn link(user: &str, place: &str, version: i64) -> Value {
    json!({
        "type": "membership", "user_external_id": user, "context_external_id": place, "external_version": version
    })
}

/// Memberships go with who or what they are of, be it in the batch that made them: nothing is left that another of the same id
/// would find.
#[tokio::test]
async fn memberships_go_with_their_person_and_place_within_a_batch() {
    let with_id = |version, id: &str| {
        let mut person = person("1", version, "one");
        person["id"] = json!(id);
        person
    };
    let (one, p) = ("usr_00000001", context("p", 1, "project/p", None));
    let app = TestApp::new().await;
    let batch = [p.clone(), with_id(1, one), link("1", "p", 1), gone("user", "1", 2)];
    assert_eq!(dids(&app, &batch).await, [Did::Created, Did::Created, Did::Created, Did::Removed]);
    assert_eq!(app.rows("memberships").await, 0);
    assert_eq!(dids(&app, &[with_id(3, one)]).await, [Did::Created]);
    assert!(app.store.memberships(&T1.into(), None, 10).await.unwrap().is_empty(), "another has their id");
    // One that was there goes too, and who comes under the same id afterwards belongs where it is said then.
    assert_eq!(dids(&app, &[link("1", "p", 2)]).await, [Did::Created]);
    let batch = [gone("user", "1", 4), with_id(5, one), link("1", "p", 3)];
    assert_eq!(dids(&app, &batch).await, [Did::Removed, Did::Created, Did::Created]);
    assert_eq!(app.store.memberships(&T1.into(), None, 10).await.unwrap().len(), 1);
    let batch = [link("1", "p", 4), gone("user", "1", 6), with_id(7, one)];
    assert_eq!(dids(&app, &batch).await, [Did::Updated, Did::Removed, Did::Created]);
    assert_eq!(app.rows("memberships").await, 0);
    // Taken back and said anew, it is another.
    assert_eq!(dids(&app, &[link("1", "p", 5)]).await, [Did::Created]);
    assert_eq!(dids(&app, &[unlink("1", "p", 6), link("1", "p", 7)]).await, [Did::Removed, Did::Created]);
    assert_eq!(app.rows("memberships").await, 1);
    // The same with places.
    let batch = [context("q", 1, "project/q", Some("project/p")), link("1", "q", 1), gone("context", "p", 2)];
    assert_eq!(dids(&app, &batch).await, [Did::Created, Did::Created, Did::Removed]);
    assert!(app.store.memberships(&T1.into(), None, 10).await.unwrap().is_empty());
    let given = app.events().await.into_iter().filter(|event| event.data.contains("project/q")).count();
    assert_eq!(given, 0, "what was undone within the batch never was");
}

fn unlink(user: &str, place: &str, version: i64) -> Value {
    let mut gone = link(user, place, version);
    gone["deleted"] = json!(true);
    gone
}

fn person_of(id: &str, external: &str, version: i64) -> Value {
    let mut person = person(external, version, &format!("name-{external}"));
    person["id"] = json!(id);
    person
}

#[tokio::test]
async fn a_deletion_that_comes_late_and_a_record_with_anothers_id_change_nothing() {
    let app = TestApp::new().await;
    let (one, two) = ("usr_00000001", "usr_00000002");
    let made = [
        context("p", 3, "project/p", None),
        person_of(one, "1", 3),
        person_of(two, "2", 1),
        link("1", "p", 3),
    ];
    assert_eq!(dids(&app, &made).await, [Did::Created; 4]);
    let late = [unlink("1", "p", 2), gone("user", "1", 2), gone("context", "p", 2)];
    assert_eq!(dids(&app, &late).await, [Did::Ignored; 3]);
    assert_eq!(dids(&app, &made).await, [Did::Unchanged; 4]);
    let others = [person_of(one, "3", 9), person_of(two, "1", 9)];
    for told in import(&app, &others).await {
        assert_eq!((told.outcome, told.problems[0].pointer.as_str()), (Did::Refused, "/id"), "{told:?}");
    }
    // A deletion of the very version counts.
    let same = [unlink("1", "p", 3), gone("user", "1", 3), gone("context", "p", 3)];
    assert_eq!(dids(&app, &same).await, [Did::Removed; 3]);
}

#[tokio::test]
async fn a_deletion_that_comes_first_is_remembered() {
    let app = TestApp::new().await;
    let of = |version| [person("4", version, "four"), context("p", version, "project/p", None)];
    assert_eq!(dids(&app, &[gone("user", "4", 9), gone("context", "p", 9)]).await, [Did::Unchanged; 2]);
    assert_eq!(dids(&app, &of(9)).await, [Did::Ignored; 2]);
    assert_eq!(dids(&app, &of(10)).await, [Did::Created; 2]);
    assert_eq!(dids(&app, &[unlink("4", "p", 9)]).await, [Did::Unchanged]);
    assert_eq!(dids(&app, &[link("4", "p", 9), link("4", "p", 10)]).await, [Did::Ignored, Did::Created]);
}

#[tokio::test]
async fn an_administrator_stays_one_and_rights_bound_each_record() {
    let app = TestApp::new().await;
    assert_eq!(dids(&app, &[person("1", 1, "one")]).await, [Did::Created]);
    let found = app.store.user_by_name(&T1.into(), "one").await.unwrap().expect("they are there").user;
    let boss = User { administrator_since: Some(app.clock.now()), ..found };
    app.store.commit(vec![Effect::PutUser(boss)]).await.unwrap();
    assert_eq!(dids(&app, &[person("1", 2, "one")]).await, [Did::Updated]);
    let found = app.store.user_by_name(&T1.into(), "one").await.unwrap().expect("they are there").user;
    assert!(found.administrator_since.is_some());
    let records = [
        context("p", 1, "project/p", None),
        person("2", 1, "two"),
        link("2", "p", 1),
        gone("user", "2", 2),
        gone("context", "p", 2),
    ];
    let text: Vec<String> = records.iter().map(Value::to_string).collect();
    let told = async |scope: &str| {
        let by = By { rights: Rights::of(&T1.into(), [scope.to_owned()]), ..By::operator() };
        let told = Manage::new(app.store.clone(), by).import(&T1.into(), text.join("\n"), true).await;
        told.unwrap().into_iter().map(|told| told.outcome == Did::Refused).collect::<Vec<_>>()
    };
    assert_eq!(told("admin:users.write").await, [true, false, true, false, true]);
    assert_eq!(told("admin:contexts.write").await, [false, true, true, true, false]);
    assert_eq!(told("admin:users.read").await, [true; 5]);
    // Where person and place are there already, it is the right alone that is missing.
    assert_eq!(
        dids(&app, &[person("3", 1, "three"), context("q", 1, "project/q", None)]).await,
        [Did::Created; 2]
    );
    let by = By { rights: Rights::of(&T1.into(), ["admin:users.write".to_owned()]), ..By::operator() };
    let narrow = Manage::new(app.store.clone(), by);
    for record in [link("3", "q", 1), unlink("3", "q", 1), gone("context", "q", 2)] {
        let told = narrow.import(&T1.into(), record.to_string(), true).await.unwrap();
        assert_eq!(told[0].outcome, Did::Refused, "{record}");
    }
    // Nobody gives what they do not hold, in a context either.
    let _role = crate::console::give(&app, T1, "bob", 7, &["admin:keys.write"]).await;
    let mut gives = link("1", "p", 1);
    gives["roles"] = json!(["role-7"]);
    let text = [context("p", 1, "project/p", None), gives].map(|record| record.to_string()).join("\n");
    let told = async |scopes: &[&str]| {
        let rights = Rights::of(&T1.into(), scopes.iter().map(|scope| (*scope).to_owned()));
        let by = By { rights, ..By::operator() };
        let told = Manage::new(app.store.clone(), by).import(&T1.into(), text.clone(), true).await;
        told.unwrap().into_iter().map(|told| told.outcome).collect::<Vec<_>>()
    };
    assert_eq!(told(&["admin:contexts.write"]).await, [Did::Created, Did::Refused]);
    assert_eq!(told(&["admin:contexts.write", "admin:keys.write"]).await, [Did::Created; 2]);
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let app = TestApp::new().await;
    let before = app.dump().await.len();
    let text = [person("1", 1, "one"), gone("user", "2", 1)].map(|record| record.to_string()).join("\n");
    let told = manage(&app).import(&T1.into(), text, true).await.unwrap();
    assert_eq!(told.iter().map(|told| told.outcome).collect::<Vec<_>>(), [Did::Created, Did::Unchanged]);
    assert_eq!((app.rows("users").await, app.rows("external_tombstones").await), (4, 0));
    assert_eq!(app.dump().await.len(), before);
}

/// Two nodes bring the same records at once: one of them meets the other's, and both end well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_meet_are_decided_again() {
    let app = TestApp::new().await;
    let records: Vec<Value> = (0..200).map(|at| person(&at.to_string(), 1, &format!("person{at}"))).collect();
    let (one, other) = tokio::join!(dids(&app, &records), dids(&app, &records));
    for did in one.iter().chain(&other) {
        assert!([Did::Created, Did::Unchanged].contains(did), "{did:?}");
    }
    let created = one.iter().chain(&other).filter(|did| **did == Did::Created).count();
    assert_eq!(created, 200, "each once");
    assert_eq!(app.rows("users").await, 204);
}

/// Whoever had a password and gets another one hears of it, as from every other door.
#[tokio::test]
async fn who_gets_another_password_is_told() {
    let app = TestApp::new().await;
    let with = |version: i64, hash: &str| {
        let mut ada = person("42", version, "ada");
        ada["email"] = json!("ada@example.com");
        ada["password_hash"] = json!(hash);
        ada.to_string()
    };
    let mails = async |record: String| {
        let manage = manage(&app).sending_mail(true);
        let told = manage.import(&T1.into(), record, false).await.expect("it is carried out");
        assert!(told[0].problems.is_empty(), "{told:?}");
        app.mails().await.iter().map(|mail| (mail.kind, mail.to.clone())).collect::<Vec<_>>()
    };
    let other = SSHA.replace("awc/", "bwc/");
    assert_eq!(mails(with(1, SSHA)).await, [], "there was none before");
    assert_eq!(mails(with(2, SSHA)).await, [], "it is the same");
    assert_eq!(mails(with(3, &other)).await, [("password_replaced", "ada@example.com".to_owned())]);
    // One of ours who was not brought in, too: that is how a holder of `admin:users.write` would take an account over.
    let mut alice = person("1", 1, ALICE);
    (alice["id"], alice["email"], alice["password_hash"]) =
        (json!(user_id(ALICE)), json!("alice@example.com"), json!(SSHA));
    let all = mails(alice.to_string()).await;
    assert_eq!(all.last(), Some(&("password_replaced", "alice@example.com".to_owned())));
    assert_eq!(all.len(), 2);
}

/// Nobody locks themselves out by a record, as by no other way.
#[tokio::test]
async fn nobody_closes_or_removes_themselves_by_a_record() {
    let app = TestApp::new().await;
    let record = |version: i64, name: &str, member: &str| {
        let mut record = person(name, version, name);
        record["id"] = json!(user_id(name));
        record[member] = json!(true);
        record
    };
    let by = By { actor: Actor::User(user_id(ALICE).into()), ..By::operator() };
    let manage = Manage::new(app.store.clone(), by);
    let mine = [record(1, ALICE, "disabled"), record(1, ALICE, "locked"), gone("user", ALICE, 3)];
    for (record, why) in mine.into_iter().zip([
        "nobody disables or locks themselves",
        "nobody disables or locks themselves",
        "nobody removes themselves",
    ]) {
        let mut named = person(ALICE, 2, ALICE);
        named["id"] = json!(user_id(ALICE));
        let text = if why.contains("removes") { format!("{named}\n{record}") } else { record.to_string() };
        let told = manage.import(&T1.into(), text, false).await.expect("it is carried out");
        let last = told.last().expect("it is told");
        let detail = last.problems.first().map(|problem| problem.detail.as_str());
        assert_eq!((last.outcome, detail), (Did::Refused, Some(why)));
    }
    let found = app.store.user(&T1.into(), &user_id(ALICE).into()).await.unwrap().expect("she is there").user;
    assert_eq!((found.disabled_at, found.locked_at), (None, None));
    let told = manage.import(&T1.into(), record(1, BOB, "locked").to_string(), false).await.expect("done");
    assert_eq!(told[0].outcome, Did::Updated, "others they may");
}
