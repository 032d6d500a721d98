//! Every statement on both engines, and the tenant in every statement on a tenant's table.

use std::collections::BTreeSet;

use doorward_store::driver::Prepared;
use doorward_store::statement::{self, Reach};

use crate::support::worlds;

#[tokio::test]
async fn every_statement_prepares_on_both_engines_with_the_same_parameters_and_columns() {
    let worlds = worlds().await;
    for statement in statement::all() {
        let mut prepared: Vec<Prepared> = Vec::new();
        for world in &worlds {
            prepared.push(world.store.driver().prepare(statement).await.unwrap());
        }
        let named = (1..).take_while(|n| names(statement.sql, &format!("${n}"))).count();
        for prepared in &prepared {
            assert_eq!(prepared.params, named, "{}: parameters", statement.name);
            let unique: BTreeSet<_> = prepared.columns.iter().collect();
            assert_eq!(
                unique.len(),
                prepared.columns.len(),
                "{}: a column's name stands twice",
                statement.name
            );
        }
        if let [sqlite, postgres] = &prepared[..] {
            assert_eq!(sqlite, postgres, "{}", statement.name);
        }
    }
}

/// Whether `$n` stands in the text, and not only as the beginning of `$n0`.
fn names(sql: &str, parameter: &str) -> bool {
    sql.match_indices(parameter)
        .any(|(at, _)| !sql[at + parameter.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn names_of_statements_are_unique() {
    let mut seen = BTreeSet::new();
    for statement in statement::all() {
        let first_of_its_module = seen.insert((statement.name, statement.sql));
        assert!(first_of_its_module, "{}", statement.name);
    }
}

#[test]
fn every_statement_on_a_tenants_table_names_the_tenant() {
    for statement in statement::all() {
        let sql = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let names_it = sql.contains("tenant = $")
            || sql.starts_with("INSERT INTO")
                && sql.split(')').next().is_some_and(|columns| columns.contains("tenant"))
            || sql.contains(" tenants ") && sql.contains("WHERE id = $1");
        match statement.reach {
            Reach::Tenant => assert!(names_it, "{} does not name the tenant: {sql}", statement.name),
            Reach::Server(why) => assert!(!why.is_empty(), "{} does not say why", statement.name),
        }
    }
}

/// What reaches beyond one tenant, frozen: whoever adds to it has thought about it. Counting rows is not listed.
#[test]
fn statements_that_reach_beyond_one_tenant_are_listed() {
    let counts = |sql: &str| sql.starts_with("SELECT COUNT(*) AS rows FROM ");
    let found: Vec<&str> = statement::all()
        .filter(|statement| !statement.is_tenants() && !counts(statement.sql))
        .map(|statement| statement.name)
        .collect();
    assert_eq!(found, BEYOND);
}

const BEYOND: &[&str] = &[
    "ADMINISTRATORS",
    "REAP_ANSWERS",
    "EVENT_EXISTS",
    "EPOCH_TENANTS",
    "EPOCH_TICKETS",
    "EPOCH_SESSIONS",
    "EPOCH_GRANTS",
    "EPOCH_CONSENTS",
    "EPOCH_RECOVERY",
    "EPOCH_OUTBOX",
    "EPOCH_KEYS",
    "EVENTS",
    "TOMBSTONES_FORGET",
    "INSTALLATIONS_LEFT",
    "SLICE_INSTALLATIONS",
    "INSTALLATIONS_LEFT_OF",
    "ISSUERS",
    "LOGOUTS_DUE",
    "META",
    "META_SET",
    "META_ADD",
    "MAILS_DUE",
    "REQUESTS_DUE",
    "MAILS_WAITING",
    "DATA_KEYS",
    "CHECK_REPLACE",
    "TENANTS",
    "TENANTS_FROM",
    "ATTEMPT_COUNT",
    "ATTEMPTS_FORGIVE",
    "ATTEMPT_GIVE_BACK",
    "BUCKET",
    "REAP_ATTEMPTS",
    "REAP_WEBHOOKS",
    "QUEUES_WAITING",
    "QUEUES_DUE",
    "QUEUES_CLAIM",
    "QUEUES_CLAIMED",
    "QUEUES_LEFT",
    "SLICE_CONTEXTS",
    "MARK_CONTEXTS",
    "REAP_CONTEXTS",
    "SLICE_MEMBERSHIPS",
    "REAP_MEMBERSHIPS",
    "SLICE_ASSIGNMENTS",
    "REAP_ASSIGNMENTS",
    "LEASE_TAKE",
    "MARK_RAISE",
    "CHANGES_FROM",
    "REAP_TICKETS",
    "SLICE_GRANTS",
    "REAP_GRANTS",
    "SLICE_SESSIONS",
    "REAP_SESSIONS",
    "SLICE_CONSENTS",
    "REAP_CONSENTS",
    "REAP_INSTALLATION_SECRETS",
    "EXPIRED_KEYS",
    "REAP_CHANGES",
];
