//! Smartenit: code, password, client credentials, a refresh without client and a token in the fragment; what a token allows follows the
//! person's roles.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, At, Body, Sequence, administers, ask, call, take, visit, visit_implicit};

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "smartenit",
    called: "Smartenit",
    path: "/smartenit",
    api: "https://devices.demo.example",
    steps: &[
        visit(
            title::SIGN_IN,
            "/v2/oauth2/dialog",
            &[
                ("response_type", "code"),
                ("client_id", "demo-smartenit"),
                ("redirect_uri", "{callback}"),
                ("state", "{state}"),
            ],
        ),
        ask(
            title::CODE,
            Ask {
                takes: &[take("token", "access_token"), take("refresh", "refresh_token")],
                ..Ask::post(
                    "/v2/oauth2/token",
                    Body::Json(
                        r#"{"grant_type":"authorization_code","code":"{code}","redirect_uri":"{callback}","client_id":"demo-smartenit","client_secret":"{secret_of_smartenit}"}"#,
                    ),
                )
            },
        ),
        ask(title::WHO, Ask { headers: BEARER, takes: &[take("user", "_id")], ..Ask::get("/v2/users/me") }),
        call(title::CALL, "/switches", BEARER, 200),
        ask(
            title::REFRESH_ALONE,
            Ask {
                headers: BEARER,
                takes: &[take("token", "access_token")],
                ..Ask::post(
                    "/v2/oauth2/token",
                    Body::Json(r#"{"grant_type":"refresh_token","refresh_token":"{refresh}"}"#),
                )
            },
        ),
        ask(
            title::PASSWORD,
            Ask::post(
                "/v2/oauth2/token",
                Body::Json(
                    r#"{"grant_type":"password","username":"alice","password":"{password}","client_id":"demo-smartenit","client_secret":"{secret_of_smartenit}"}"#,
                ),
            ),
        ),
        ask(
            title::CLIENT_ALONE,
            Ask::post(
                "/v2/oauth2/token",
                Body::Json(
                    r#"{"grant_type":"client_credentials","client_id":"demo-smartenit","client_secret":"{secret_of_smartenit}"}"#,
                ),
            ),
        ),
        visit_implicit(
            "/v2/oauth2/dialog",
            &[
                ("response_type", "token"),
                ("client_id", "demo-smartenit"),
                ("redirect_uri", "{callback}"),
                ("state", "{state}"),
            ],
            "access_token",
        ),
        call(title::CALL_IMPLICIT, "/switches", &[("authorization", "Bearer {implicit}")], 200),
        administers(
            title::PLATFORM,
            &[
                ("grant_type", "client_credentials"),
                ("scope", "admin:users.write admin:extensions.write admin:installations.write"),
            ],
        ),
        ask(
            title::ROLE_TAKEN,
            Ask {
                headers: ADMIN,
                expects: 204,
                ..Ask::to(At::Server, "DELETE", "/admin/v1/tenants/demo/users/{user}/roles/resident")
            },
        ),
        call(title::REFUSED, "/switches", BEARER, 403),
        ask(
            title::ROLE_GIVEN,
            Ask {
                headers: ADMIN,
                expects: 204,
                ..Ask::to(At::Server, "PUT", "/admin/v1/tenants/demo/users/{user}/roles/resident")
            },
        ),
        call(title::CALL_AGAIN, "/switches", BEARER, 200),
    ],
};

const ADMIN: &[(&str, &str)] = &[("authorization", "Bearer {admin}")];
const BEARER: &[(&str, &str)] = &[("authorization", "Bearer {token}")];
