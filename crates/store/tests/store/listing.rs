//! Lists for administrators: in order, each row once, and found by an index, so that the last page costs what the first one does.

use std::io::Write;

use doorward_core::Effect;
use doorward_core::id::GrantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_store::Store;
use doorward_store::history::{EventFilter, Order};
use doorward_store::statement;
use rusqlite::types::Value;
use rusqlite::{Connection, StatementStatus, params_from_iter};

use crate::support::{Folder, START, api, demo, sqlite_config, user, worlds};

/// Statements of lists that grow with what a tenant has.
const LISTS: [&str; 24] = [
    "USERS_NAMED",
    "CLIENTS_PAGE",
    "ROLES_FROM",
    "CONTEXTS_OF",
    "CONTEXTS_IN",
    "MEMBERS_OF",
    "MEMBERSHIPS_OF",
    "GIVEN_OF_ROLE",
    "HOLDINGS_OF_USER",
    "HOLDINGS_OF_CLIENT",
    "EVENTS_OF",
    "EVENTS_BACK",
    "EVENTS_BACK_OF_USER",
    "EVENTS_BACK_OF_CLIENT",
    "EVENTS_ON",
    "EVENTS_ON_OF_USER",
    "EVENTS_ON_OF_CLIENT",
    "EVENT_UP_TO",
    "INVITATIONS_FROM",
    "TENANTS_FROM",
    "ISSUERS_FROM",
    "APIS_FROM",
    "ROLES_FROM",
    "USERS_OF",
];

async fn schema() -> (Folder, Connection) {
    let folder = Folder::new();
    drop(Store::open(sqlite_config(&folder.0)).await.unwrap());
    let connection = Connection::open(folder.0.join("doorward.db")).unwrap();
    (folder, connection)
}

fn text_of(name: &str) -> &'static str {
    statement::all().find(|statement| statement.name == name).unwrap_or_else(|| panic!("no {name}")).sqlite
}

fn plan_of(connection: &Connection, name: &str) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", text_of(name))).unwrap();
    for number in 1..=explain.parameter_count() {
        explain.raw_bind_parameter(number, 1).unwrap();
    }
    let mut rows = explain.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan
}

#[tokio::test]
async fn every_list_is_read_by_an_index_and_sorted_by_nothing_else() {
    let (_folder, connection) = schema().await;
    for name in LISTS {
        let plan = plan_of(&connection, name);
        assert!(plan[0].starts_with("SEARCH"), "{name}: {plan:?}");
        let bad = |line: &String| line.starts_with("SCAN") || line.contains("TEMP B-TREE");
        assert!(!plan.iter().any(bad), "{name}: {plan:?}");
    }
}

/// What a batch of an import asks is looked up name by name: else a batch would cost what the tenant has.
#[tokio::test]
async fn names_of_an_import_are_looked_up_one_by_one() {
    let (_folder, connection) = schema().await;
    for (name, table, keys) in [
        ("USERS_EXTERNAL", "users", "(tenant=? AND external_id=?)"),
        ("USERS_WITH_ID", "users", "(tenant=? AND id=?)"),
        ("NAME_OWNERS", "login_names", "(tenant=? AND name_key=?)"),
        ("ASSIGNMENTS_OF_MANY", "assignments", "(tenant=? AND user_id=?)"),
        ("CONTEXTS_EXTERNAL", "contexts", "(tenant=? AND external_id=?)"),
        ("CONTEXTS_WITH_ID", "contexts", "(tenant=? AND id=?)"),
        ("TOMBSTONES", "external_tombstones", "(tenant=? AND kind=? AND external_id=?)"),
    ] {
        let plan = plan_of(&connection, name);
        let is_so = |line: &String| line.starts_with(&format!("SEARCH {table} ")) && line.contains(keys);
        assert!(plan.iter().any(is_so), "{name}: {plan:?}");
    }
}

/// Steps of SQLite's machine for one page, and how many rows it brought.
fn steps(connection: &Connection, name: &str, params: Vec<Value>) -> (i32, usize) {
    let mut statement = connection.prepare(text_of(name)).unwrap();
    let rows = statement.query_map(params_from_iter(params), |_| Ok(())).unwrap().count();
    (statement.get_status(StatementStatus::VmStep), rows)
}

#[tokio::test]
async fn the_last_page_of_a_hundred_thousand_rows_costs_what_the_first_one_does() {
    let (_folder, connection) = schema().await;
    let number = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    for insert in [
        "INSERT INTO users (tenant, id, data, version, created_at, updated_at) SELECT 'demo', printf('usr_%06d', i), '{}', 1, 0, 0 FROM n",
        "INSERT INTO login_names (tenant, name_key, user_id) SELECT 'demo', printf('p%06d', i), printf('usr_%06d', i) FROM n",
        "INSERT INTO clients (tenant, id, data, version, created_at) SELECT 'demo', printf('app-%06d', i), '{}', 1, 0 FROM n",
        "INSERT INTO events (id, tenant, happened_at, kind, actor, user_id, client_id, request_id, address, data) SELECT randomblob(16), 'demo', i, 'tally', '{}', 'usr_1', 'web', '', '', '{}' FROM n",
        "INSERT INTO grants (id, tenant, issuer_id, consent_id, session_id, user_id, client_id, scopes, resources, auth_time, acr, amr, offline, generation, mac_key, used_at, idle_ms, expires_at, created_at) SELECT i, 'demo', 'm', 1, 1, 'usr_1', 'web', '', '[]', 0, '', '[]', 0, 0, 0, 0, 0, 0, 0 FROM n",
    ] {
        let (head, select) = insert.split_once(" SELECT ").unwrap();
        connection.execute_batch(&format!("{head} {number} SELECT {select}")).unwrap();
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let page = Value::Integer(50);
    let demo = || text("demo");
    let numbered = |of: Option<&str>, before: i64| -> Vec<Value> {
        let mut params = vec![demo()];
        params.extend(of.map(text));
        params.extend([Value::Integer(before), page.clone()]);
        params
    };
    let named = |prefix: &str, after: &str| {
        let (end, from) = (format!("{prefix}{}", char::MAX), prefix.max(after));
        vec![demo(), text(prefix), text(&end), text(after), page.clone(), text(from)]
    };
    let clients = |after: &str| vec![demo(), text(after), text("\u{10ffff}"), text(after), page.clone()];
    let pages: [(&str, Vec<Value>, Vec<Value>); 8] = [
        ("USERS_NAMED", named("p", ""), named("p", "p099950")),
        ("CLIENTS_PAGE", clients(""), clients("app-099950")),
        ("EVENTS_BACK", numbered(None, i64::MAX), numbered(None, 51)),
        ("EVENTS_BACK_OF_USER", numbered(Some("usr_1"), i64::MAX), numbered(Some("usr_1"), 51)),
        ("EVENTS_BACK_OF_CLIENT", numbered(Some("web"), i64::MAX), numbered(Some("web"), 51)),
        ("EVENTS_ON", numbered(None, 0), numbered(None, 99_950)),
        ("HOLDINGS_OF_USER", numbered(Some("usr_1"), i64::MAX), numbered(Some("usr_1"), 51)),
        ("HOLDINGS_OF_CLIENT", numbered(Some("web"), i64::MAX), numbered(Some("web"), 51)),
    ];
    let mut report = "steps of SQLite for the first and the last page of 100,000 rows:".to_owned();
    for (name, first, last) in pages {
        let ((first, rows), (last, of_last)) =
            (steps(&connection, name, first), steps(&connection, name, last));
        assert_eq!((rows, of_last), (50, 50), "{name}");
        assert!((first - last).abs() <= 20, "{name}: {first} steps for the first page, {last} for the last");
        report.push_str(&format!(" {name} {first}/{last}"));
    }
    if let Some(file) = std::env::var_os("DOORWARD_TEST_REPORT") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(file, "{report}").unwrap();
    }
}

#[tokio::test]
async fn people_are_listed_by_name_each_once_whichever_name_was_typed() {
    for world in worlds().await {
        let mut effects = Vec::new();
        for name in ["alan", "albert", "bert"] {
            effects.push(Effect::PutUser(user("demo", name)));
        }
        world.commit(effects).await;
        let names = async |prefix: &str, after: Option<&str>, limit| {
            let found =
                world.store.users_named(&demo(), prefix, after.unwrap_or_default(), limit).await.unwrap();
            found.into_iter().map(|(_, found)| found.user.user_name_key).collect::<Vec<_>>()
        };
        assert_eq!(names("", None, 10).await, ["alan", "albert", "alice", "bert"]);
        assert_eq!(names("al", None, 2).await, ["alan", "albert"]);
        assert_eq!(names("al", Some("albert"), 10).await, ["alice"]);
        assert_eq!(names("alice", None, 10).await, ["alice"]);
        assert_eq!(names("alice@", None, 10).await, ["alice"], "by address");
        assert_eq!(names("alice@example.com", None, 10).await, ["alice"]);
        assert!(names("x", None, 10).await.is_empty());
    }
}

#[tokio::test]
async fn events_are_read_either_way_by_person_client_kind_and_time() {
    for world in worlds().await {
        let mut effects = Vec::new();
        for number in 0..30_i64 {
            let kind = if number % 2 == 0 { EventKind::SignedIn } else { EventKind::ClientToken };
            let mut event = Event {
                id: doorward_core::id::EventId([u8::try_from(number).unwrap(); 16]),
                tenant: demo(),
                at: START.plus_s(number * 3600),
                kind,
                actor: Actor::Server,
                user: None,
                client: None,
                grant: (number % 10 == 0).then_some(GrantId(7)),
                installation: None,
                reason: None,
                request_id: String::new(),
                address: String::new(),
                data: "{}".to_owned(),
            };
            if number % 3 == 0 {
                event.user = Some("usr_alice".into());
            } else {
                event.client = Some("web".into());
            }
            effects.push(Effect::Record(event));
        }
        world.commit(effects).await;
        world.store.driver().number_events(1000).await.unwrap();
        let read = async |filter: &EventFilter, order: Order| {
            let (mut seen, mut place) = (Vec::new(), None);
            loop {
                let page = world.store.history(&demo(), filter, order, place, 4).await.unwrap();
                seen.extend(page.events.into_iter().map(|found| found.seq));
                place = page.next;
                if place.is_none() {
                    return seen;
                }
            }
        };
        let count = async |filter: EventFilter| {
            let back = read(&filter, Order::NewestFirst).await;
            assert!(back.is_sorted_by(|a, b| a > b), "the latest first, each once");
            let mut on = read(&filter, Order::OldestFirst).await;
            on.reverse();
            assert_eq!(back, on, "the same in either order");
            back.len()
        };
        let every = EventFilter::default;
        assert_eq!(count(every()).await, 30);
        let alice = Some("usr_alice".into());
        assert_eq!(count(EventFilter { user: alice.clone(), ..every() }).await, 10);
        assert_eq!(count(EventFilter { client: Some("web".into()), ..every() }).await, 20);
        assert_eq!(count(EventFilter { kind: Some(EventKind::SignedIn), ..every() }).await, 15);
        assert_eq!(count(EventFilter { grant: Some(GrantId(7)), ..every() }).await, 3);
        assert_eq!(count(EventFilter { user: alice, kind: Some(EventKind::SignedIn), ..every() }).await, 5);
        let hour = |number: i64| Some(START.plus_s(number * 3600));
        assert_eq!(count(EventFilter { from: hour(10), to: hour(20), ..every() }).await, 10);
        assert_eq!(count(EventFilter { to: hour(3), ..every() }).await, 3);
        assert_eq!(count(EventFilter { from: hour(28), ..every() }).await, 2);
        assert_eq!(count(EventFilter { to: hour(0), ..every() }).await, 0);
    }
}

/// Ids and names are compared byte by byte everywhere: a database that sorts by a language would skip rows between two pages, and
/// show others twice.
#[tokio::test]
async fn lists_are_in_the_order_of_bytes_whatever_the_database_thinks_of_letters() {
    for world in worlds().await {
        let ids = ["B-2", "a-1", "a_1", "Z", "aB", "a1", "A1"];
        world.commit(ids.map(|id| Effect::PutApi(api(id))).into()).await;
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        let (mut seen, mut after) = (Vec::new(), String::new());
        while let Some(found) = world.store.apis_from(&demo(), &after, 1).await.unwrap().pop() {
            after.clone_from(&found.id.0);
            seen.push(found.id.0);
        }
        seen.retain(|id| ids.contains(&id.as_str()));
        assert_eq!(seen, sorted);
    }
}
