//! eZ Publish: pairs of tokens that end with the next, and with the consent.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, At, Body, Sequence, Take, administers, ask, call, take, visit};
use crate::dev::seed::API;

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "ez-publish",
    called: "eZ Publish",
    path: "/ez-publish",
    api: API,
    steps: &[
        visit(
            title::SIGN_IN,
            "/oauth/authorize",
            &[
                ("response_type", "code"),
                ("client_id", "demo-ez-publish"),
                ("redirect_uri", "{callback}"),
                ("state", "{state}"),
            ],
        ),
        ask(
            title::CODE,
            Ask {
                takes: &[take("token", "access_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/api/auth/oauth/token",
                    Body::Form(&[
                        ("grant_type", "authorization_code"),
                        ("code", "{code}"),
                        ("redirect_uri", "{callback}"),
                        ("client_id", "demo-ez-publish"),
                        ("client_secret", "{secret_of_ez}"),
                    ]),
                )
            },
        ),
        ask(
            title::CALL,
            Ask {
                headers: &[("authorization", "OAuth {token}")],
                takes: &[take("user", "doorward-user")],
                ..Ask::to(At::Api, "GET", "/orders")
            },
        ),
        ask(
            title::REFRESH,
            Ask {
                takes: &[take("next", "access_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/api/auth/oauth/token",
                    Body::Form(&[
                        ("grant_type", "refresh_token"),
                        ("refresh_token", "{refresh}"),
                        ("client_id", "demo-ez-publish"),
                        ("client_secret", "{secret_of_ez}"),
                    ]),
                )
            },
        ),
        call(title::CALL_BEFORE, "/orders", &[("authorization", "OAuth {token}")], 401),
        call(title::CALL_AGAIN, "/orders", &[("authorization", "OAuth {next}")], 200),
        administers(
            title::PLATFORM,
            &[
                ("grant_type", "client_credentials"),
                ("scope", "admin:consents.write admin:extensions.write admin:installations.write"),
            ],
        ),
        ask(
            title::CONSENTS,
            Ask {
                headers: ADMIN,
                takes: &[Take { beside: Some(("client", "demo-ez-publish")), ..take("consent", "id") }],
                ..Ask::to(At::Server, "GET", "/admin/v1/tenants/demo/users/{user}/consents")
            },
        ),
        ask(
            title::CONSENT_ENDED,
            Ask {
                headers: ADMIN,
                expects: 204,
                ..Ask::to(At::Server, "DELETE", "/admin/v1/tenants/demo/consents/{consent}")
            },
        ),
        call(title::REFUSED, "/orders", &[("authorization", "OAuth {next}")], 401),
    ],
};

const ADMIN: &[(&str, &str)] = &[("authorization", "Bearer {admin}")];
