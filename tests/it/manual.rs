//! The manual's lists are those of the discovery document: checked in, and compared here.
//!
//! Written anew by `DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-tests --test it manual`.

use std::path::Path;

use doorward_tests::TestApp;

#[tokio::test]
async fn the_lists_of_the_manual_are_those_of_discovery() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manual/protocol.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the lists begin");
    let (_, after) = rest.split_once(END).expect("the lists end");
    let made = format!("{before}{BEGIN}\n{}{END}{after}", lists().await);
    if std::env::var_os("DOORWARD_WRITE_MANUAL").is_some() {
        std::fs::write(&path, &made).expect("the page can be written");
        return;
    }
    assert!(
        page == made,
        "docs/manual/protocol.md is not what discovery says; \
         write it anew: DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-tests --test it manual"
    );
}

/// A table of every list and every flag, but for the scopes of APIs.
async fn lists() -> String {
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

const BEGIN: &str = "<!-- discovery: begin -->";
const END: &str = "<!-- discovery: end -->";
