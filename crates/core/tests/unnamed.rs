//! Clients that go unnamed: whom what is redeemed was made for still has to stand, and each wire contract says where nobody need be named.

use doorward_core::Reason;
use doorward_core::client_auth::Credentials;
use doorward_core::client_auth::unnamed::{self, Excuse, Unnamed};
use doorward_core::model::Legacy;
use doorward_core::policies::Policies;

use crate::cases::{OLDER, Row, TokenCase, assert_rows};
use crate::world::{self, ago};

/// A wire contract in which all that may be redeemed by nobody in particular is.
static ALL: Policies = Policies {
    unnamed_clients: &[
        Unnamed { grant_type: "authorization_code", by: Excuse::Switch(Legacy::UnauthenticatedCode) },
        Unnamed { grant_type: "refresh_token", by: Excuse::Began(None) },
        Unnamed { grant_type: "urn:doorward:grant:retrieval-key", by: Excuse::Possession },
    ],
    ..Policies::STANDARD
};

/// By a contract in which its grant type needs no name, of a client that may go unnamed.
fn excused(mut case: TokenCase) -> TokenCase {
    case.credentials = Credentials::default();
    case.facts.policies = &ALL;
    case.client().legacy = [Legacy::UnauthenticatedCode].into();
    case.grant().grant.unnamed = true;
    case
}

/// Everything that is redeemed so.
const REDEEMED: [fn() -> TokenCase; 3] = [
    || excused(TokenCase::code("rs1:read")),
    || excused(TokenCase::refresh("rs1:read")),
    || excused(TokenCase::launch_key("rs1:read")),
];

#[test]
fn who_goes_unnamed_still_has_to_stand() {
    let rows: &[Row<TokenCase>] = &[
        (
            "a client that is off",
            |case| case.client().disabled_at = Some(ago(1)),
            Err(Reason::ClientDisabled),
            &[],
        ),
        (
            "one of a tenant that is off",
            |case| {
                let tenant = std::sync::Arc::make_mut(&mut case.facts.tenant);
                tenant.disabled_at = Some(ago(1));
            },
            Err(Reason::ClientDisabled),
            &[],
        ),
        (
            "one that is of another issuer",
            |case| case.client().issuers = ["iss-other".into()].into(),
            Err(Reason::ClientIssuer),
            &[],
        ),
        (
            "one that may not have what it asks for",
            |case| case.client().grant_types.clear(),
            Err(Reason::GrantTypeNotAllowed),
            &[],
        ),
    ];
    for redeemed in REDEEMED {
        assert_eq!(redeemed().outcome().0, Ok(()));
        assert_rows(redeemed, TokenCase::outcome, rows);
    }
}

/// A client that lists no issuer is at none of an older contract.
#[test]
fn who_lists_no_issuer_goes_unnamed_at_none_of_those() {
    static LISTED: Policies = Policies { listed_clients: true, ..ALL };
    for redeemed in REDEEMED {
        let mut case = redeemed();
        case.facts.policies = &LISTED;
        assert_eq!(case.outcome().0, Err(Reason::ClientIssuer));
        case.client().issuers = ["iss-t1".into()].into();
        assert_eq!(case.outcome().0, Ok(()));
    }
}

#[test]
fn a_grant_type_that_the_contract_has_no_excuse_for_needs_a_name() {
    for (policies, without) in [(&Policies::STANDARD, &REDEEMED[..]), (&OLDER, &[REDEEMED[0], REDEEMED[2]])] {
        for redeemed in without {
            let mut case = redeemed();
            case.facts.policies = policies;
            case.client().legacy = [Legacy::RefreshWithoutClient, Legacy::UnauthenticatedCode].into();
            assert_eq!(case.outcome(), (Err(Reason::ClientAnonymous), Vec::new()), "{:?}", case.form[0]);
        }
    }
    let mut own = TokenCase::client_credentials();
    own.credentials = Credentials::default();
    own.facts.policies = &ALL;
    assert_eq!(own.outcome(), (Err(Reason::ClientAnonymous), Vec::new()));
}

/// Where there is no client, what should be redeemed is not known.
#[test]
fn what_nobody_has_is_not_known() {
    let unknown = [Reason::CodeUnknown, Reason::RefreshUnknown, Reason::LaunchKeyUnknown];
    for (redeemed, reason) in REDEEMED.into_iter().zip(unknown) {
        let mut case = redeemed();
        case.facts.client = None;
        assert_eq!(case.outcome(), (Err(reason), Vec::new()));
    }
}

/// Who says a name and shows nothing goes unnamed as well, as far as it is that one's; a proof that comes beside the name is looked at.
#[test]
fn who_names_itself_is_held_to_it() {
    let foreign = [Reason::CodeWrongClient, Reason::RefreshWrongClient, Reason::LaunchKeyWrongExtension];
    for (redeemed, reason) in REDEEMED.into_iter().zip(foreign) {
        let mut case = redeemed();
        case.credentials.client_id = Some("web".to_owned());
        assert_eq!(case.outcome().0, Ok(()));
        case.client().disabled_at = Some(ago(1));
        assert_eq!(case.outcome().0, Err(Reason::ClientDisabled));
        case.client().disabled_at = None;
        case.credentials.client_secret = Some("another".to_owned());
        assert_eq!(case.outcome().0, Err(Reason::ClientSecretWrong));
        case.credentials.client_secret = None;
        case.grant().grant.client = "other".into();
        if case.facts.ticket.is_some() {
            case.ticket().client = Some("other".into());
        }
        assert_eq!(case.outcome().0, Err(reason));
    }
}

#[test]
fn each_excuse_is_what_it_says() {
    let mut client = world::client();
    let excused = |grant_type: &str, client: &_, began| unnamed::is_excused(grant_type, client, began, &ALL);
    let began = |client: &_, began| {
        [excused("authorization_code", client, began), excused("refresh_token", client, began)]
    };
    assert_eq!((began(&client, false), began(&client, true)), ([false, false], [false, true]));
    client.legacy = [Legacy::UnauthenticatedCode].into();
    assert_eq!((began(&client, false), began(&client, true)), ([true, false], [true, true]));
    assert!(excused("urn:doorward:grant:retrieval-key", &client, false));
    assert!(!excused("client_credentials", &client, true), "there is none");
}
