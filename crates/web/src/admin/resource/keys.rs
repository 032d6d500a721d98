//! Signing keys: listed, rotated, withdrawn. Private parts are never told.

use doorward_core::admin::{Access, Area};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::{KEY, KEYS, ROTATION};
use crate::manage::{KeyRow, Trouble};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/keys",
        area: Area::Keys,
        access: Access::Read,
        summary: "List the signing keys of a tenant",
        query: PAGED,
        request: None,
        answer: Answered::Page(&KEY),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/keys/rotate",
        area: Area::Keys,
        access: Access::Write,
        summary: "Let the next keys take over",
        query: &[],
        request: Some(&ROTATION),
        answer: Answered::One(&KEYS),
        run: |asked| Box::pin(rotate(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/keys/{kid}",
        area: Area::Keys,
        access: Access::Write,
        summary: "Withdraw a key at once; one that signs is replaced first",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(remove(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let found = asked.manage.keys(Some(asked.tenant().0)).await?;
    let mut rows: Vec<(String, Value)> = found.iter().map(|key| (key.kid.clone(), shown(key))).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.retain(|(kid, _)| after.as_ref().is_none_or(|after| kid > after));
    Ok(Reply::page(rows, limit))
}

async fn rotate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let told = |rows: &[KeyRow]| {
        let items: Vec<Value> = rows.iter().map(shown).collect();
        Reply::plain(200, json!({ "items": items }))
    };
    let kept = |rows: &[KeyRow]| asked.kept(&told(rows));
    match asked.manage.rotate_keys_of(&asked.tenant(), asked.text("algorithm"), kept).await {
        Ok(rows) => Ok(told(&rows)),
        Err(Trouble::Malformed(what)) => Err(asked.wrong("/algorithm", &what)),
        Err(trouble) => Err(trouble.into()),
    }
}

async fn remove(asked: &Asked<'_>) -> Result<Reply, Problem> {
    asked.manage.remove_key(Some(asked.tenant().0), asked.value(1)).await?;
    Ok(Reply::nothing())
}

fn shown(key: &KeyRow) -> Value {
    let mut body = json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state,
        "created_at": key.created_at,
    });
    let times = [
        ("activated_at", &key.activated_at),
        ("retired_at", &key.retired_at),
        ("published_until", &key.published_until),
    ];
    for (member, time) in times {
        if let Some(time) = time {
            body[member] = json!(time);
        }
    }
    body
}
