//! Why a token or a request may not do something, and who could change it.

use doorward_core::admin::{Access, Area};
use serde_json::Value;

use super::super::asked::{Asked, Reply};
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, Query, Route};
use super::super::shapes::EXPLANATION;
use crate::manage::{Explain, Trouble};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}/explain",
        area: Area::Clients,
        access: Access::Read,
        summary: "Explain what a client would be granted: each clause that takes a scope away, and who could change it",
        query: &[
            Query { name: "user", about: "for which person, by id or user name; for itself when absent" },
            Query {
                name: "installation",
                about: "through which installation; the one that signing in would take when absent",
            },
            Query { name: "scope", about: "for which scopes; all that the client may have when absent" },
        ],
        request: None,
        answer: Answered::One(&EXPLANATION),
        run: |asked| Box::pin(of_request(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/explain",
        area: Area::Clients,
        access: Access::Write,
        summary: "Explain what a token may do now, and why not more",
        query: &[],
        request: Some(&EXPLANATION),
        answer: Answered::One(&EXPLANATION),
        run: |asked| Box::pin(of_token(asked)),
    },
];

async fn of_request(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let param = |name: &str| asked.param(name).map(str::to_owned);
    let question = Explain {
        token: None,
        client: Some(asked.value(1).to_owned()),
        user: param("user"),
        installation: param("installation"),
        scope: param("scope"),
    };
    told(asked, question).await
}

async fn of_token(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let Some(token) = asked.text("token") else {
        return Err(asked.wrong("/token", "must be there; ask by GET about a request"));
    };
    told(asked, Explain { token: Some(token.to_owned()), ..Explain::default() }).await
}

async fn told(asked: &Asked<'_>, question: Explain) -> Result<Reply, Problem> {
    let explained = asked.manage.explain(&asked.tenant(), &question).await;
    // It is the query that cannot be read.
    if let Err(Trouble::Malformed(what)) = explained {
        return Err(Problem::new(Kind::Malformed, what));
    }
    let body: Value = asked.told(explained).await?;
    Ok(Reply::plain(200, body))
}
