//! The userinfo endpoint (OpenID Connect Core, section 5.3). The token comes in the Authorization header, or in the body of a POST;
//! never in the query, which others log (RFC 6750, section 2; RFC 9700, section 4.3.2).

use http::{Method, header};

use doorward_core::Reason;
use doorward_core::token::userinfo;
use doorward_wire::bearer::{self, BadBearer};
use doorward_wire::media_type;
use doorward_wire::params::Params;

use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// GET and POST.
pub async fn get_or_post(call: &Call<'_>) -> Answer {
    let token = match token(call) {
        Ok(token) => token,
        Err(reason) => return render::refused_bearer(call, reason),
    };
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let needs = userinfo::needs(&presented);
    match run_plain(call, needs, |facts, ctx| userinfo::decide(&presented, facts, ctx)).await {
        Ok(Ok(claims)) => render::json(200, &claims),
        Ok(Err(refusal)) => render::refused_bearer(call, refusal.reason),
        Err(failure) => render::failed(call, &failure),
    }
}

fn token(call: &Call<'_>) -> Result<String, Reason> {
    let mut headers = call.request.headers.get_all(header::AUTHORIZATION).iter();
    let in_header = match (headers.next(), headers.next()) {
        (None, _) => None,
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| Reason::TokenMalformed)?;
            Some(bearer::parse(text).map_err(unusable)?.to_owned())
        }
        (Some(_), Some(_)) => return Err(Reason::TokenMalformed),
    };
    let is_form = call.header("content-type").is_some_and(|value| media_type::form(value).is_ok());
    let in_body = if call.request.method == Method::POST && is_form {
        let params = Params::parse_form(&call.request.body).map_err(|_| Reason::TokenMalformed)?;
        params.get("access_token").map(str::to_owned)
    } else {
        None
    };
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(Reason::TokenMalformed),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        (None, None) => Err(Reason::TokenMissing),
    }
}

/// Another scheme brings no token; one that cannot be a token is not valid (RFC 6750, section 3.1).
fn unusable(error: BadBearer) -> Reason {
    match error {
        BadBearer::Scheme => Reason::TokenMissing,
        BadBearer::Character | BadBearer::TooLong => Reason::TokenUnknown,
    }
}
