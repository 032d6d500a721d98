//! Documents in YAML, in and out.

use std::fmt::Write;
use std::time::SystemTime;

use doorward_core::desired::{self, Current, Problem, State, form};
use doorward_core::{Ctx, Timestamp};
use doorward_crypto::password;
use doorward_crypto::random::SystemRandom;
use doorward_web::dialect::CHOSEN;
use doorward_web::manage::Trouble;
use doorward_wire::shape;

use crate::failure::{Exit, Failure};

/// Reads a document. All that is wrong with its form is told; a member that is not known is answered with the nearest one that is.
pub fn read(document: &str) -> Result<State, Failure> {
    serde_yaml_ng::from_str(document).map_err(|error| {
        let told = error.to_string();
        let (what, place) = match error.location() {
            Some(at) => {
                let (line, column) = (at.line(), at.column());
                let said = told.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&told);
                (said, format!(" (line {line}, column {column})"))
            }
            None => (told.as_str(), String::new()),
        };
        let first = shape::said(what);
        let mut message = first.clone() + &place;
        for problem in others(document, &first) {
            let _ = write!(message, "\n{problem}");
        }
        let failure = Failure::new(Exit::Data, message);
        match suggestion(&told) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure,
        }
    })
}

/// Whether a document could be carried out on a database in which there is nothing yet.
pub fn check(document: &str, least_password: u32) -> Result<(), Failure> {
    let mut state = read(document)?;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(i64::try_from(since.as_millis()).unwrap_or_default());
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now, rng: &mut rng, request_id: "check", address: "" };
    // Nothing of it is kept: no password is hashed for it.
    let mut hash = |_: &str, _: Option<&str>| password::DUMMY.to_owned();
    let nothing = Current { chosen: CHOSEN, ..Current::default() };
    desired::settle(&mut state, &nothing, least_password as usize, &mut hash, &mut ctx)
        .and_then(|_| desired::plan(&nothing, &state, false, now))
        .map(drop)
        .map_err(|problems| Trouble::Problems(problems).into())
}

/// What else is wrong with the form of a document, of which a parser told the first thing.
fn others(document: &str, first: &str) -> Vec<Problem> {
    let Ok(value) = serde_yaml_ng::from_str::<serde_json::Value>(document) else { return Vec::new() };
    let Err(mut problems) = form::read(&value) else { return Vec::new() };
    let place = first.split(": ").next().unwrap_or_default();
    let is_first = |problem: &Problem| first.ends_with(&problem.what) && problem.at.starts_with(place);
    if let Some(at) = problems.0.iter().position(is_first) {
        problems.0.remove(at);
        return problems.0;
    }
    Vec::new()
}

/// Writes a document.
pub fn write(state: &State) -> Result<String, Failure> {
    serde_yaml_ng::to_string(state)
        .map_err(|error| Failure::new(Exit::Failed, format!("the state cannot be written: {error}")))
}

/// The nearest of the names in ``unknown field `x`, expected one of `a`, `b` ``.
fn suggestion(told: &str) -> Option<String> {
    let names: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = names.split_first()?;
    if !told.contains("unknown field") && !told.contains("unknown variant") {
        return None;
    }
    crate::settings::nearest::of(unknown, known.iter().copied()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_not_known_is_told_with_its_place_and_the_nearest() {
        let document = "tenants:\n  - id: demo\n    clients:\n      - id: web\n        redirect_uri: x\n";
        let failure = read(document).unwrap_err();
        assert_eq!(failure.exit, Exit::Data);
        assert!(
            failure.message.starts_with("tenants[0].clients[0]: unknown field `redirect_uri`"),
            "{failure}"
        );
        assert!(failure.message.contains("line 5"), "{failure}");
        assert_eq!(failure.hint.as_deref(), Some("did you mean redirect_uris?"));
    }

    #[test]
    fn all_that_is_wrong_with_the_form_is_told() {
        let document = "tenants:\n  - id: demo\n    roles:\n      - id: r\n        permissions: [x, 'a:b', y]\n        colour: red\n    clients:\n      - name: No id\n";
        let told = read(document).unwrap_err().message;
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 4, "{told}");
        assert!(
            lines[0].starts_with("tenants[0].roles[0].permissions: a permission is domain:action"),
            "{told}"
        );
        assert!(lines[0].ends_with(" (line 5, column 22)"), "{told}");
        let rest = lines[1..].join("\n");
        for place in [
            "roles[0].permissions[2]: ",
            "roles[0].colour: unknown field `colour`",
            "clients[0].id: the member",
        ] {
            assert!(rest.contains(&format!("tenants[0].{place}")), "{told}");
        }
    }

    #[test]
    fn what_is_of_another_form_is_told_in_words_and_with_its_place() {
        let client = "tenants:\n  - id: demo\n    clients:\n      - id: web\n        ";
        let at = "tenants[0].clients[0]";
        let rows = [
            (format!("{client}rate_limit: many\n"), format!("{at}.rate_limit: must be a whole number")),
            (format!("{client}first_party: maybe\n"), format!("{at}.first_party: must be true or false")),
            (format!("{client}lifetimes: 7\n"), format!("{at}.lifetimes: must be an object")),
            (format!("{client}apis: all\n"), format!("{at}.apis: must be a list")),
            (
                format!("{client}application_type: mobile\n"),
                format!("{at}.application_type: must be one of web, native"),
            ),
        ];
        for (document, expected) in rows {
            let told = read(&document).unwrap_err().message;
            assert!(told.starts_with(&format!("{expected} (line 5, column ")), "{told}");
        }
        let told = read("tenants:\n  - clients: []\n").unwrap_err().message;
        assert!(told.starts_with("tenants[0]: the member `id` is missing (line 2"), "{told}");
        let told = read("tenants: [\n").unwrap_err().message;
        assert!(told.contains("line 2, column 1"), "{told}");
    }
}
