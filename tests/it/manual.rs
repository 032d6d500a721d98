//! The manual's lists are those of the code: checked in, and compared here.
//!
//! Written anew by `DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-tests --test it manual`.

mod admin_api;
mod endpoints;
mod events;
mod mails;
mod metrics;
mod source;
mod state_file;

use std::path::Path;

use doorward_tests::TestApp;

#[tokio::test]
async fn the_lists_of_the_manual_are_those_of_discovery() {
    compare("protocol.md", "discovery", &discovery().await);
}

/// That between its two marks the page says what was `made` from the code; or it is written anew.
fn compare(page: &str, part: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manual").join(page);
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let (begin, end) = (format!("<!-- {part}: begin -->"), format!("<!-- {part}: end -->"));
    let (before, rest) = text.split_once(&begin).expect("the lists begin");
    let (_, after) = rest.split_once(&end).expect("the lists end");
    let wanted = format!("{before}{begin}\n{made}{end}{after}");
    if std::env::var_os("DOORWARD_WRITE_MANUAL").is_some() {
        std::fs::write(&path, &wanted).expect("the page can be written");
        return;
    }
    assert!(
        text == wanted,
        "docs/manual/{page} is not what the code says; \
         write it anew: DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-tests --test it manual"
    );
}

/// A table of every list and every flag of the discovery document, but for the scopes of APIs.
async fn discovery() -> String {
    let app = TestApp::new().await;
    let document = app.get("/.well-known/openid-configuration", &[]).await.json();
    let mut table = "| | |\n|---|---|\n".to_owned();
    for (member, value) in document.as_object().expect("discovery is an object") {
        let words: Vec<String> = match value {
            serde_json::Value::Array(values) => values
                .iter()
                .filter_map(serde_json::Value::as_str)
                .filter(|word| !word.contains(':') || word.starts_with("urn:"))
                .map(|word| format!("`{word}`"))
                .collect(),
            serde_json::Value::Bool(flag) => vec![flag.to_string()],
            _ => continue,
        };
        if !words.is_empty() {
            table.push_str(&format!("| `{member}` | {} |\n", words.join(", ")));
        }
    }
    table
}
