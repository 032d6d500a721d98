//! The console: administration by pages, at `{issuer}/console`. It signs its administrators in as any application would, by this
//! server's own authorization code flow, and holds what it shows and does against what the token and its person may do now.
//!
//! Lists are asked of the store directly. What an administrator does is a call of the admin API, shown as such.

mod act;
mod apis;
mod audit;
pub mod client;
mod clients;
mod contexts;
mod deliveries;
mod explain;
mod extensions;
mod find;
mod installations;
mod kept;
mod keys;
mod overview;
mod people;
mod person;
mod roles;
mod rows;
mod sign_in;
mod tenants;
mod visit;

use http::Method;

use doorward_wire::params::Params;

use crate::app::Call;
use crate::dialect;
use crate::form::browser::Browser;
use crate::form::error;
use crate::page::view::ErrorKind;
use crate::render::Answer;

use visit::Visit;

/// GET and POST of whatever lies below the console's prefix.
pub async fn any(call: &Call<'_>) -> Answer {
    let path = call.path.strip_prefix(PREFIX).unwrap_or_default();
    let Some(segments) = segments(path) else { return not_found(call) };
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let is_post = call.request.method == Method::POST;
    match (segments.as_slice(), is_post) {
        (["callback"], false) => return sign_in::callback(call).await,
        (["sign-out"], true) => return sign_in::sign_out(call).await,
        _ => {}
    }
    let query = call.request.query.as_deref().unwrap_or_default();
    let Ok(query) = Params::parse_query(query) else {
        // What no link of ours says: nothing is there.
        return not_found(call);
    };
    let visit = match Visit::begin(call, query).await {
        Ok(visit) => visit,
        Err(answer) => return *answer,
    };
    let answer = Box::pin(page(&visit, &segments, is_post)).await;
    visit.finish(answer)
}

/// The table of pages. What is in a tenant that is out of reach looks as what does not exist.
async fn page(visit: &Visit<'_>, segments: &[&str], is_post: bool) -> Answer {
    let (tenant, rest) = match segments {
        [] if !is_post => return visit.home(),
        ["tenants"] if !is_post => return tenants::list(visit).await,
        ["tenants", tenant, rest @ ..] => (*tenant, rest),
        _ => return visit.not_found(),
    };
    let place = match visit.place(tenant) {
        Ok(place) => place,
        Err(answer) => return *answer,
    };
    match (rest, is_post) {
        ([], false) => overview::show(&place).await,
        (["act"], false) => act::ask(&place).await,
        (["act"], true) => act::post(&place).await,
        (["find"], true) => find::post(&place).await,
        (["users"], false) => people::list(&place).await,
        (["users", id], false) => person::show(&place, id).await,
        (["users", id, "grants"], false) => person::grants(&place, id).await,
        (["roles"], false) => roles::list(&place).await,
        (["roles", id], false) => roles::show(&place, id).await,
        (["contexts"], false) => contexts::list(&place).await,
        (["contexts", id], false) => contexts::show(&place, id).await,
        (["clients"], false) => clients::list(&place).await,
        (["clients", id], false) => clients::show(&place, id).await,
        (["clients", id, "grants"], false) => clients::grants(&place, id).await,
        (["extensions"], false) => extensions::list(&place).await,
        (["extensions", id], false) => extensions::show(&place, id).await,
        (["installations"], false) => installations::list(&place).await,
        (["installations", id], false) => installations::show(&place, id).await,
        (["installations", id, "deliveries"], false) => deliveries::show(&place, id).await,
        (["explain"], false) => explain::of_request(&place).await,
        (["explain"], true) => explain::of_token(&place).await,
        (["grants", id], false) => clients::grant(&place, id).await,
        (["apis"], false) => apis::list(&place).await,
        (["apis", id], false) => apis::show(&place, id).await,
        (["keys"], false) => keys::list(&place).await,
        (["events"], false) => audit::list(&place).await,
        (["events.ndjson"], false) => audit::export(&place).await,
        _ => visit.not_found(),
    }
}

/// The segments of a path, decoded; none when one names nothing.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(dialect::segment).collect()
}

fn not_found(call: &Call<'_>) -> Answer {
    error::page(call, &Browser::of(call), ErrorKind::NotFound, None)
}

/// What every path of the console begins with.
pub const PREFIX: &str = "/console";

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(segments("").unwrap(), Vec::<String>::new());
        assert_eq!(segments("/").unwrap(), Vec::<String>::new());
        assert_eq!(
            segments("/tenants/t/contexts/project%2Fp+1").unwrap(),
            ["tenants", "t", "contexts", "project/p+1"]
        );
        assert_eq!(segments("/a/%zz"), None);
    }
}
