//! `doctor`.

use std::fmt::Write;

use serde_json::json;

use doorward_web::doctor::{Finding, Severity};

use super::ask;
use crate::cli::{Doctor, Output};
use crate::doctor;
use crate::failure::{Exit, Failure};
use crate::operator::{Answer, Order};
use crate::output::print;
use crate::report::style;
use crate::settings::{Resolved, Settings, Sources};
use crate::socket;

/// `doctor`.
pub async fn run(command: Doctor) -> Result<(), Failure> {
    let mut findings = match look(&command).await {
        Ok(findings) => findings,
        Err(failure) => vec![of_failure("settings", &failure)],
    };
    findings.sort_by_key(|finding| finding.severity);
    print(&match command.output {
        Output::Json => format!("{:#}\n", json!({ "findings": findings })),
        Output::Text => text(&findings),
    })?;
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings == 0 {
        return Ok(());
    }
    let told = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    Err(Failure::new(Exit::Failed, format!("{}, {}", told(errors, "error"), told(warnings, "warning"))))
}

async fn look(command: &Doctor) -> Result<Vec<Finding>, Failure> {
    let sources = Sources::of_process(command.flags.0.config.as_deref(), command.flags.0.settings.clone())?;
    let resolved = Resolved::of(&sources)?;
    let settings = Settings::of(&resolved)?;
    let mut findings = doctor::local(&resolved, &settings);
    // Whoever may not look into the folder does not know; that is told with the database.
    let may_look = settings.socket().try_exists().is_ok();
    if may_look && !socket::client::is_there(&settings.socket()).await {
        findings.push(Finding::note(
            "server",
            format!("no server runs with the data folder {}", settings.data.display()),
            "doorward serve, or name its settings by --config or --data",
        ));
    }
    match ask::answer_with(&settings, Order::Doctor).await {
        Ok(Answer::Findings { findings: more }) => findings.extend(more),
        Ok(_) => {}
        Err(failure) => findings.push(of_failure("database", &failure)),
    }
    Ok(findings)
}

fn of_failure(check: &str, failure: &Failure) -> Finding {
    let otherwise = match check {
        "settings" => "set it right; docs/manual/settings.md says what each setting takes",
        _ => "see \"When it does not start\" in docs/manual/running.md",
    };
    let fix = failure.hint.clone().unwrap_or_else(|| otherwise.to_owned());
    Finding::error(check, failure.message.clone(), fix)
}

fn text(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "All is well.\n".to_owned();
    }
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => style::bad("error"),
            Severity::Warning => style::strong("warning"),
            Severity::Note => style::quiet("note"),
        };
        let _ = writeln!(text, "{severity}: {} [{}]\n    {}", finding.what, finding.check, finding.fix);
    }
    if findings.iter().all(|finding| finding.severity == Severity::Note) {
        text.push_str("No errors and no warnings.\n");
    }
    text
}
