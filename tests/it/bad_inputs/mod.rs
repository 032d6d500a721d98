//! The table of bad inputs, as something that runs: a file per area, a function per row of `tests/bad-inputs.tsv`.
//!
//! Every row is asserted four ways. *What* was answered, *that nothing was issued*, and *which event* was written is what
//! [`Case::expect`] looks at; *that no secret leaked* (answers, log lines, metrics, events) is looked at once a row has run, over
//! everything that it sent. Rows that disturb no other share one server; `fresh` rows have one of their own.

mod canaries;
mod case;
mod expected;
mod forge;
mod race;
mod steps;
mod table;
pub mod wire;

mod account_lifecycle;
mod admin_api;
mod assertion;
mod atrek;
mod bruteforce_password;
mod client_auth;
mod code;
mod compat_dialects;
mod csrf_clickjacking;
mod enumeration;
mod extension_instance;
mod host_header_proxy;
mod http_level;
mod introspection;
mod iss_state_nonce;
mod logout;
mod mfa_webauthn;
mod ops_logs;
mod permission_intersection;
mod pkce;
mod redirect_uri;
mod refresh;
mod revocation;
mod scim_sql_injection;
mod scope_audience_consent;
mod session_cookie;
mod tenant_idor;
mod time_keys;
mod token_endpoint;
mod unicode;
pub mod webhooks;
mod xss_html;

pub use case::Case;
pub use expected::{bearer, json, page, redirect, status};

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use doorward_tests::TestApp;

/// A row that can be run.
pub struct Row {
    /// The function's name: the id in small letters.
    name: &'static str,
    world: World,
    run: for<'a> fn(&'a Case) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

/// Which server a row runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(non_camel_case_types, reason = "written in the lists of rows as words")]
enum World {
    /// One that other rows of the area use too.
    shared,
    /// Its own.
    fresh,
}

impl Row {
    /// The row's id in the table.
    pub fn id(&self) -> String {
        self.name.to_uppercase().replace('_', "-")
    }
}

/// The rows of an area: `rows![shared ru_004, fresh ca_044]`.
macro_rules! rows {
    ($($world:ident $name:ident),* $(,)?) => {
        pub const ROWS: &[$crate::bad_inputs::Row] = &[$($crate::bad_inputs::Row {
            name: stringify!($name),
            world: $crate::bad_inputs::World::$world,
            run: |case| Box::pin($name(case)),
        }),*];
    };
}
use rows;

/// The areas that are written, and a test for each.
macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        const AREAS: &[(&str, &[Row])] = &[$((stringify!($area), $area::ROWS)),*];

        mod area {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $area() {
                super::run(stringify!($area), super::$area::ROWS).await;
            })*
        }
    };
}
areas! {
    account_lifecycle,
    admin_api,
    atrek,
    bruteforce_password,
    client_auth,
    code,
    compat_dialects,
    csrf_clickjacking,
    enumeration,
    extension_instance,
    host_header_proxy,
    http_level,
    introspection,
    iss_state_nonce,
    logout,
    mfa_webauthn,
    ops_logs,
    permission_intersection,
    pkce,
    redirect_uri,
    refresh,
    revocation,
    scim_sql_injection,
    scope_audience_consent,
    session_cookie,
    tenant_idor,
    time_keys,
    token_endpoint,
    unicode,
    webhooks,
    xss_html,
}

/// Run the rows of an area, all of them, and then say which failed. `DOORWARD_ROW=RU-004` runs one.
async fn run(area: &str, rows: &[Row]) {
    let only = std::env::var("DOORWARD_ROW").ok();
    let mut shared: Option<Case> = None;
    let mut failed = Vec::new();
    for row in rows.iter().filter(|row| only.as_ref().is_none_or(|only| *only == row.id())) {
        let passed = if row.world == World::fresh {
            let case = Case::new(TestApp::new().await).await;
            passes(row, &case).await
        } else {
            if shared.is_none() {
                shared = Some(Case::new(TestApp::new().await).await);
            }
            passes(row, shared.as_ref().expect("it was just made")).await
        };
        if !passed {
            failed.push(row.id());
        }
    }
    assert!(
        failed.is_empty(),
        "{area}: {} of {} rows failed: {}",
        failed.len(),
        rows.len(),
        failed.join(", ")
    );
}

/// Run a row; a panic of its is a failure of its only.
async fn passes(row: &Row, case: &Case) -> bool {
    case.begin().await;
    let mut running = Box::pin(async {
        (row.run)(case).await;
        case.end().await;
    });
    let ended = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(())) => Poll::Ready(true),
        Err(_) => Poll::Ready(false),
    })
    .await;
    if !ended {
        eprintln!("row {} failed", row.id());
    }
    ended
}
