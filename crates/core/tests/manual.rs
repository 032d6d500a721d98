//! The manual's page of errors is made from the table of reasons, checked in, and compared here.
//!
//! Written anew by `DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-core --test rules manual`.

use std::path::Path;

use doorward_core::Reason;

#[test]
fn the_page_of_errors_is_the_table_of_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/errors.md");
    let made = page();
    if std::env::var_os("DOORWARD_WRITE_MANUAL").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/manual/errors.md is not what the table says; \
         write it anew: DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-core --test rules manual"
    );
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for reason in Reason::ALL {
        page.push_str(&format!(
            "| `{}` | `{}` | {} | {} | {} |\n",
            reason.as_str(),
            reason.code().as_str(),
            reason.status(),
            reason.description(),
            section(reason.section()),
        ));
    }
    page
}

/// Sections of the design are those of a page of ours.
fn section(section: &str) -> String {
    let Some(number) = section.strip_prefix("design, ") else { return section.to_owned() };
    let heading = DESIGN.lines().find_map(|line| {
        line.strip_prefix("## ").filter(|heading| heading.starts_with(&format!("{number}. ")))
    });
    let anchor = heading.unwrap_or_else(|| panic!("ARCHITECTURE.md has no section {number}"));
    let anchor: String =
        anchor.chars().filter(|sign| sign.is_alphanumeric() || "- ".contains(*sign)).collect();
    format!("[{section}](../../ARCHITECTURE.md#{})", anchor.to_lowercase().replace(' ', "-"))
}

const DESIGN: &str = include_str!("../../../ARCHITECTURE.md");
const INTRODUCTION: &str = "\
# Errors

<!-- Made by crates/core/tests/manual.rs from crates/core/src/reason.rs. Not to be edited. -->

Every refusal has one of these reasons. The caller sees the standard code of the second column: in the JSON answer's `error` with
the HTTP status of the third column, in the `error` parameter of a redirect to the client, or on an error page. The description is
sent as `error_description`. The reason itself is written to the log and to the events, as `reason`.

Reasons whose answer is the same are told apart only in log and events: a caller who is not who they say learns nothing more from
the answer. A refusal that says when to come back carries `Retry-After` (seconds).

What is not here is no refusal: when storage or another part of the server is out of reach, the answer is 503 with `Retry-After`
and `temporarily_unavailable`, whatever was asked, and the log has the cause under the answer's `X-Request-Id`. A request that the
server's edge refuses before it is known whose it is (no or two `Host` headers, a head beyond its cap or too slow) is answered in plain text.

| reason | `error` | status | description | section |
|---|---|---|---|---|
";
