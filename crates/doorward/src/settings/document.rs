//! The manual page of settings, made from the table. It is checked in and compared by a test.

use std::fmt::Write;

use super::table::{Kind, TABLE};

/// `docs/manual/settings.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for setting in TABLE {
        let _ = write!(page, "\n### `{}`\n\n{}\n\n", setting.key, setting.doc);
        let _ = writeln!(page, "- Value: {}", describe(setting.kind));
        let default = match (setting.default, setting.key) {
            (Some(text), _) => format!("`{text}`"),
            (None, "data" | "database") => "see above".to_owned(),
            (None, _) => "none".to_owned(),
        };
        let _ = writeln!(page, "- Default: {default}");
        let file = setting.file_variable().map(|name| format!(" or `{name}`")).unwrap_or_default();
        let _ = writeln!(page, "- Environment: `{}`{file}", setting.variable());
        if setting.has_flag() {
            let _ = writeln!(page, "- Flag: `--{}`", setting.flag());
        }
    }
    page
}

fn describe(kind: Kind) -> String {
    match kind {
        Kind::Address => "an address and port, such as `127.0.0.1:9100`, or `none`".to_owned(),
        Kind::Addresses => "addresses and ports, such as `[\"0.0.0.0:443\", \"[::]:443\"]`".to_owned(),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::List => "a list of texts; in the environment parted by commas".to_owned(),
        Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Path => "a path".to_owned(),
        Kind::Secret => "a secret; never shown".to_owned(),
        Kind::Text => "a text".to_owned(),
    }
}

const HEAD: &str = "# Settings

<!-- Made from crates/doorward/src/settings/table.rs: `doorward config manual > docs/manual/settings.md`. -->

Settings come from four places, each of which overrides the ones before it:

1. the defaults on this page,
2. the file `doorward.toml` (the one that `--config` or `DOORWARD_CONFIG` names, else `./doorward.toml`, else
   `/etc/doorward/doorward.toml`),
3. the environment: `DOORWARD_` and the name in capitals, with `__` in place of a dot,
4. flags of the command.

A name that is not known is an error, in the file and in the environment, and the nearest known one is suggested. A secret
can be given by a file (`DOORWARD_…_FILE` in the environment, `…_file` in `doorward.toml`); one that is given twice is an
error. `doorward config` prints every setting, its value and where that came from; `doorward config check` only tells
whether all is well.

```toml
public_url = \"https://id.example.com\"
listen = [\"0.0.0.0:443\"]
database = \"postgres://doorward@db.example.com/doorward\"
key_encryption_key_file = \"/run/secrets/doorward-key\"

[tls]
certificate = \"/etc/doorward/tls/fullchain.pem\"
key = \"/etc/doorward/tls/privkey.pem\"
```

## All settings
";
