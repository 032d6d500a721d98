//! What travels: parameters, scopes, error codes, metadata documents and registered names. No IO, no crypto.
//!
//! Every parser here takes bytes or text from a stranger, returns a `Result`, holds to a cap of [`limits`], and
//! never panics, recurses without a bound, or repairs what it was given. What has been parsed is not checked again.

mod names;

pub mod auth_method;
pub mod basic;
pub mod bearer;
pub mod challenge;
pub mod claims;
pub mod display;
pub mod error_code;
#[doc(hidden)]
pub mod fuzzing;
pub mod grant_type;
pub mod json;
pub mod limits;
pub mod max_age;
pub mod media_type;
pub mod metadata;
pub mod opaque;
pub mod origin;
pub mod params;
pub mod percent;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod resource;
pub mod response;
pub mod response_mode;
pub mod response_type;
pub mod route;
pub mod scope;
pub mod shape;
pub mod text;
