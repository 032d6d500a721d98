//! Names of response modes (OAuth 2.0 Multiple Response Type Encoding Practices, 2.1; Form Post; JARM, 2.3).

use crate::names::names;

names! {
    /// A value of `response_mode`. Which ones are served is a table elsewhere.
    pub enum ResponseMode {
        /// In the query of the redirect URI.
        Query = "query",
        /// In its fragment.
        Fragment = "fragment",
        /// In a form that the page posts.
        FormPost = "form_post",
        /// One signed parameter, the mode by the response type.
        Jwt = "jwt",
        /// One signed parameter in the query.
        QueryJwt = "query.jwt",
        /// One signed parameter in the fragment.
        FragmentJwt = "fragment.jwt",
        /// One signed parameter in a form.
        FormPostJwt = "form_post.jwt",
    }
}
