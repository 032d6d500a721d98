//! The rules as tables: facts in, reason and effects out. One file per section of a specification or of the design.
#![expect(clippy::unwrap_used, reason = "tests may panic, and their names say what they are about")]

mod cases;
mod world;

mod account;
mod design_6_refresh;
mod design_9_forms;
mod frames;
mod guard;
mod help;
mod id_tokens_only;
mod manual;
mod may_issue_matrix;
mod mutations;
mod oidc_core_3_1_2_1;
mod oidc_core_5_3_userinfo;
mod oidc_core_5_5_claims;
mod own_token;
mod permissions;
mod restrictions;
mod rfc6749_2_3_client_auth;
mod rfc6749_4_1_1_authorize;
mod rfc6749_4_1_3_redeeming;
mod rfc6749_4_2_implicit;
mod rfc6749_4_3_password;
mod rfc6749_4_4_client_credentials;
mod rfc6749_6_refresh;
mod rfc7009;
mod rfc7523_3;
mod rfc7636_4_6;
mod rfc7662;
mod rfc8252_7_3;
mod rfc8693;
mod rfc8707;
mod rfc9207;
mod rp_initiated_logout;
mod second_factor;
mod sign_in;
mod told_at_once;
mod unnamed;
mod user_claim;
