//! The modules of the OpenID Foundation's conformance suite, plans *config* and *basic* with static clients, each under its own name.
//! A module asserts what the suite's module does, warnings included; two that the suite runs for dynamically registered clients only
//! assert what holds for a server that offers less.

mod code;
mod discovery;
mod id_token;
mod interaction;
mod party;
mod request;
mod response;
mod standard_claims;
mod userinfo;

/// Makes a test of every row, and the list of them.
macro_rules! modules {
    ($($module:literal $file:ident :: $test:ident)*) => {
        const MODULES: &[(&str, &str)] = &[$(($module, stringify!($test))),*];
        $(#[tokio::test]
        async fn $test() {
            $file::$test(&doorward_tests::TestApp::new().await).await;
        })*
    };
}

modules! {
    "oidcc-discovery-endpoint-verification" discovery::oidcc_discovery_endpoint_verification
    "oidcc-server" response::oidcc_server
    "oidcc-response-type-missing" response::oidcc_response_type_missing
    "oidcc-idtoken-signature" id_token::oidcc_idtoken_signature
    "oidcc-idtoken-unsigned" id_token::oidcc_idtoken_unsigned
    "oidcc-userinfo-get" userinfo::oidcc_userinfo_get
    "oidcc-userinfo-post-header" userinfo::oidcc_userinfo_post_header
    "oidcc-userinfo-post-body" userinfo::oidcc_userinfo_post_body
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow" response::oidcc_ensure_request_without_nonce_succeeds_for_code_flow
    "oidcc-scope-profile" userinfo::oidcc_scope_profile
    "oidcc-scope-email" userinfo::oidcc_scope_email
    "oidcc-scope-address" userinfo::oidcc_scope_address
    "oidcc-scope-phone" userinfo::oidcc_scope_phone
    "oidcc-scope-all" userinfo::oidcc_scope_all
    "oidcc-ensure-other-scope-order-succeeds" userinfo::oidcc_ensure_other_scope_order_succeeds
    "oidcc-display-page" interaction::oidcc_display_page
    "oidcc-display-popup" interaction::oidcc_display_popup
    "oidcc-prompt-login" interaction::oidcc_prompt_login
    "oidcc-prompt-none-not-logged-in" interaction::oidcc_prompt_none_not_logged_in
    "oidcc-prompt-none-logged-in" interaction::oidcc_prompt_none_logged_in
    "oidcc-max-age-1" interaction::oidcc_max_age_1
    "oidcc-max-age-10000" interaction::oidcc_max_age_10000
    "oidcc-ensure-request-with-unknown-parameter-succeeds" response::oidcc_ensure_request_with_unknown_parameter_succeeds
    "oidcc-id-token-hint" interaction::oidcc_id_token_hint
    "oidcc-login-hint" interaction::oidcc_login_hint
    "oidcc-ui-locales" interaction::oidcc_ui_locales
    "oidcc-claims-locales" interaction::oidcc_claims_locales
    "oidcc-ensure-request-with-acr-values-succeeds" id_token::oidcc_ensure_request_with_acr_values_succeeds
    "oidcc-codereuse" code::oidcc_codereuse
    "oidcc-codereuse-30seconds" code::oidcc_codereuse_30seconds
    "oidcc-ensure-registered-redirect-uri" request::oidcc_ensure_registered_redirect_uri
    "oidcc-ensure-post-request-succeeds" response::oidcc_ensure_post_request_succeeds
    "oidcc-server-client-secret-post" response::oidcc_server_client_secret_post
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported" request::oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported" request::oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported
    "oidcc-claims-essential" userinfo::oidcc_claims_essential
    "oidcc-ensure-request-object-with-redirect-uri" request::oidcc_ensure_request_object_with_redirect_uri
    "oidcc-refresh-token" code::oidcc_refresh_token
    "oidcc-ensure-request-with-valid-pkce-succeeds" response::oidcc_ensure_request_with_valid_pkce_succeeds
}

#[test]
fn every_module_stands_under_its_own_name() {
    for (module, test) in MODULES {
        assert_eq!(module.replace('-', "_"), *test);
    }
    // One of *config*, 38 of *basic*.
    assert_eq!(MODULES.len(), 39);
}
