//! The table itself: every row of the areas of this release has a function, waits for a surface that is not there yet (all of it, or what
//! of it the function does not show), or was decided otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::AREAS;

#[test]
fn every_row_is_executable_or_says_why_not() {
    let mut written = BTreeMap::new();
    for (area, rows) in AREAS {
        for row in *rows {
            assert!(written.insert(row.id(), *area).is_none(), "{} is written twice", row.id());
        }
    }
    let mut seen = BTreeSet::new();
    let mut figures = BTreeMap::<&str, [u32; 3]>::new();
    for line in TABLE.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, area, _expected, state] = columns[..] else { panic!("not four columns: {line}") };
        assert!(seen.insert(id), "{id} stands twice in the table");
        let is_written = written.remove(id).map(|of| assert_eq!(of, area, "{id}")).is_some();
        let figure = figures.entry(area).or_default();
        let waits = |surface: &str| {
            let is_planned = SURFACES.contains(&surface);
            assert!(is_planned, "{id} waits for {surface}, which is there or is nowhere planned");
        };
        if state == "row" {
            assert!(is_written, "{id} has no row in tests/it/bad_inputs/{area}.rs");
            figure[0] += 1;
        } else if let Some(surface) = state.strip_prefix("row, the rest waits: ") {
            waits(surface);
            assert!(is_written, "{id} has no row in tests/it/bad_inputs/{area}.rs");
            figure[0] += 1;
        } else if let Some(surface) = state.strip_prefix("waits: ") {
            waits(surface);
            assert!(!is_written, "{id} has a row, and waits");
            figure[1] += 1;
        } else {
            let decision = state.strip_prefix("decided: ").unwrap_or_else(|| panic!("{id}: {state}"));
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(decision);
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(text.contains(id), "{id} is not in {decision}");
            assert!(is_written, "{id} is asserted with our answer, under the same id");
            figure[2] += 1;
        }
    }
    assert!(written.is_empty(), "not in the table: {written:?}");
    let areas: BTreeSet<&str> = figures.keys().copied().collect();
    assert_eq!(areas, BTreeSet::from(ISSUE_AREAS), "the areas of the table");
    println!("area                      rows waits decided");
    for (area, [rows, waits, decided]) in &figures {
        println!("{area:25} {rows:4} {waits:5} {decided:7}");
    }
    let total = |n: usize| figures.values().map(|figure| figure[n]).sum::<u32>();
    println!("{:25} {:4} {:5} {:7}", "all", total(0), total(1), total(2));
}

const TABLE: &str = include_str!("../../bad-inputs.tsv");

const ISSUE_AREAS: [&str; 31] = [
    "compat_dialects",
    "atrek",
    "extension_instance",
    "permission_intersection",
    "account_lifecycle",
    "admin_api",
    "tenant_idor",
    "bruteforce_password",
    "enumeration",
    "scim_sql_injection",
    "mfa_webauthn",
    "redirect_uri",
    "client_auth",
    "code",
    "pkce",
    "iss_state_nonce",
    "token_endpoint",
    "refresh",
    "scope_audience_consent",
    "introspection",
    "revocation",
    "session_cookie",
    "csrf_clickjacking",
    "xss_html",
    "host_header_proxy",
    "http_level",
    "unicode",
    "time_keys",
    "logout",
    "ops_logs",
    "webhooks",
];

/// Surfaces that come with later releases.
const SURFACES: [&str; 11] = [
    "DPoP",
    "JWE",
    "JWT introspection responses",
    "dynamic client registration",
    "other dialects",
    "profiles (FAPI)",
    "pushed authorization requests",
    "SCIM",
    "passkeys",
    "themes",
    "upstream providers",
];
