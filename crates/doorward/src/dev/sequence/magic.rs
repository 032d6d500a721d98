//! Magic Collaboration Studio: ID tokens for APIs, and one secret that its clients share.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, Body, Sequence, ask, call, take, visit, visit_implicit};
use crate::dev::seed::API;

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "magic",
    called: "Magic Collaboration Studio",
    path: "/magic",
    api: API,
    steps: &[
        ask(title::DISCOVERY, Ask::get("/.well-known/openid-configuration")),
        visit(
            title::SIGN_IN,
            "/authorize",
            &[
                ("scope", "openid"),
                ("redirect_uri", "{callback}"),
                ("client_id", "demo-magic"),
                ("response_type", "code"),
                ("state", "{state}"),
            ],
        ),
        ask(
            title::CODE,
            Ask {
                headers: SHARED,
                takes: &[take("token", "id_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/api/token",
                    Body::Form(&[
                        ("scope", "openid"),
                        ("redirect_uri", "{callback}"),
                        ("client_id", "demo-magic"),
                        ("grant_type", "authorization_code"),
                        ("code", "{code}"),
                    ]),
                )
            },
        ),
        call(title::CALL, "/orders", TOKEN, 200),
        ask(title::VALIDATE, Ask { headers: TOKEN, ..Ask::get("/api/validate") }),
        ask(
            title::REFRESH,
            Ask {
                headers: SHARED,
                takes: &[take("token", "id_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/api/token",
                    Body::Form(&[
                        ("scope", "openid"),
                        ("redirect_uri", "{callback}"),
                        ("client_id", "demo-magic"),
                        ("grant_type", "refresh_token"),
                        ("refresh_token", "{refresh}"),
                    ]),
                )
            },
        ),
        ask(
            title::PASSWORD,
            Ask {
                basic: Some(("alice", "{password}")),
                headers: SHARED,
                ..Ask::post("/api/token?grant_type=client_credentials&client_id=demo-magic", Body::None)
            },
        ),
        visit_implicit(
            "/authorize",
            &[
                ("scope", "openid"),
                ("redirect_uri", "{callback}"),
                ("client_id", "demo-magic"),
                ("response_type", "id_token"),
                ("state", "{state}"),
                ("nonce", "{nonce}"),
            ],
            "id_token",
        ),
        call(title::CALL_IMPLICIT, "/orders", &[("authorization", "Token {implicit}")], 200),
        ask(title::SIGN_OUT, Ask { headers: TOKEN, expects: 204, ..Ask::post("/api/signout", Body::None) }),
        call(title::REFUSED, "/orders", TOKEN, 401),
    ],
};

const SHARED: &[(&str, &str)] = &[("x-auth-secret", "{secret_of_magic}")];
const TOKEN: &[(&str, &str)] = &[("authorization", "Token {token}")];
