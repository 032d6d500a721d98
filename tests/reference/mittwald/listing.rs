//! The list of what is installed where somebody administers.

use doorward_core::Effect;
use doorward_tests::extended::{CUSTOMER, Installed, P1, P2, X1, X2};
use doorward_tests::{ALICE, BOB, T2, basic, secret_of};
use serde_json::{Value, json};

use super::super::Speaker;
use super::contributor::kind;
use super::managing::{by, managed, pair};
use super::{SCOPES, instance_token, uuid};
use crate::admin::Admin;

const LIST: &str = "/v2/extension-instances";

/// X1 in P1, which is disabled; later X2 in P1, X1 at the customer, and X1 in P2, where ALICE administers nothing.
async fn world() -> (Speaker, [Installed; 4]) {
    let (at, first) = managed().await;
    at.app.live(&first.id, |life, now| life.disable(now)).await;
    let mut all = vec![first];
    for (extension, place) in
        [(X2, (P1, "project/p-1")), (X1, (CUSTOMER, "customer/c-1")), (X1, (P2, "project/p-2"))]
    {
        at.app.advance_s(1);
        all.push(at.app.install(extension, place, SCOPES).await);
    }
    let Ok(all) = all.try_into() else { panic!("four of them") };
    (at, all)
}

#[tokio::test]
async fn instances_are_listed_where_one_administers() {
    let (at, [first, second, third, fourth]) = world().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let listed = async |query: &str| {
        let reply = by(&at, &token, "GET", &format!("{LIST}{query}"), Value::Null).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        let total = reply.header("x-pagination-totalcount").expect("it is told").to_owned();
        (reply.json().as_array().expect("a list").clone(), total)
    };
    let (all, _) = listed("").await;
    let expected = json!({
        "id": uuid(first.id.as_str()),
        "aggregateReference": { "aggregate": "project", "domain": "project", "id": "p-1" },
        "extensionId": X1, "extensionName": "Extension x1",
        "contributorId": "maker", "contributorName": all[2]["contributorName"],
        "consentedScopes": SCOPES.split(' ').collect::<Vec<_>>(),
        "createdAt": "2026-01-01T00:00:00Z",
        "disabled": true, "pendingInstallation": false, "pendingRemoval": false,
        "webhookExecutionHalted": false,
        "nextScheduledWebhookExecution": all[2]["nextScheduledWebhookExecution"],
        "chargeability": { "isChargeable": false, "reasons": { "isNonChargeableCustomer": false, "isOwnExtension": false } },
    });
    assert_eq!(all[2], expected, "exactly these members");
    assert!(all[2]["contributorName"].is_string() && all[2]["nextScheduledWebhookExecution"].is_string());
    let names = [(&first, '1'), (&second, '2'), (&third, '3'), (&fourth, '4')];
    let names = names.map(|(of, name)| (uuid(of.id.as_str()), name));
    let sought = async |query: &str| {
        let (listed, total) = listed(query).await;
        let name = |one: &Value| names.iter().find(|(id, _)| one["id"] == *id).map(|(_, name)| *name);
        (listed.iter().filter_map(name).collect::<String>(), total)
    };
    for (query, found, total) in [
        ("", "321", "3"),
        ("?context=project&contextId=p-1", "21", "2"),
        ("?context=customer&contextId=c-1", "3", "1"),
        ("?context=project", "21", "2"),
        ("?contextId=c-1", "3", "1"),
        ("?context=customer&contextId=p-1", "", "0"),
        ("?extensionId=x1", "31", "2"),
        ("?extensionId=x1&context=project&contextId=p-1", "1", "1"),
        ("?extensionId=nothing", "", "0"),
        ("?searchTerm=SION%20X2", "2", "1"),
        ("?searchTerm=nothing", "", "0"),
        ("?sort=createdAt&order=asc", "123", "3"),
        ("?sort=extensionId&sort=createdAt&order=desc&order=asc", "213", "3"),
        ("?sort[0]=extensionName&sort[1]=createdAt&order[0]=asc&order[1]=desc", "312", "3"),
        ("?limit=1", "3", "3"),
        ("?limit=1&page=2", "1", "3"),
        ("?limit=2&skip=1", "21", "3"),
        ("?skip=9", "", "3"),
        // Where she administers nothing there is nothing, nor elsewhere.
        ("?context=project&contextId=p-2", "", "0"),
        ("?contextId=p-2", "", "0"),
        ("?context=project&contextId=nothing", "", "0"),
        ("?context=project&contextId=..%2Fp-1", "", "0"),
    ] {
        assert_eq!(sought(query).await, (found.to_owned(), total.to_owned()), "{query}");
    }
    for (query, path) in [
        ("context=tenant", "context"),
        ("context=contributor", "context"),
        ("sort=id", "sort"),
        ("order=up", "order"),
        ("limit=-1", "limit"),
        ("contextId=a&contextId=b", "query"),
    ] {
        let reply = by(&at, &token, "GET", &format!("{LIST}?{query}"), Value::Null).await;
        assert_eq!(kind(&reply), (400, "ValidationError".into()), "{query}: {}", reply.body);
        assert_eq!(reply.json()["validationErrors"][0]["path"], path, "{query}");
    }
    at.app.uninstall(second.id.as_str()).await;
    assert_eq!(sought("").await, ("31".to_owned(), "2".to_owned()), "what is gone is gone");
}

/// Each sees what they administer, and nobody another tenant's; who administers everything says where.
#[tokio::test]
async fn instances_are_seen_by_who_administers_them_and_nobody_else() {
    let (at, [first, .., fourth]) = world().await;
    let get =
        async |token: &str, query: &str| by(&at, token, "GET", &format!("{LIST}{query}"), Value::Null).await;
    // BOB belongs to P2, where he administers nothing.
    let bob = pair(&at, BOB).await.text("access_token");
    let here = "?context=project&contextId=p-2";
    for query in ["", here] {
        let refused = get(&bob, query).await;
        assert!(matches!(refused.status, 401 | 403), "{query}: {}", refused.body);
    }
    let owner = json!({ "roles": ["owner"] });
    let admin = Admin::of_tenant(&at.app).await;
    let path = format!("/tenants/t1/contexts/project/p-2/members/{}", doorward_tests::user_id(BOB));
    assert!(admin.json("PUT", &path, owner).await.status < 300);
    let bob = pair(&at, BOB).await.text("access_token");
    for query in ["", here] {
        let seen = get(&bob, query).await.json();
        assert_eq!(
            (seen.as_array().map(Vec::len), &seen[0]["id"]),
            (Some(1), &json!(uuid(fourth.id.as_str())))
        );
    }
    assert_eq!(get(&bob, "?context=project&contextId=p-1").await.json(), json!([]));
    // Another tenant has a context of the same name, and what is installed there is its own.
    let theirs = doorward_core::model::Installation {
        id: "ins_theirs".into(),
        tenant: T2.into(),
        version: 0,
        ..at.app.standing(fourth.id.as_str()).await
    };
    let actor = doorward_core::model::Actor::Operator;
    at.app.act(|ctx| doorward_core::installation::install(theirs, &actor, ctx)).await;
    assert_eq!(get(&bob, "").await.json().as_array().map(Vec::len), Some(1));
    // A program that administers the whole tenant.
    let headers = [
        ("authorization", &*basic("chief", &secret_of("chief"))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = "grant_type=client_credentials&scope=admin%3Ainstallations.read";
    let chief = at.send("POST", "/v2/oauth2/token", &headers, form).await.text("access_token");
    assert_eq!(get(&chief, here).await.json().as_array().map(Vec::len), Some(1));
    for query in ["", "?contextId=p-2", "?context=project", "?extensionId=x1"] {
        let asked = get(&chief, query).await;
        assert_eq!(asked.json()["validationErrors"][0]["path"], "contextId", "{query}: {}", asked.body);
    }
    // No token, and a token of an instance.
    assert_eq!(kind(&get("nothing", "").await), (401, "Unauthorized".into()));
    at.app.live(&first.id, |life, _| life.enable()).await;
    let own = instance_token(&at, &first, json!({ "extensionInstanceSecret": first.secret })).await;
    assert_eq!(get(&own.text("publicToken"), "").await.status, 401);
    // What is paused is told.
    let pause = Effect::PauseWebhooks {
        tenant: "t1".into(),
        installation: fourth.id.clone(),
        number: at.app.standing(fourth.id.as_str()).await.version,
        reason: "paused".to_owned(),
        now: at.app.clock.now(),
    };
    at.app.commit(vec![pause]).await;
    let halted = get(&bob, "").await.json();
    assert_eq!(halted[0]["webhookExecutionHalted"], true, "{halted}");
    assert_eq!(halted[0].get("nextScheduledWebhookExecution"), None);
}
