//! Every cap on what a stranger may send, in one place (RELIABILITY: denial of service by size, recursion, count).

/// Bytes of a request body at the protocol endpoints and pages.
pub const BODY_BYTES: usize = 64 * 1024;
/// Fields of a form body.
pub const FORM_FIELDS: usize = 64;
/// Fields of a query string.
pub const QUERY_FIELDS: usize = 100;
/// Bytes of one parameter, name or value, after decoding.
pub const FIELD_BYTES: usize = 8 * 1024;
/// Bytes of `state` that are returned; longer is `invalid_request`.
pub const STATE_BYTES: usize = 2048;
/// Bytes of `nonce`.
pub const NONCE_BYTES: usize = 2048;
/// Words of a scope.
pub const SCOPE_WORDS: usize = 100;
/// Bytes of one scope word.
pub const SCOPE_WORD_BYTES: usize = 256;
/// Bytes of a redirect URI, an origin or a resource indicator.
pub const URI_BYTES: usize = 2048;
/// Redirect URIs of one client.
pub const REDIRECT_URIS: usize = 100;
/// Resource indicators in one request.
pub const RESOURCES: usize = 10;
/// Bytes of a client identifier.
pub const CLIENT_ID_BYTES: usize = 256;
/// Bytes of a client secret.
pub const CLIENT_SECRET_BYTES: usize = 1024;
/// Bytes of an `Authorization` header with Basic credentials.
pub const BASIC_BYTES: usize = 4096;
/// Bytes of a bearer token, and of any JWS.
pub const TOKEN_BYTES: usize = 16 * 1024;
/// Containers nested in each other in a JSON text.
pub const JSON_DEPTH: usize = 32;
/// Bytes of the `claims` parameter.
pub const CLAIMS_BYTES: usize = 8 * 1024;
/// Containers nested in each other in the `claims` parameter.
pub const CLAIMS_DEPTH: usize = 6;
/// Claims asked for at one place (`userinfo`, `id_token`).
pub const CLAIMS_MEMBERS: usize = 100;
/// Members of the `values` array of one claim.
pub const CLAIM_VALUES: usize = 50;
/// Bytes of the name of a client, a tenant, a person.
pub const DISPLAY_NAME_BYTES: usize = 200;
/// Characters of a user name.
pub const USER_NAME_CHARS: usize = 64;
/// Combining marks that may follow each other in a name.
pub const MARKS_IN_A_ROW: usize = 4;
/// Bytes of an e-mail address (RFC 5321, 4.5.3.1.3, less the brackets).
pub const EMAIL_BYTES: usize = 254;
/// Bytes of the local part of an e-mail address (RFC 5321, 4.5.3.1.1).
pub const EMAIL_LOCAL_BYTES: usize = 64;
/// Bytes of a language tag.
pub const LOCALE_BYTES: usize = 35;
/// Language tags that are read from one list.
pub const LOCALES: usize = 20;
/// Words of `acr_values`, `prompt` and the like.
pub const WORDS: usize = 20;
