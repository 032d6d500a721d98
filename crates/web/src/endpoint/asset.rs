//! Style sheet, script and logo of the pages, under names that change with their content.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};

use crate::page::asset;
use crate::render::Answer;

/// GET of `/assets/{name}`; none where there is no such file.
pub fn get(name: &str) -> Option<Answer> {
    let found = asset::find(name)?;
    let mut answer = Response::new(Bytes::from_static(found.bytes));
    for (name, value) in found.headers() {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Some(answer)
}
