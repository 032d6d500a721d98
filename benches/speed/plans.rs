//! Plans: what `doorward apply --dry-run` does with the export of a tenant that has 10,000 objects, beside the same rows read by bare
//! statements.

use std::time::Instant;

use doorward_core::desired::{Action, State};
use doorward_crypto::password;
use doorward_store::statement::{self, Statement};
use doorward_web::manage::{By, Manage};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde_json::json;
use tokio_postgres::types::ToSql;

use crate::database::Place;
use crate::imports::connected;
use crate::progress;
use crate::stats::Spread;
use crate::world::{Counts, PASSWORD, TENANT, World};

/// What one engine took.
#[derive(Clone, Debug)]
pub struct Plans {
    /// Which.
    pub engine: &'static str,
    /// Objects of the plan.
    pub objects: usize,
    /// Seconds in which its document is read.
    pub document_s: Spread,
    /// Seconds in which what there is is read and compared.
    pub plan_s: Spread,
    /// Seconds in which the bare rows are read.
    pub probe_s: Spread,
    /// Rows of the probe.
    pub rows: usize,
}

impl Plans {
    /// What is reported.
    pub fn line(&self) -> String {
        let whole = self.document_s.best + self.plan_s.best;
        format!(
            "plan, {}: an export of {} objects in {whole:.2} s (its YAML {:.2}, median {:.2}; what is, and the plan {:.2}, median {:.2}), \
             target 2 s: {}; the {} rows of it by bare statements: {:.3} s (median {:.3}), {:.1} times less than what is, and the plan",
            self.engine,
            self.objects,
            self.document_s.best,
            self.document_s.median,
            self.plan_s.best,
            self.plan_s.median,
            if whole <= 2.0 { "reached" } else { "missed" },
            self.rows,
            self.probe_s.best,
            self.probe_s.median,
            self.plan_s.best / self.probe_s.best.max(f64::EPSILON),
        )
    }
}

/// Measure an engine, on a database of its own.
pub async fn measure(like: &Place, rounds: usize) -> Plans {
    progress(&format!("plan, {}: {OBJECTS} objects are made", like.engine()));
    let place = like.beside("plan").await;
    World::make(&place, Counts::NONE).await;
    let store = place.open().await;
    let manage = Manage::new(store.clone(), By::operator());
    let done = manage.apply(&document(), false, false).await.expect("the objects are made");
    assert_eq!(done.changes.iter().filter(|change| change.action == Action::Create).count(), OBJECTS, "new");
    let mut export = manage.export(Some(TENANT.to_owned())).await.expect("they are exported");
    for tenant in &mut export.tenants {
        // The world's settings are past what a document may say.
        tenant.settings = None;
    }
    let text = serde_yaml_ng::to_string(&export).expect("an export is YAML");
    let (mut document, mut plan, mut probe) = (Vec::new(), Vec::new(), Vec::new());
    let (mut objects, mut rows) = (0, 0);
    for round in 0..rounds {
        progress(&format!("plan, {}: round {} of {rounds}", like.engine(), round + 1));
        let began = Instant::now();
        let state: State = serde_yaml_ng::from_str(&text).expect("it is read again");
        document.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        let done = manage.apply(&state, true, true).await.expect("it can be planned");
        plan.push(began.elapsed().as_secs_f64());
        assert!(done.changes.iter().all(|change| change.action == Action::Unchanged), "nothing is to do");
        objects = done.changes.len();
        let (seconds, read) = bare(&place).await;
        probe.push(seconds);
        rows = read;
    }
    drop((manage, store));
    place.remove().await;
    Plans {
        engine: like.engine(),
        objects,
        document_s: Spread::of(&document),
        plan_s: Spread::of(&plan),
        probe_s: Spread::of(&probe),
        rows,
    }
}

/// Objects of each kind, [`OBJECTS`] in all. Everybody has a password and a role, and belongs to a context, with a role there.
fn document() -> State {
    let phc = password::hash(PASSWORD, b"0123456789abcdef");
    let role = |number: usize| format!("role-{}", number % ROLES);
    let context = |number: usize| format!("project/p-{}", number % CONTEXTS);
    let each = |count: usize, of: &dyn Fn(usize) -> serde_json::Value| (0..count).map(of).collect::<Vec<_>>();
    let document = json!({ "tenants": [{
        "id": TENANT,
        "roles": each(ROLES, &|number| json!({
            "id": role(number), "permissions": [format!("things-{number}:read"), format!("things-{number}:write")]
        })),
        "contexts": each(CONTEXTS, &|number| json!({ "id": context(number), "name": format!("Project {number}") })),
        "clients": each(CLIENTS, &|number| json!({
            "id": format!("machine-{number}"), "name": format!("Machine {number}"), "grant_types": ["client_credentials"],
            "scopes": "es:read", "apis": ["https://es.example"], "secret": "generate"
        })),
        "users": each(USERS, &|number| json!({
            "id": format!("usr_plan_{number:012}"), "user_name": format!("planned{number}"),
            "email": format!("planned{number}@example.com"), "email_verified": true,
            "profile": { "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams", "locale": "en" },
            "password_hash": phc, "roles": [role(number)]
        })),
        "memberships": each(MEMBERSHIPS, &|number| json!({
            "user": format!("usr_plan_{number:012}"), "context": context(number),
            "roles": [role(number + 1)]
        })),
    }] });
    serde_json::from_value(document).expect("it is a document")
}

/// Seconds in which all rows of the tenant are read over a connection of its own, and how many they are.
async fn bare(place: &Place) -> (f64, usize) {
    let asked: Vec<(&Statement, &[Param])> = READS
        .iter()
        .map(|(name, params)| {
            // Figures of the server count rows under the same names.
            let counts = |statement: &Statement| statement.sql.starts_with("SELECT COUNT(*)");
            let found = statement::all().find(|statement| statement.name == *name && !counts(statement));
            (found.unwrap_or_else(|| panic!("there is no statement {name}")), *params)
        })
        .collect();
    match place {
        Place::Sqlite(folder) => {
            let connection = Connection::open(folder.join("doorward.db")).expect("the database opens");
            let began = Instant::now();
            let rows = asked.iter().map(|(statement, params)| sqlite(&connection, statement, params)).sum();
            (began.elapsed().as_secs_f64(), rows)
        }
        Place::Postgres { .. } => {
            let client = connected(&place.url()).await;
            let began = Instant::now();
            let mut rows = 0;
            for (statement, params) in &asked {
                let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::to_sql).collect();
                rows += client.query(statement.sql, &params).await.expect("rows can be read").len();
            }
            (began.elapsed().as_secs_f64(), rows)
        }
    }
}

/// Every value of every row is taken.
fn sqlite(connection: &Connection, statement: &Statement, params: &[Param]) -> usize {
    let mut prepared = connection.prepare(statement.sqlite).expect("a statement can be prepared");
    let columns = prepared.column_count();
    let params = params_from_iter(params.iter().map(Param::value));
    let rows = prepared.query_map(params, |row| {
        (0..columns).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()
    });
    let taken: Result<Vec<_>, _> = rows.expect("rows can be asked for").collect();
    taken.expect("rows can be read").len()
}

/// A parameter of the probe.
enum Param {
    Number(i64),
    Text(&'static str),
}

impl Param {
    fn value(&self) -> Value {
        match self {
            Self::Number(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text((*text).to_owned()),
        }
    }

    fn to_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Number(number) => number,
            Self::Text(text) => text,
        }
    }
}

/// What a plan reads of the tenant, each in one page.
const READS: &[(&str, &[Param])] = &[
    ("TENANTS", &[]),
    ("ISSUERS_OF", &[OF]),
    ("APIS_OF", &[OF]),
    ("ROLES_OF", &[OF]),
    ("CONTEXTS_OF", &[OF, FIRST, ALL]),
    ("CLIENTS_OF", &[OF]),
    ("SECRETS_OF_TENANT", &[OF]),
    ("USERS_OF", &[OF, FIRST, ALL]),
    ("MEMBERSHIPS", &[OF, FIRST, Param::Number(0), ALL]),
    ("ASSIGNMENTS", &[OF, FIRST, Param::Number(0), Param::Number(0), ALL]),
];
const OF: Param = Param::Text(TENANT);
const FIRST: Param = Param::Text("");
const ALL: Param = Param::Number(i64::MAX);

const ROLES: usize = 50;
const CONTEXTS: usize = 950;
const CLIENTS: usize = 1_000;
const USERS: usize = 4_000;
const MEMBERSHIPS: usize = 4_000;
const OBJECTS: usize = ROLES + CONTEXTS + CLIENTS + USERS + MEMBERSHIPS;
