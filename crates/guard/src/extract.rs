//! The token as an extractor of axum's handlers.

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::StatusCode;
use http::request::Parts;

use crate::token::Token;

/// The token that the guard let through. A handler that no guard stands in front of is a fault of the program: 500, whatever was sent.
impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Token>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The same for a handler that some routes reach without a guard.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Token {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, StatusCode> {
        Ok(parts.extensions.get::<Token>().cloned())
    }
}
