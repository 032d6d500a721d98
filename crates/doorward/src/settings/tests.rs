//! Settings: where values come from, what is refused, and what is suggested.

use std::path::PathBuf;

use super::table::TABLE;
use super::*;

fn sources(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Sources {
    Sources {
        file: (!file.is_empty()).then(|| (PathBuf::from("doorward.toml"), file.to_owned())),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        flags: flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
    }
}

fn refused(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> String {
    let found = Resolved::of(&sources(file, environment, flags)).and_then(|resolved| Settings::of(&resolved));
    let failure = found.err().unwrap_or_else(|| Failure::new(Exit::Failed, "nothing"));
    if failure.message != "nothing" {
        assert_eq!(failure.exit, Exit::Config);
    }
    failure.message
}

#[test]
fn each_source_overrides_the_ones_before_it() {
    type Row =
        (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);
    let rows: &[(Row, &str, &str)] = &[
        (("", &[], &[]), "info", "default"),
        (("[log]\nlevel = \"warn\"", &[], &[]), "warn", "doorward.toml:2"),
        (("log.level = \"warn\"", &[], &[]), "warn", "doorward.toml:1"),
        (("log.level = \"warn\"", &[("DOORWARD_LOG__LEVEL", "error")], &[]), "error", "DOORWARD_LOG__LEVEL"),
        (
            ("log.level = \"warn\"", &[("DOORWARD_LOG__LEVEL", "error")], &[("log.level", "debug")]),
            "debug",
            "--log-level",
        ),
    ];
    for ((file, environment, flags), value, origin) in rows {
        let resolved = Resolved::of(&sources(file, environment, flags)).unwrap();
        assert_eq!(resolved.value("log.level").to_string(), *value);
        assert_eq!(resolved.origin("log.level").to_string(), *origin);
    }
}

#[test]
fn every_kind_of_value_is_read_from_the_file() {
    let file = "public_url = \"https://id.example\"\nlisten = [\"0.0.0.0:443\", \"[::]:443\"]\nops_listen = \"none\"\n\
                auto_migrate = false\npassword_min_length = 0x0c\n[limits]\ndrain_seconds = 5\nrequests_wait_ms = 1_500\n\
                [tls]\ncertificate = \"/a\"\nkey = \"/b\"\n[proxies]\ntrusted = [\"10.0.0.0/8\"]\n";
    let settings = Settings::of(&Resolved::of(&sources(file, &[], &[])).unwrap()).unwrap();
    assert_eq!(settings.public_url, "https://id.example");
    assert_eq!(settings.listen.len(), 2);
    assert_eq!((settings.ops_listen, settings.auto_migrate, settings.password_min_length), (None, false, 12));
    assert_eq!((settings.drain_seconds, settings.requests_wait_ms), (5, 1500));
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8"]);
    assert_eq!(settings.tls, Some((PathBuf::from("/a"), PathBuf::from("/b"))));
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    type Row = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let rows: &[Row] = &[
        (
            "publik_url = \"x\"",
            &[],
            &[],
            "doorward.toml:1: publik_url: there is no such setting; did you mean public_url?",
        ),
        ("\n[tls]\ncert = \"x\"", &[], &[], "doorward.toml:3: tls.cert: there is no such setting"),
        ("[tsl]\nkey = \"x\"", &[], &[], "doorward.toml:1: tsl: there is no such setting"),
        ("colour = 1", &[], &[], "doorward.toml:1: colour: there is no such setting"),
        ("listen = 8080", &[], &[], "doorward.toml:1: listen: must be a text in quotes"),
        ("auto_migrate = \"yes\"", &[], &[], "must be true or false, without quotes"),
        ("password_min_length = 3", &[], &[], "must be between 8 and 64"),
        ("proxies.trusted = \"10.0.0.0/8\"", &[], &[], "must be a list of texts"),
        ("a = ", &[], &[], "doorward.toml:1: "),
        ("log.format = \"jsn\"", &[], &[], "must be one of auto, human, json; did you mean json?"),
        (
            "",
            &[("DOORWARD_LISTN", "x")],
            &[],
            "DOORWARD_LISTN: there is no such setting; did you mean DOORWARD_LISTEN?",
        ),
        ("", &[("DOORWARD_LOG_LEVEL", "x")], &[], "did you mean DOORWARD_LOG__LEVEL?"),
        (
            "",
            &[("DOORWARD_LISTEN", ":8080")],
            &[],
            "DOORWARD_LISTEN: needs an address: 127.0.0.1:8080 for this machine only",
        ),
        ("", &[("DOORWARD_LISTEN", "")], &[], "DOORWARD_LISTEN: is empty"),
        ("", &[], &[("listen", "x")], "--listen: must be an address and a port"),
        (
            "",
            &[("DOORWARD_METRICS_TOKEN_FILE", "/nowhere")],
            &[],
            "DOORWARD_METRICS_TOKEN_FILE: cannot read /nowhere",
        ),
        (
            "key_encryption_key = \"a\"",
            &[("DOORWARD_KEY_ENCRYPTION_KEY", "b")],
            &[],
            "key_encryption_key is a secret and is given twice: by doorward.toml:1 and by DOORWARD_KEY_ENCRYPTION_KEY",
        ),
        (
            "",
            &[],
            &[("public_url", "http://id.example")],
            "public_url (--public-url): an issuer must be an https URL",
        ),
        ("[tls]\nkey = \"x\"", &[], &[], "tls.key is set and tls.certificate is not"),
        ("database = \"mysql://x\"", &[], &[], "only a path (SQLite) or a postgres:// URL"),
        ("", &[], &[("database", "postgres://u:p@h/d")], "the URL holds a password"),
    ];
    for (file, environment, flags, expected) in rows {
        let told = refused(file, environment, flags);
        assert!(told.contains(expected), "expected: {expected}\n    told: {told}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = refused("a = 1\nb = 2", &[("DOORWARD_C", "3")], &[("listen", "x")]);
    assert_eq!(told.lines().count(), 4, "{told}");
}

#[test]
fn other_variables_are_left_alone() {
    assert_eq!(
        refused("", &[("PATH", "x"), ("DOORWARD_TEST_ISSUER", "x"), ("DOORWARD_CONFIG", "x")], &[]),
        "nothing"
    );
}

#[test]
fn a_secret_is_read_from_a_file_and_never_shown() {
    let folder = std::env::temp_dir().join(format!("doorward-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("token");
    std::fs::write(&path, "very-secret\n").unwrap();
    let name = path.display().to_string();
    let in_file = format!("metrics_token_file = \"{name}\"");
    let in_environment = [("DOORWARD_METRICS_TOKEN_FILE", name.as_str())];
    for given in [sources(&in_file, &[], &[]), sources("", &in_environment, &[])] {
        let resolved = Resolved::of(&given).unwrap();
        let settings = Settings::of(&resolved).unwrap();
        assert_eq!(settings.metrics_token.as_ref().unwrap().expose(), "very-secret");
        let shown = show::text(&resolved, &settings) + &show::json(&resolved, &settings).to_string();
        assert!(!shown.contains("very-secret"));
        assert!(!format!("{settings:?}{resolved:?}").contains("very-secret"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_password_in_a_database_url_is_never_shown() {
    for (url, shown) in [
        ("postgres://u:p%40ss@db.example/d?password=x", "postgres://u:[secret]@db.example/d"),
        ("postgres://u@db.example:5432/d", "postgres://u@db.example:5432/d"),
        ("/var/lib/x.db", "/var/lib/x.db"),
    ] {
        let resolved = Resolved::of(&sources("", &[("DOORWARD_DATABASE", url)], &[])).unwrap();
        let settings = Settings::of(&resolved).unwrap();
        assert_eq!(settings.database.to_string(), shown);
        assert!(!show::text(&resolved, &settings).contains("p%40ss"));
    }
}

#[test]
fn the_table_is_sound() {
    for (at, setting) in TABLE.iter().enumerate() {
        assert!(TABLE[..at].iter().all(|other| other.key != setting.key && other.flag() != setting.flag()));
        assert!(setting.doc.ends_with('.') && setting.doc.len() > 20, "{}", setting.key);
        if let Some(default) = setting.default {
            value::read(setting, default).unwrap_or_else(|what| panic!("{}: {what}", setting.key));
        }
    }
}

#[test]
fn the_manual_page_is_the_one_that_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/manual/settings.md");
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == document::page(), "run: cargo run -- config manual > docs/manual/settings.md");
}
