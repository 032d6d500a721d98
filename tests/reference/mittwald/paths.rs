//! What a path names: one segment each, in which a plus sign is a plus sign and an encoded slash no boundary.

use doorward_tests::{ALICE, claims};
use serde_json::{Value, json};

use super::managing::{by, managed, pair};

#[tokio::test]
async fn what_a_path_names_is_one_segment_as_it_was_meant() {
    let (at, of) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let instance = format!("/v2/extension-instances/{}", of.id);
    for (sent, meant) in
        [("a+b", "a+b"), ("a%2Bb", "a+b"), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb")]
    {
        let made = by(&at, &token, "POST", &format!("{instance}/sessions/{sent}"), Value::Null).await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert_eq!(claims(&made.text("sessionToken"))["sessionId"], format!("platform:{meant}"), "{sent}");
    }
    for sent in ["a/b", "a/", "", "%zz", "%00"] {
        let refused = by(&at, &token, "POST", &format!("{instance}/sessions/{sent}"), Value::Null).await;
        assert_eq!(refused.status, 404, "{sent}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_path_with_a_segment_more_is_nothing() {
    let (at, of) = managed().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let (instance, maker) = (format!("/v2/extension-instances/{}", of.id), "/v2/contributors/maker");
    for (method, path) in [
        ("GET", "/v2/public-keys/x/latest?purpose=session_token".to_owned()),
        ("GET", "/v2/public-keys/x/y/latest?purpose=session_token".to_owned()),
        ("GET", "/v2/public-keys/latest/?purpose=session_token".to_owned()),
        ("DELETE", format!("{instance}/more")),
        ("DELETE", format!("{instance}/")),
        ("DELETE", format!("{maker}/extensions/x1/secret/s/more")),
        (
            "POST",
            format!(
                "{maker}/extensions/x1/extension-instances/{}/actions/dry-run/extension-instance-updated/more",
                of.id
            ),
        ),
        ("PATCH", format!("{maker}/oauth-clients/x1/more")),
    ] {
        let reply = by(&at, &token, method, &path, json!({})).await;
        assert_eq!(reply.status, 404, "{method} {path}: {}", reply.body);
    }
    let latest = by(&at, &token, "GET", "/v2/public-keys/latest?purpose=session_token", Value::Null).await;
    assert_eq!(latest.status, 200, "{}", latest.body);
    assert_eq!(at.app.standing(of.id.as_str()).await.life.as_str(), "enabled", "nothing was removed");
}
