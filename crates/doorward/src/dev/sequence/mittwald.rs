//! mittwald mStudio: an extension is opened with a one-time key, and acts by its instance's secret.

use doorward_web::page::view::demo_sequence::title;

use super::{Ask, Body, Sequence, ask, call, take, visit};

/// The sequence.
pub const SEQUENCE: Sequence = Sequence {
    name: "mittwald",
    called: "mittwald mStudio",
    path: "/mittwald",
    api: "https://projects.demo.example",
    steps: &[
        visit(
            title::STUDIO_SIGN_IN,
            "/v2/oauth2/authorize",
            &[
                ("response_type", "code"),
                ("client_id", "demo-studio"),
                ("redirect_uri", "{callback}"),
                ("scope", "admin:extensions.write admin:installations.write"),
                ("state", "{state}"),
                ("code_challenge", "{challenge}"),
                ("code_challenge_method", "S256"),
            ],
        ),
        ask(
            title::CODE,
            Ask {
                basic: Some(("demo-studio", "{secret_of_studio}")),
                takes: &[take("person", "access_token")],
                ..Ask::post(
                    "/v2/oauth2/token",
                    Body::Form(&[
                        ("grant_type", "authorization_code"),
                        ("code", "{code}"),
                        ("redirect_uri", "{callback}"),
                        ("code_verifier", "{verifier}"),
                    ]),
                )
            },
        ),
        ask(
            title::KEY,
            Ask {
                headers: PERSON,
                takes: &[take("key", "accessTokenRetrievalKey"), take("user", "userId")],
                ..Ask::post(
                    "/v2/extension-instances/{instance}/actions/create-access-token-retrieval-key",
                    Body::None,
                )
            },
        ),
        ask(
            title::EXCHANGE,
            Ask {
                takes: &[take("token", "token"), take("refresh", "refreshToken")],
                ..Ask::post(
                    "/v2/authenticate-token-retrieval-key",
                    Body::Json(r#"{"userId":"{user}","accessTokenRetrievalKey":"{key}"}"#),
                )
            },
        ),
        call(title::CALL, "/tasks", TOKEN, 200),
        ask(
            title::REFRESH,
            Ask {
                method: "PUT",
                headers: TOKEN,
                takes: &[take("token", "token"), take("refresh", "refreshToken")],
                ..Ask::post("/v2/users/self/sessions", Body::Json(r#"{"refreshToken":"{refresh}"}"#))
            },
        ),
        ask(
            title::SECRET,
            Ask {
                method: "PUT",
                headers: PERSON,
                takes: &[take("secret", "secret")],
                ..Ask::post(
                    "/v2/contributors/demo/extensions/demo-backups/extension-instances/{instance}/secret",
                    Body::Json(r#"{"allowWebhookFailure":true}"#),
                )
            },
        ),
        ask(
            title::INSTANCE,
            Ask {
                expects: 201,
                takes: &[take("own", "publicToken")],
                ..Ask::post(
                    "/v2/extension-instances/{instance}/tokens",
                    Body::Json(r#"{"extensionInstanceSecret":"{secret}"}"#),
                )
            },
        ),
        call(title::CALL_OF_INSTANCE, "/tasks", &[("x-access-token", "{own}")], 200),
        ask(
            title::DISABLE,
            Ask {
                headers: PERSON,
                expects: 204,
                ..Ask::post("/v2/extension-instances/{instance}/actions/disable", Body::None)
            },
        ),
        call(title::REFUSED, "/tasks", TOKEN, 401),
        ask(
            title::ENABLE,
            Ask {
                headers: PERSON,
                expects: 204,
                ..Ask::post("/v2/extension-instances/{instance}/actions/enable", Body::None)
            },
        ),
    ],
};

const PERSON: &[(&str, &str)] = &[("x-access-token", "{person}")];
const TOKEN: &[(&str, &str)] = &[("x-access-token", "{token}")];
