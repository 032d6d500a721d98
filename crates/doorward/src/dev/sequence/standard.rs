//! The standard issuer: OpenID Connect with PKCE.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, Body, Sequence, ask, call, take, visit};
use crate::dev::seed::API;

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "standard",
    called: "OpenID Connect",
    path: "",
    api: API,
    steps: &[
        ask(title::DISCOVERY, Ask::get("/.well-known/openid-configuration")),
        visit(
            title::SIGN_IN,
            "/authorize",
            &[
                ("response_type", "code"),
                ("client_id", "demo-web"),
                ("redirect_uri", "{callback}"),
                ("scope", "openid profile orders:read offline_access"),
                ("state", "{state}"),
                ("code_challenge", "{challenge}"),
                ("code_challenge_method", "S256"),
            ],
        ),
        ask(
            title::CODE,
            Ask {
                basic: CLIENT,
                takes: &[take("token", "access_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/token",
                    Body::Form(&[
                        ("grant_type", "authorization_code"),
                        ("code", "{code}"),
                        ("redirect_uri", "{callback}"),
                        ("code_verifier", "{verifier}"),
                    ]),
                )
            },
        ),
        call(title::CALL, "/orders", BEARER, 200),
        ask(
            title::REFRESH,
            Ask {
                basic: CLIENT,
                takes: &[take("token", "access_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/token",
                    Body::Form(&[("grant_type", "refresh_token"), ("refresh_token", "{refresh}")]),
                )
            },
        ),
        call(title::CALL_AGAIN, "/orders", BEARER, 200),
        ask(
            title::REVOKE,
            Ask { basic: CLIENT, ..Ask::post("/revoke", Body::Form(&[("token", "{refresh}")])) },
        ),
        call(title::REFUSED, "/orders", BEARER, 401),
    ],
};

const CLIENT: Option<(&str, &str)> = Some(("demo-web", "{secret_of_web}"));
const BEARER: &[(&str, &str)] = &[("authorization", "Bearer {token}")];
