//! An API of its own: `cargo run -p doorward-guard --example api -- ISSUER AUDIENCE`, for instance with `doorward dev` and what the manual's recipe
//! for an API registers: `http://localhost:8080 https://stock.demo.example`. It listens at 127.0.0.1:3000.
//!
//! JWTs are verified. With `API_CLIENT` and `API_SECRET` in the environment it takes opaque tokens too, about which it asks as that client.

use std::error::Error;

use axum::Router;
use axum::routing::{get, post};
use doorward_guard::{Guard, Introspection, Token};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (issuer, audience) = arguments.next().zip(arguments.next()).ok_or("what are issuer and audience?")?;
    let mut builder = Guard::of(&issuer, &audience);
    if let (Ok(client), Ok(secret)) = (std::env::var("API_CLIENT"), std::env::var("API_SECRET")) {
        builder = builder.introspecting(Introspection::by(&client, &secret));
    }
    let guard = builder.build()?;
    let app = Router::new()
        .route("/", get(look).layer(guard.layer().scope("stock:read")?))
        .route("/", post(change).layer(guard.layer().scope("stock:write")?))
        .route("/health", get(|| async { "well\n" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn look(token: Token) -> String {
    format!("seven, {} by {}\n", token.sub(), token.client_id())
}

async fn change(token: Token) -> String {
    format!("changed by {}, with {}\n", token.sub(), token.scopes())
}
