//! Why something is refused: one closed enum, precise for us; each reason maps to the standard code and status in one place.

use doorward_wire::error_code::ErrorCode;
use doorward_wire::params::ParamError;

macro_rules! reasons {
    ($($variant:ident = $name:literal, $code:ident, $status:literal, $section:literal, $description:literal;)*) => {
        /// Why something is refused. Its name goes to the log, the audit trail and the metrics; its code to the caller.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Reason { $(
            #[doc = concat!($description, " (", $section, ").")]
            $variant
        ),* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The standard code that the caller sees.
            pub const fn code(self) -> ErrorCode {
                match self { $(Self::$variant => ErrorCode::$code),* }
            }

            /// The HTTP status where the answer is not a redirect.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// The section that asks for the refusal.
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section),* }
            }

            /// What the caller reads, unless the refusal says it better.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description),* }
            }
        }
    };
}

reasons! {
    // The request itself.
    ParameterMissing = "request.parameter_missing", InvalidRequest, 400, "RFC 6749, 5.2", "a required parameter is missing";
    ParameterRepeated = "request.parameter_repeated", InvalidRequest, 400, "RFC 6749, 3.1", "a parameter is repeated";
    ParameterMalformed = "request.parameter_malformed", InvalidRequest, 400, "RFC 6749, 5.2", "a parameter is malformed";
    BodyMalformed = "request.body_malformed", InvalidRequest, 400, "RFC 6749, 3.2", "the body cannot be read as what its content type says";
    BodyTooLarge = "request.body_too_large", InvalidRequest, 413, "RFC 9110, 15.5.14", "the body is too large";
    BodyTooSlow = "request.body_too_slow", InvalidRequest, 408, "RFC 9110, 15.5.9", "the body came too slowly";
    FieldRepeated = "request.field_repeated", InvalidRequest, 400, "RFC 9110, 5.3", "a header field that may stand once is repeated";
    SecretInQuery = "request.secret_in_query", InvalidRequest, 400, "RFC 6749, 2.3.1", "a secret must not be sent in the query";
    MediaType = "request.media_type", InvalidRequest, 400, "RFC 6749, 3.2", "the body must be application/x-www-form-urlencoded";
    MediaTypes = "request.media_types", InvalidRequest, 400, "RFC 6749, 3.2", "the body must be application/x-www-form-urlencoded or application/json";
    RouteUnknown = "request.route_unknown", InvalidRequest, 404, "RFC 9110, 15.5.5", "there is nothing at this address";
    MethodNotAllowed = "request.method", InvalidRequest, 405, "RFC 9110, 15.5.6", "this method is not allowed here";
    GrantTypeUnknown = "token.grant_type_unknown", UnsupportedGrantType, 400, "RFC 6749, 5.2", "this grant type is not supported";
    PasswordGrant = "token.password", InvalidGrant, 400, "RFC 6749, 4.3.2", "user name or password is wrong";
    GrantTypeNotAllowed = "token.grant_type_not_allowed", UnauthorizedClient, 400, "RFC 6749, 5.2", "the client may not use this grant type";
    TooMany = "traffic.too_many", TemporarilyUnavailable, 429, "RFC 6585, 4", "too many requests; try again later";
    Overloaded = "traffic.overloaded", TemporarilyUnavailable, 503, "RFC 9110, 15.6.4", "the server is busy; try again in a moment";

    // Client authentication.
    ClientUnknown = "client.unknown", InvalidClient, 401, "RFC 6749, 5.2", "client authentication failed";
    ClientDisabled = "client.disabled", InvalidClient, 401, "RFC 6749, 5.2", "client authentication failed";
    ClientIssuer = "client.issuer", InvalidClient, 401, "RFC 6749, 5.2", "client authentication failed";
    ClientUnlisted = "client.unlisted", UnauthorizedClient, 400, "RFC 6749, 5.2", "the client is not one of this issuer's";
    ClientSecretWrong = "client.secret_wrong", InvalidClient, 401, "RFC 6749, 2.3.1", "client authentication failed";
    ClientSecretExpired = "client.secret_expired", InvalidClient, 401, "RFC 7591, 3.2.1", "client authentication failed";
    ClientTokenWrong = "client.token_wrong", InvalidClient, 401, "RFC 6749, 2.3.2", "client authentication failed";
    ClientMethod = "client.method", InvalidClient, 401, "RFC 7591, 2", "client authentication failed";
    ClientAnonymous = "client.anonymous", InvalidClient, 401, "RFC 6749, 5.2", "the client must authenticate";
    ClientTwoMethods = "client.two_methods", InvalidRequest, 400, "RFC 6749, 2.3", "more than one client authentication method was used";
    ClientMismatch = "client.mismatch", InvalidRequest, 400, "RFC 6749, 2.3", "client_id names another client than the one that authenticated";
    ClientThrottled = "client.throttled", TemporarilyUnavailable, 429, "RFC 9700, 4.11", "too many failed attempts; try again later";
    InstallationUnknown = "installation.unknown", InvalidClient, 401, "RFC 6749, 5.2", "client authentication failed";
    InstallationSecretWrong = "installation.secret_wrong", InvalidClient, 401, "RFC 6749, 2.3.1", "client authentication failed";
    InstallationSecretExpired = "installation.secret_expired", InvalidClient, 401, "RFC 6749, 2.3.1", "client authentication failed";
    ExtensionItself = "ext.itself", UnauthorizedClient, 400, "design, 2", "an extension gets no token for itself: its installations do, by their secrets";
    InstallationOff = "installation.off", UnauthorizedClient, 403, "RFC 6749, 5.2", "the installation does not work at present";
    BasicMalformed = "client.basic_malformed", InvalidClient, 401, "RFC 7617, 2", "the Authorization header is malformed";
    AssertionMalformed = "assertion.malformed", InvalidClient, 401, "RFC 7523, 3", "the client assertion is malformed";
    AssertionType = "assertion.type", InvalidRequest, 400, "RFC 7523, 2.2", "client_assertion_type is missing or unknown";
    AssertionSignature = "assertion.signature", InvalidClient, 401, "RFC 7523, 3", "client authentication failed";
    AssertionKeys = "assertion.no_keys", InvalidClient, 401, "RFC 7591, 2", "client authentication failed";
    AssertionAudience = "assertion.bad_aud", InvalidClient, 401, "RFC 7523, 3", "the client assertion is meant for another server";
    AssertionSubject = "assertion.subject", InvalidClient, 401, "RFC 7523, 3", "iss and sub of the client assertion must be the client";
    AssertionTimes = "assertion.times", InvalidClient, 401, "RFC 7523, 3", "the client assertion is expired, not yet valid, or valid for too long";
    AssertionReplayed = "assertion.replayed", InvalidClient, 401, "RFC 7523, 3", "the client assertion was used before";

    // The authorization request: shown on our own page.
    AuthorizeClientUnknown = "authz.unknown_client", InvalidRequest, 400, "RFC 6749, 4.1.2.1", "the application is not known here";
    AuthorizeClientDisabled = "authz.client_disabled", UnauthorizedClient, 400, "RFC 6749, 4.1.2.1", "the application has been switched off";
    RedirectMissing = "authz.redirect_missing", InvalidRequest, 400, "RFC 6749, 3.1.2.3", "redirect_uri is missing";
    RedirectUnregistered = "authz.redirect_unregistered", InvalidRequest, 400, "RFC 6749, 3.1.2.4", "redirect_uri is not registered for this application";

    // The authorization request: told to the client.
    ResponseTypeMissing = "authz.response_type_missing", InvalidRequest, 400, "RFC 6749, 3.1.1", "response_type is missing";
    ResponseTypeUnknown = "authz.response_type_unknown", UnsupportedResponseType, 400, "RFC 6749, 3.1.1", "this response_type is not supported";
    ResponseModeRefused = "authz.response_mode", InvalidRequest, 400, "OAuth 2.0 Multiple Response Types, 2.1", "this response_mode is not supported for this response_type";
    RequestObject = "authz.request_object", RequestNotSupported, 400, "OpenID Connect Core, 6.1", "the request parameter is not supported";
    RequestUri = "authz.request_uri", RequestUriNotSupported, 400, "OpenID Connect Core, 6.2", "the request_uri parameter is not supported";
    AuthorizeGrantType = "authz.grant_type", UnauthorizedClient, 400, "RFC 6749, 4.1.2.1", "the client may not use this response_type";
    PkceMissing = "authz.pkce_missing", InvalidRequest, 400, "RFC 9700, 2.1.1", "code_challenge is missing";
    PkceMalformed = "authz.pkce_malformed", InvalidRequest, 400, "RFC 7636, 4.2", "code_challenge must be the SHA-256 of a verifier, with code_challenge_method=S256";
    StateMissing = "authz.state_missing", InvalidRequest, 400, "RFC 9700, 2.1", "state is missing";
    StateMalformed = "authz.state", InvalidRequest, 400, "RFC 6749, 4.1.1", "state is longer than 2048 bytes";
    NoBinding = "authz.no_binding", InvalidRequest, 400, "RFC 9700, 2.1", "one of state, nonce and code_challenge is required";
    NonceMissing = "authz.nonce_missing", InvalidRequest, 400, "OpenID Connect Core, 3.2.2.1", "nonce is missing";
    NonceMalformed = "authz.nonce", InvalidRequest, 400, "OpenID Connect Core, 3.1.2.1", "nonce is longer than 2048 bytes";
    MaxAgeMalformed = "authz.max_age", InvalidRequest, 400, "OpenID Connect Core, 3.1.2.1", "max_age must be a number of seconds";
    PromptMalformed = "authz.prompt", InvalidRequest, 400, "OpenID Connect Core, 3.1.2.1", "prompt is malformed, or combines none with another value";
    DisplayMalformed = "authz.display", InvalidRequest, 400, "OpenID Connect Core, 3.1.2.1", "display is not one of page, popup, touch, wap";
    ClaimsMalformed = "authz.claims", InvalidRequest, 400, "OpenID Connect Core, 5.5", "claims is not a claims request";
    AcrUnmet = "authz.acr_unmet", UnmetAuthenticationRequirements, 400, "OpenID Connect Core, 5.5.1.1", "the demanded authentication context class cannot be reached";
    HintMalformed = "authz.id_token_hint", InvalidRequest, 400, "OpenID Connect Core, 3.1.2.1", "id_token_hint is not an ID token of this server";
    LoginRequired = "authz.login_required", LoginRequired, 400, "OpenID Connect Core, 3.1.2.6", "the person must sign in";
    ConsentRequired = "authz.consent_required", ConsentRequired, 400, "OpenID Connect Core, 3.1.2.6", "the person must be asked";
    InteractionRequired = "authz.interaction_required", InteractionRequired, 400, "OpenID Connect Core, 3.1.2.6", "the person must be asked";
    SelectionRequired = "authz.account_selection_required", AccountSelectionRequired, 400, "OpenID Connect Core, 3.1.2.6", "the person must choose an account";
    PersonMayNot = "authz.person_may_not", AccessDenied, 403, "design, 2", "the person may not do what is asked";
    AccessDenied = "authz.access_denied", AccessDenied, 403, "RFC 6749, 4.1.2.1", "the person did not allow it";

    // Scopes and resources.
    ScopeMalformed = "scope.malformed", InvalidScope, 400, "RFC 6749, 3.3", "scope is malformed";
    ScopeNotAllowed = "scope.not_allowed", InvalidScope, 400, "RFC 6749, 3.3", "the client may not ask for one of these scopes";
    ScopeWidened = "scope.widened", InvalidScope, 400, "RFC 6749, 6", "scope exceeds what was granted";
    ScopeEmpty = "scope.empty", InvalidScope, 400, "RFC 6749, 3.3", "no scope is left to grant";
    ResourceMalformed = "resource.malformed", InvalidTarget, 400, "RFC 8707, 2", "resource must be an absolute URI without a fragment";
    ResourceNotAllowed = "resource.not_allowed", InvalidTarget, 400, "RFC 8707, 2", "the client may not use this resource";
    ResourceNotGranted = "resource.not_granted", InvalidTarget, 400, "RFC 8707, 2.2", "this resource is not part of the grant";

    // Codes.
    CodeUnknown = "code.unknown", InvalidGrant, 400, "RFC 6749, 5.2", "the code is unknown";
    CodeExpired = "code.expired", InvalidGrant, 400, "RFC 6749, 4.1.2", "the code has expired";
    CodeWrongClient = "code.wrong_client", InvalidGrant, 400, "RFC 6749, 4.1.3", "the code was issued to another client";
    CodeRedirectOn = "code.redirect_on", InvalidRequest, 400, "RFC 6749, 3.1.2.4", "redirect is not registered for this application";
    CodeRedirectMismatch = "code.redirect_mismatch", InvalidGrant, 400, "RFC 6749, 4.1.3", "redirect_uri differs from that of the authorization request";
    CodeRepeated = "code.repeated", InvalidGrant, 400, "RFC 6749, 4.1.2", "the code was redeemed before";
    CodeReplayed = "code.replayed", InvalidGrant, 400, "RFC 6749, 4.1.2", "the code was redeemed before; what was issued with it has been ended";
    CodeBurnt = "code.burnt", InvalidGrant, 400, "RFC 9700, 2.1.1", "the code was tried too often with a wrong code_verifier, or a wrong state";
    CodeStateWrong = "code.wrong_state", InvalidGrant, 400, "RFC 9700, 4.7", "state differs from that of the authorization request";
    CodeWrongIssuer = "code.wrong_issuer", InvalidGrant, 400, "RFC 9700, 4.4", "the code was issued by another issuer";
    PkceVerifierMissing = "pkce.missing_verifier", InvalidGrant, 400, "RFC 7636, 4.6", "code_verifier is missing";
    PkceVerifierWrong = "pkce.wrong_verifier", InvalidGrant, 400, "RFC 7636, 4.6", "code_verifier does not fit the code_challenge";
    PkceDowngrade = "pkce.downgrade", InvalidGrant, 400, "RFC 9700, 4.8.2", "code_verifier was sent for a code that was issued without code_challenge";

    // Launch keys.
    LaunchNowhere = "launch.nowhere", InvalidRequest, 409, "design, 2", "the extension has no page of its own to be opened";
    LaunchKeyUnknown = "launch.unknown", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key is unknown";
    LaunchKeyExpired = "launch.expired", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key has expired";
    LaunchKeyBurnt = "launch.burnt", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key was tried too often for another person";
    LaunchKeyRepeated = "atrek.replay", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key was exchanged before";
    LaunchKeyWrongExtension = "atrek.wrong_extension", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key is for another extension";
    LaunchKeyWrongInstallation = "atrek.wrong_installation", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key is for another installation";
    LaunchKeyWrongUser = "atrek.wrong_user", InvalidGrant, 400, "RFC 6749, 5.2", "the retrieval key is for another person";
    LaunchKeyWrongIssuer = "launch.wrong_issuer", InvalidGrant, 400, "RFC 9700, 4.4", "the retrieval key was made by another issuer";

    // Sign-in inside a frame.
    FrameNowhere = "frame.nowhere", InvalidRequest, 409, "design, 2", "the extension is shown in no frame: its manifest names no frame_origins";
    FrameTicketUnknown = "frame.unknown", InvalidGrant, 400, "RFC 6749, 5.2", "the sign-in ticket is unknown";
    FrameTicketExpired = "frame.expired", InvalidGrant, 400, "RFC 6749, 5.2", "the sign-in ticket has expired";
    FrameTicketRepeated = "frame.repeated", InvalidGrant, 400, "RFC 6749, 5.2", "the sign-in ticket was used before";
    FrameTicketWrongExtension = "frame.wrong_extension", InvalidGrant, 400, "RFC 6749, 5.2", "the sign-in ticket is for another extension";
    FrameTicketWrongPlace = "frame.wrong_place", InvalidGrant, 400, "RFC 6749, 5.2", "the sign-in ticket is for another installation than the one that is asked for";
    FrameTicketWrongIssuer = "frame.wrong_issuer", InvalidGrant, 400, "RFC 9700, 4.4", "the sign-in ticket was made by another issuer";

    // Token exchange.
    SubjectTokenType = "exchange.subject_token_type", InvalidRequest, 400, "RFC 8693, 2.1", "subject_token_type must say that it is a session token, as a JWT";
    SubjectTokenInvalid = "exchange.subject_token", InvalidRequest, 400, "RFC 8693, 2.2.2", "the subject token is not valid";
    SubjectTokenExpired = "exchange.expired", InvalidRequest, 400, "RFC 8693, 2.2.2", "the subject token has expired";
    ActorToken = "exchange.actor_token", InvalidRequest, 400, "RFC 8693, 2.1", "an actor token is not taken here";
    RequestedTokenType = "exchange.requested_token_type", InvalidRequest, 400, "RFC 8693, 2.1", "only access tokens are issued here";

    // Refresh tokens.
    RefreshUnknown = "refresh.unknown", InvalidGrant, 400, "RFC 6749, 5.2", "the refresh token is unknown";
    RefreshWrongClient = "refresh.wrong_client", InvalidGrant, 400, "RFC 6749, 6", "the refresh token was issued to another client";
    RefreshDuplicate = "refresh.duplicate", InvalidGrant, 400, "RFC 9700, 4.14.2", "the refresh token was used a moment ago";
    RefreshReplayed = "refresh.replayed", InvalidGrant, 400, "RFC 9700, 4.14.2", "the refresh token was used before; its grant has been ended";
    RefreshScopeWithdrawn = "refresh.scope_withdrawn", InvalidGrant, 400, "RFC 6749, 6", "the client may no longer have what was granted";

    // What a grant hangs on.
    TenantDisabled = "tenant.disabled", InvalidGrant, 400, "design, 2", "this is no longer possible";
    GrantEnded = "grant.ended", InvalidGrant, 400, "RFC 6749, 5.2", "the grant has been ended";
    GrantExpired = "grant.expired", InvalidGrant, 400, "RFC 6749, 5.2", "the grant has expired";
    ConsentEnded = "consent.ended", InvalidGrant, 400, "RFC 6749, 5.2", "the consent was taken back";
    SessionEnded = "session.ended", InvalidGrant, 400, "RFC 6749, 5.2", "the session has been ended";
    SessionExpired = "session.expired", InvalidGrant, 400, "RFC 6749, 5.2", "the session has expired";
    UserDisabled = "token.user_disabled", InvalidGrant, 400, "RFC 6749, 5.2", "the account cannot be used";
    UserLocked = "token.user_locked", InvalidGrant, 400, "RFC 6749, 5.2", "the account cannot be used";
    UserRemoved = "token.user_removed", InvalidGrant, 400, "RFC 6749, 5.2", "the account cannot be used";
    InstallationRemoved = "installation.removed", InvalidGrant, 400, "design, 2", "the extension is not installed there";
    InstalledNowhere = "installation.nowhere", InvalidGrant, 400, "design, 15", "the extension is not installed in anything that the person belongs to";
    InstallationDisabled = "installation.disabled", InvalidGrant, 400, "design, 2", "the installation is switched off";
    InstallationSuspended = "installation.suspended", InvalidGrant, 400, "design, 2", "the platform has switched the installation off";
    InstallationPast = "installation.past", InvalidGrant, 400, "design, 2", "the installation was switched off since";
    ExtensionGone = "ext.gone", InvalidGrant, 400, "design, 2", "there is no such extension";
    ExtensionSuspended = "ext.suspended", InvalidGrant, 400, "design, 2", "the platform has switched the extension off";
    ExtensionWithdrawn = "ext.withdrawn", InvalidGrant, 400, "design, 2", "the extension has been withdrawn";
    ContributorGone = "ext.contributor_gone", InvalidGrant, 400, "design, 2", "who made the extension is no longer here";
    ContextGone = "context.gone", InvalidGrant, 400, "design, 2", "what the extension is installed in has been removed or switched off";
    NotAMember = "context.not_a_member", InvalidGrant, 400, "design, 2", "the person does not belong to where the extension is installed";
    BeforeValidFrom = "token.before_valid_from", InvalidGrant, 400, "design, 2", "the sign-in that this rests on is no longer good: the password was changed, or the account switched off, since";

    // Bearer tokens at our own endpoints.
    TokenMissing = "bearer.missing", InvalidToken, 401, "RFC 6750, 3", "an access token is needed";
    TokenMalformed = "bearer.malformed", InvalidRequest, 400, "RFC 6750, 3.1", "the access token is sent in more than one way, or malformed";
    TokenUnknown = "bearer.unknown", InvalidToken, 401, "RFC 6750, 3.1", "the access token is not valid";
    TokenExpired = "bearer.expired", InvalidToken, 401, "RFC 6750, 3.1", "the access token has expired";
    TokenRevoked = "bearer.revoked", InvalidToken, 401, "RFC 6750, 3.1", "the access token is not valid";
    TokenAudience = "token.bad_aud", InvalidToken, 401, "RFC 9068, 4", "the access token is for another audience";
    TokenSignIn = "bearer.sign_in", InsufficientUserAuthentication, 401, "RFC 9470, 3", "the sign-in that the access token rests on is too old, or not strong enough";
    TokenScope = "bearer.scope", InsufficientScope, 403, "RFC 6750, 3.1", "the access token lacks a scope";
    AdminTenant = "admin.tenant", InsufficientScope, 404, "RFC 9110, 15.5.5", "there is no such tenant";

    // The guard.
    GuardApi = "guard.api", AccessDenied, 403, "design, 16", "there is no such API";
    GuardHttps = "guard.https", AccessDenied, 403, "RFC 6750, 5.3", "the API is called by https only";
    GuardPath = "guard.path", AccessDenied, 403, "RFC 3986, 6.2", "the path or the method can be read in more than one way";
    GuardRequest = "guard.request", InvalidRequest, 400, "design, 16", "the proxy does not say what was asked of the API, or says two things";
    GuardRoute = "guard.route", AccessDenied, 403, "design, 16", "no rule of the API lets this request pass";

    // Introspection and revocation.
    MakerPublic = "extension.public", InvalidClient, 401, "design, 2", "a public client cannot show that it is the extension";
    MakerForeign = "extension.foreign", UnauthorizedClient, 403, "design, 2", "the client is not the extension that it asks about";
    SecretNotPending = "installation.secret_not_pending", InvalidRequest, 404, "design, 2", "there is no such secret, or the extension has it already";
    WebhookKeyUnknown = "webhook.key_unknown", InvalidRequest, 404, "design, 2", "there is no key of that serial";
    IntrospectPublic = "introspect.public", InvalidClient, 401, "RFC 7662, 2.1", "a public client may not introspect";
    IntrospectForeign = "introspect.foreign", InvalidToken, 200, "RFC 7662, 2.2", "the token is for another audience: the caller is told that it is not active";
    RevokeForeign = "revoke.foreign", InvalidRequest, 400, "RFC 7009, 2.1", "the token was issued to another client";

    // Sign-in and pages.
    SignInUnknown = "sign_in.unknown_name", AccessDenied, 200, "design, 1", "nobody is called so";
    SignInFailed = "sign_in.failed", AccessDenied, 200, "design, 1", "user name or password is wrong";
    SignInThrottled = "sign_in.throttled", AccessDenied, 429, "design, 5", "too many attempts; try again later";
    PasswordBusy = "sign_in.busy", TemporarilyUnavailable, 503, "design, 8", "the server is busy; try again in a moment";
    PasswordRefused = "password.refused", InvalidRequest, 400, "NIST SP 800-63B, 5.1.1", "this password cannot be used";
    PasswordWrong = "password.wrong", AccessDenied, 400, "design, 5", "the current password is wrong";
    TotpWrong = "totp.wrong", AccessDenied, 200, "RFC 6238, 5.2", "the code is wrong";
    TotpReplayed = "totp.replay", AccessDenied, 200, "RFC 6238, 5.2", "the code was used before";
    RecoveryWrong = "recovery.wrong", AccessDenied, 200, "OWASP ASVS, 6.5.1", "the recovery code is wrong, or was used before";
    SecondStepStale = "second_step.stale", AccessDenied, 403, "design, 9", "the first step of the sign-in no longer counts: sign in again";
    SecondStepDue = "second_step.due", LoginRequired, 403, "OWASP ASVS, 7.5.1", "the second factor must be shown first";
    FactorRequired = "factor.required", AccessDenied, 403, "NIST SP 800-63B, 4.2", "this person must have a second factor";
    FactorNotOffered = "factor.not_offered", AccessDenied, 403, "design, 3", "second factors are switched off for this tenant";
    FormStale = "form.stale", InvalidRequest, 403, "design, 9", "this form is out of date";
    FormForeign = "form.foreign", AccessDenied, 403, "RFC 9700, 4.7", "this form was sent from another site";
    NotSignedIn = "page.not_signed_in", LoginRequired, 401, "design, 5", "sign in first";
    LinkSpent = "link.spent", InvalidGrant, 400, "design, 2", "this link has been used or has expired";
    ResetInvalid = "reset.invalid", InvalidGrant, 400, "OWASP Forgot Password", "this link has been used, was followed by a newer one, or has expired";
    AddressTaken = "address.taken", InvalidRequest, 409, "design, 2", "the address belongs to another account";
    InvitationInvalid = "invitation.invalid", InvalidGrant, 400, "design, 2", "this invitation has been used or has expired";
    InvitationAddress = "invitation.address", InvalidGrant, 400, "design, 2", "the invitation is for another address";
    NameTaken = "user.name_taken", InvalidRequest, 409, "design, 2", "the user name is taken";
    SignUpOff = "sign_up.off", AccessDenied, 404, "design, 2", "people cannot sign up here";
    SignUpDomain = "sign_up.domain", AccessDenied, 400, "design, 2", "addresses of this domain cannot sign up here";
    MailOff = "mail.off", AccessDenied, 404, "design, 2", "this server sends no mail";
    LogoutClient = "logout.client", InvalidRequest, 400, "OpenID Connect RP-Initiated Logout, 3", "post_logout_redirect_uri needs id_token_hint or client_id";
    LogoutHint = "logout.hint", InvalidRequest, 400, "OpenID Connect RP-Initiated Logout, 2", "id_token_hint is not an ID token of this server";
    LogoutRedirect = "logout.redirect", InvalidRequest, 400, "OpenID Connect RP-Initiated Logout, 3", "post_logout_redirect_uri is not registered";

    // Administration.
    ObjectInvalid = "object.invalid", InvalidRequest, 400, "design, 3", "the object is not valid";
    ObjectUnknown = "object.unknown", InvalidRequest, 404, "design, 3", "there is no such object";
    ObjectExists = "object.exists", InvalidRequest, 409, "design, 3", "there is such an object already";
    VersionChanged = "object.version_changed", InvalidRequest, 412, "RFC 9110, 15.5.13", "the object was changed meanwhile";
}

/// Why the parameters of a request cannot be read.
impl From<ParamError> for Reason {
    fn from(problem: ParamError) -> Self {
        match problem {
            ParamError::Duplicate(_) => Self::ParameterRepeated,
            ParamError::BadEncoding | ParamError::TooLong(_) | ParamError::TooMany => {
                Self::ParameterMalformed
            }
        }
    }
}

impl Reason {
    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == name)
    }
}
