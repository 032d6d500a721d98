//! Mia-Platform Console: an extension signs people in with code and state alone.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, Body, Sequence, ask, call, take, visit};
use crate::dev::seed::API;

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "mia-platform",
    called: "Mia-Platform Console",
    path: "/mia-platform",
    api: API,
    steps: &[
        visit(title::SIGN_IN, "/tenants/harbour/extension/demo-inventory/authz", &[("state", "{state}")]),
        ask(
            title::CODE_AND_STATE,
            Ask {
                takes: &[take("token", "accessToken"), take("refresh", "refreshToken")],
                ..Ask::post("/api/oauth/token", Body::Json(r#"{"code":"{code}","state":"{state}"}"#))
            },
        ),
        ask(title::KEYS, Ask::get("/jwks")),
        ask(
            title::WHO,
            Ask { headers: BEARER, takes: &[take("user", "userId")], ..Ask::get("/api/userinfo") },
        ),
        call(title::CALL, "/orders", BEARER, 200),
        ask(
            title::REFRESH,
            Ask {
                takes: &[take("token", "accessToken"), take("refresh", "refreshToken")],
                ..Ask::post("/api/refreshtoken", Body::Json(r#"{"refreshToken":"{refresh}"}"#))
            },
        ),
        ask(
            title::MACHINE,
            Ask {
                basic: Some(("demo-platform", "{secret_of_platform}")),
                takes: &[take("admin", "access_token")],
                ..Ask::post(
                    "/api/m2m/oauth/token",
                    Body::Form(&[
                        ("grant_type", "client_credentials"),
                        ("scope", "admin:sessions.write admin:extensions.write admin:installations.write"),
                    ]),
                )
            },
        ),
        ask(
            title::SESSIONS,
            Ask {
                method: "DELETE",
                headers: &[("authorization", "Bearer {admin}")],
                ..Ask::get("/sessions/{user}")
            },
        ),
        call(title::REFUSED, "/orders", BEARER, 401),
    ],
};

const BEARER: &[(&str, &str)] = &[("authorization", "Bearer {token}")];
