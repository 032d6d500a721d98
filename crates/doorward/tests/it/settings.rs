//! `config`: values and where they come from, as a process sees them.

use crate::support::Folder;

#[test]
fn every_setting_is_shown_with_its_origin() {
    let folder = Folder::new();
    folder.write("doorward.toml", "public_url = \"https://id.example\"\n\n[log]\nlevel = \"warn\"\n");
    let environment = [("DOORWARD_LOG__LEVEL", "debug"), ("DOORWARD_METRICS_TOKEN", "very-secret")];
    let ran = folder.run_with(&["config", "--listen", "127.0.0.1:9999"], &environment, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    for (setting, value, origin) in [
        ("public_url", "https://id.example", "doorward.toml:1"),
        ("log.level", "debug", "DOORWARD_LOG__LEVEL"),
        ("listen", "127.0.0.1:9999", "--listen"),
        ("metrics_token", "[secret]", "DOORWARD_METRICS_TOKEN"),
        ("database", "./doorward-data/doorward.db", "default"),
        ("log.format", "auto", "default"),
    ] {
        let line =
            ran.out.lines().find(|line| line.split_whitespace().next() == Some(setting)).unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words, [setting, value, origin]);
    }
    assert!(!ran.out.contains("very-secret"));
}

#[test]
fn a_check_tells_whether_all_is_well() {
    let folder = Folder::new();
    assert_eq!(folder.ok(&["config", "check"]), "The settings are fine (no file).\n");
    let wrong = folder.run_with(&["config", "check"], &[("DOORWARD_LISTN", "x")], "");
    assert_eq!(wrong.code, 78);
    assert!(wrong.err.contains("did you mean DOORWARD_LISTEN?"), "{wrong:?}");
    let short = folder.run_with(&["config", "check"], &[("DOORWARD_KEY_ENCRYPTION_KEY", "short")], "");
    assert_eq!(short.code, 78, "{short:?}");
    assert!(short.err.contains("key-encryption key (the setting) is malformed"), "{short:?}");
    let shared = [("DOORWARD_DATABASE", "postgres://doorward@127.0.0.1:1/doorward")];
    let missing = folder.run_with(&["config", "check"], &shared, "");
    assert_eq!(missing.code, 78, "{missing:?}");
    assert!(missing.err.contains("key_encryption_key is not set"), "{missing:?}");
    let bad = folder.run(&["config", "check", "--proxies-trusted", "10.0.0.0/99"]);
    assert_eq!(bad.code, 78, "{bad:?}");
}

#[test]
fn systemd_says_where_the_data_is() {
    let folder = Folder::new();
    let ran = folder.run_with(&["config"], &[("STATE_DIRECTORY", "/var/lib/doorward")], "");
    assert!(ran.out.contains("/var/lib/doorward/doorward.db"), "{ran:?}");
}
