//! Files that only the server's user may read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorward_web::doctor::{Finding, Severity};

use crate::settings::table::{Kind, TABLE};
use crate::settings::{DatabaseSetting, Origin, Resolved, Settings};

pub(super) fn look(resolved: &Resolved, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let key = settings.key_file();
    let mut folders = vec![settings.data.as_path()];
    if let DatabaseSetting::Sqlite(path) = &settings.database {
        folders.extend(path.parent());
    }
    if settings.key_encryption_key.is_none() {
        folders.extend(key.parent());
    }
    folders.dedup();
    findings.extend(folders.into_iter().filter_map(open_folder));
    if settings.key_encryption_key.is_none() {
        findings.extend(open_to_others(Severity::Error, "files.key", &key, "holds the key-encryption key"));
    }
    if let DatabaseSetting::Sqlite(path) = &settings.database {
        findings.extend(open_to_others(Severity::Error, "files.database", path, "holds password hashes"));
    }
    if let Some((_, key)) = &settings.tls {
        findings.extend(open_to_others(
            Severity::Error,
            "files.tls_key",
            key,
            "is the certificate's private key",
        ));
    }
    if let Some(file) = settings_with_secrets(resolved) {
        findings.extend(open_to_others(Severity::Warning, "files.settings", file, "has secrets in it"));
    }
    let mut old = key.into_os_string();
    old.push(".old");
    if Path::new(&old).exists() {
        findings.push(Finding::warning(
            "files.key_old",
            "a change of the key-encryption key is not finished",
            "doorward keys rewrap",
        ));
    }
    findings
}

/// The file of settings, when a secret stands in it.
fn settings_with_secrets(resolved: &Resolved) -> Option<&Path> {
    TABLE.iter().filter(|setting| setting.kind == Kind::Secret).find_map(|setting| {
        match resolved.origin(setting.key) {
            Origin::File(path, _) => Some(path.as_path()),
            Origin::Default | Origin::Flag(_) | Origin::Variable(_) => None,
        }
    })
}

/// Files in a folder that anybody may write can be taken away and replaced, whatever they are themselves.
fn open_folder(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o002 != 0).then(|| {
        Finding::error(
            "files.folder",
            format!(
                "every user of this machine may replace the key and the database in {} (mode {mode:03o})",
                path.display()
            ),
            format!("chmod o-w {}", path.display()),
        )
    })
}

fn open_to_others(severity: Severity, check: &str, path: &Path, what: &str) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    // A group may be the administrators'; everybody is everybody.
    (mode & 0o007 != 0).then(|| Finding {
        severity,
        check: check.to_owned(),
        what: format!(
            "{} {what}, and every user of this machine may open it (mode {mode:03o})",
            path.display()
        ),
        fix: format!("chmod o-rwx {}", path.display()),
    })
}
