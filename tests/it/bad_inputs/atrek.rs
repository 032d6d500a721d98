//! Bad inputs: launches of extensions by a one-time key.

use serde_json::json;

use super::{Case, rows};
use crate::admin::extensions::{T, manifest, prepared};
use crate::admin::{Admin, pointers};

rows![fresh at_011];

/// What opens an extension leads to a host of its own, whoever writes it into a manifest.
async fn at_011(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    prepared(&admin).await;
    let path = format!("{T}/extensions/e");
    let before = admin.get(&path).await.body;
    for evil in [
        "https://evil.example/?key=:accessTokenRetrievalKey&user=:userId",
        "https://e.example.evil.example/",
        "https://evil.example/e.example",
        "https://e.example@evil.example/",
        "https://evil.example:443/",
        "https://:contextId.example/",
        "https://e.example:contextId/",
        "https:\\\\evil.example/",
        "//evil.example/",
        "javascript:alert(1)//e.example",
    ] {
        let saved = admin.json("PATCH", &path, json!({ "manifest": { "launch_url": evil } })).await;
        assert_eq!(
            (saved.status, pointers(&saved)),
            (400, vec!["/manifest/launch_url".to_owned()]),
            "{evil}"
        );
    }
    assert_eq!(admin.get(&path).await.body, before);
    let own = json!({ "manifest": { "launch_url": "https://e.example:8443/:unknown/:context" } });
    assert_eq!(admin.json("PATCH", &path, own).await.status, 200);
    assert_eq!(manifest()["callback_url"], "https://e.example/cb", "the host is that of its redirect URI");
}
