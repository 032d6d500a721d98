//! Section 6 of the design: refresh tokens that cannot log a person out by accident; RFC 9700, section 4.14.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_core::grant::refresh_token::{Use, classify};
use doorward_core::id::GrantId;
use doorward_core::keys::TenantKeys;
use doorward_core::model::RefreshPolicy;
use doorward_core::policies::Policies;
use doorward_core::token::access_pair::AccessPair;
use doorward_core::token::refresh_pair::RefreshPair;
use doorward_core::{Reason, Timestamp};
use doorward_crypto::mac::MacKey;

use crate::cases::{Row, Said, TokenCase, assert_rows};
use crate::world::{self, NOW, ago, refresh_token, with_ctx};

const END: &[&str] = &["end grant 30 refresh.replayed", "event refresh.refused refresh.replayed"];
const RETRY: &[&str] = &["event refresh.retried"];
const DUPLICATE: &[&str] = &["event refresh.duplicate refresh.duplicate"];

#[test]
fn presenting_a_generation() {
    let rows: &[Row<TokenCase>] = &[
        ("newest", |_| (), Ok(()), &["rotate 5 6"]),
        ("spent, successor unused: a retry, however late", |case| present(case, 4), Ok(()), RETRY),
        (
            "spent long ago, successor unused, by a proven client",
            |case| {
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(1_000_000));
            },
            Ok(()),
            RETRY,
        ),
        (
            "spent ten seconds ago, successor used",
            |case| {
                present(case, 3);
                case.grant().grant.spent_before_at = Some(ago(10));
            },
            Err(Reason::RefreshDuplicate),
            DUPLICATE,
        ),
        (
            "spent a moment more than ten seconds ago",
            |case| {
                present(case, 3);
                case.grant().grant.spent_before_at = Some(ago(10).plus_ms(-1));
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "two behind, with no time known",
            |case| {
                present(case, 3);
                case.grant().grant.spent_before_at = None;
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "three behind, all within ten seconds",
            |case| {
                present(case, 2);
                case.grant().grant.spent_at = Some(ago(1));
                case.grant().grant.spent_before_at = Some(ago(2));
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        ("the first", |case| present(case, 1), Err(Reason::RefreshReplayed), END),
        ("newer than the row", |case| present(case, 8), Ok(()), &["rotate 5 9", "event refresh.ahead"]),
        ("one newer than the row", |case| present(case, 6), Ok(()), &["rotate 5 7", "event refresh.ahead"]),
        (
            "reuse: the newest stays",
            |case| case.client().refresh_policy = RefreshPolicy::Reuse,
            Ok(()),
            &["touch grant"],
        ),
        (
            "reuse does not excuse what was rotated before",
            |case| {
                case.client().refresh_policy = RefreshPolicy::Reuse;
                present(case, 3);
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "a public client never reuses",
            |case| {
                case.client().refresh_policy = RefreshPolicy::Reuse;
                case.make_public();
            },
            Ok(()),
            &["rotate 5 6"],
        ),
        (
            "a public client retries at the end of its grace",
            |case| {
                case.make_public();
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(30));
            },
            Ok(()),
            RETRY,
        ),
        (
            "a public client past its grace",
            |case| {
                case.make_public();
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(30).plus_ms(-1));
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "a public client without grace",
            |case| {
                case.make_public();
                case.client().refresh_grace_s = 0;
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(1));
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "no grace is longer than ten minutes",
            |case| {
                case.make_public();
                case.client().refresh_grace_s = 86_400;
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(601));
            },
            Err(Reason::RefreshReplayed),
            END,
        ),
        (
            "a grace of ten minutes",
            |case| {
                case.make_public();
                case.client().refresh_grace_s = 86_400;
                present(case, 4);
                case.grant().grant.spent_at = Some(ago(600));
            },
            Ok(()),
            RETRY,
        ),
        (
            "a replay at an ended grant ends nothing more",
            |case| {
                present(case, 1);
                case.grant().grant.ended_at = Some(ago(1));
            },
            Err(Reason::GrantEnded),
            &["event refresh.refused grant.ended"],
        ),
        (
            "a retry at an ended grant",
            |case| {
                present(case, 4);
                case.grant().grant.ended_at = Some(ago(1));
            },
            Err(Reason::GrantEnded),
            &["event refresh.refused grant.ended"],
        ),
        (
            "a wider scope leaves it unspent",
            |case| case.set("scope", "email"),
            Err(Reason::ScopeWidened),
            &[],
        ),
    ];
    assert_rows(|| TokenCase::refresh("openid rs1:read"), TokenCase::outcome, rows);
}

#[test]
fn a_retry_gets_the_same_successor_byte_for_byte() {
    let successor = |case: &TokenCase| Said::of(case.issued()).refresh.unwrap();
    let mut case = TokenCase::refresh("openid rs1:read");
    // The first answer is made with the newest MAC key, 2; the row remembers which.
    let first = successor(&case);
    present(&mut case, 5);
    case.grant().grant.generation = 6;
    case.grant().grant.mac_key = 2;
    case.grant().grant.spent_at = Some(NOW);
    assert_eq!(successor(&case), first);
    // Also after a third key has come.
    let mut keys = world::keys();
    keys.mac.insert(3, MacKey::from_bytes([3; 32]));
    case.facts.keys = Arc::new(keys);
    assert_eq!(successor(&case), first);
    // Reuse answers with the token that was presented.
    let mut case = TokenCase::refresh("openid rs1:read");
    case.client().refresh_policy = RefreshPolicy::Reuse;
    assert_eq!(successor(&case), refresh_token(5));
}

#[test]
fn classes_of_generations() {
    let of = world::grant_facts(world::grant("openid"));
    let class = |generation, is_proven| with_ctx(NOW, |ctx| classify(generation, &of, is_proven, 30, ctx));
    let found: Vec<_> =
        (1..=7).map(|generation| (class(generation, true), class(generation, false))).collect();
    assert_eq!(
        found,
        [
            (Use::Replay, Use::Replay),
            (Use::Replay, Use::Replay),
            (Use::Replay, Use::Replay),
            (Use::Retry, Use::Replay),
            (Use::Newest, Use::Newest),
            (Use::Ahead, Use::Ahead),
            (Use::Ahead, Use::Ahead),
        ]
    );
}

/// The pair: 8-bit serial, 64-bit grant, 32-bit generation, 128-bit MAC in 39 characters behind a prefix.
#[test]
fn the_pair_is_read_back_and_no_other_text_is() {
    let keys = world::keys();
    for (grant, generation) in [(30, 5), (i64::MAX, 0), (-1, i64::from(u32::MAX)), (0, 1)] {
        let pair = RefreshPair { grant: GrantId(grant), generation };
        for serial in [1, 2] {
            let token = pair.encode(&"iss-t1".into(), serial, &keys).unwrap();
            let token = token.expose();
            assert_eq!(token.len(), 4 + 39);
            assert!(token[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert_eq!(RefreshPair::decode(token, &"iss-t1".into(), &keys), Some(pair));
            assert_eq!(RefreshPair::decode(token, &"iss-t2".into(), &keys), None);
            let one = TenantKeys {
                mac: BTreeMap::from([(serial, MacKey::from_bytes([8; 32]))]),
                ..TenantKeys::default()
            };
            assert_eq!(RefreshPair::decode(token, &"iss-t1".into(), &one), None);
            for at in 4..token.len() {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                let changed = String::from_utf8(bytes).unwrap();
                assert_eq!(RefreshPair::decode(&changed, &"iss-t1".into(), &keys), None, "character {at}");
            }
        }
        assert!(pair.encode(&"iss-t1".into(), 9, &keys).is_none(), "a key that is not there");
    }
    let far = RefreshPair { grant: GrantId(1), generation: i64::from(u32::MAX) + 1 };
    assert!(far.encode(&"iss-t1".into(), 1, &keys).is_none(), "a generation never wraps");
}

/// An access token that is a generation of its grant says when it ends, in letters and digits, and is no refresh token; nor is one the other.
#[test]
fn the_access_token_of_a_pair_is_read_back_and_passes_for_nothing_else() {
    let (keys, issuer) = (world::keys(), "iss-t1".into());
    let of = RefreshPair { grant: GrantId(30), generation: 5 };
    let ends = Timestamp(1_800_000_000_999);
    let (token, pair) = AccessPair::encode(of, ends, &issuer, 1, &keys).unwrap();
    let token = token.expose();
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!((pair.of, pair.expires_at), (of, Timestamp(1_800_000_000_000)));
    assert_eq!(AccessPair::decode(token, &issuer, &keys), Some(pair));
    assert_eq!(AccessPair::decode(token, &"iss-t2".into(), &keys), None, "another issuer");
    let another =
        TenantKeys { mac: BTreeMap::from([(1, MacKey::from_bytes([8; 32]))]), ..TenantKeys::default() };
    assert_eq!(AccessPair::decode(token, &issuer, &another), None, "another key");
    for at in 4..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(AccessPair::decode(&changed, &issuer, &keys), None, "character {at}");
    }
    let again = AccessPair::encode(of, Timestamp(1_800_000_000_000), &issuer, 1, &keys).unwrap();
    assert_eq!(again.0.expose(), token, "the same words, the same token");
    assert!(AccessPair::encode(of, Timestamp(i64::MAX), &issuer, 1, &keys).is_none(), "an end never wraps");

    let policies = Policies { rotates_pairs: true, ..Policies::STANDARD };
    let letters = of.encode_as(&policies, &issuer, 1, &keys).unwrap();
    let letters = letters.expose();
    assert!(letters.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(RefreshPair::decode(letters, &issuer, &keys), Some(of));
    let standard = of.encode(&issuer, 1, &keys).unwrap();
    assert_eq!(of.encode_as(&Policies::STANDARD, &issuer, 1, &keys).unwrap().expose(), standard.expose());
    // One form's body behind another's prefix is nothing.
    let bodies = [token, letters, standard.expose()].map(|text| &text[4..]);
    assert_ne!(bodies[1], bodies[2]);
    for (prefix, own) in [("dwax", bodies[0]), ("dwrx", bodies[1]), ("dwr_", bodies[2])] {
        for body in bodies.iter().filter(|body| **body != own) {
            let text = format!("{prefix}{body}");
            assert_eq!(RefreshPair::decode(&text, &issuer, &keys), None, "{text}");
            assert_eq!(AccessPair::decode(&text, &issuer, &keys), None, "{text}");
        }
    }
}

fn present(case: &mut TokenCase, generation: i64) {
    case.set("refresh_token", &refresh_token(generation));
}

#[test]
fn the_clock_of_another_node_may_be_ahead() {
    let mut of = world::grant_facts(world::grant("openid"));
    of.grant.spent_at = Some(Timestamp(NOW.0 + 400));
    assert_eq!(with_ctx(NOW, |ctx| classify(4, &of, false, 30, ctx)), Use::Retry);
}
