//! Ids as mittwald's clients read them: UUIDs (RFC 9562, section 4). An id of ours is a prefix and 128 bits in other digits, and its UUID is of
//! these bits, so each means the other. What is of another form, such as the id of a person who was imported, stands as it is.

use std::borrow::Cow;

use doorward_core::id::{InstallationId, SecretId, UserId, WebhookId, hyphenated};
use doorward_crypto::base62;
use doorward_wire::params::Params;

/// The id of a person, an installation, a secret or an event, as it is told.
pub fn written(id: &str) -> Cow<'_, str> {
    bits(id).map_or(Cow::Borrowed(id), |bits| Cow::Owned(hyphenated(bits)))
}

/// The person that a text names: a UUID in either case, or an id of ours.
pub fn user(text: &str) -> Cow<'_, str> {
    read(UserId::PREFIX, text)
}

/// The installation that it names.
pub fn installation(text: &str) -> Cow<'_, str> {
    read(InstallationId::PREFIX, text)
}

/// The secret that it names.
pub fn secret(text: &str) -> Cow<'_, str> {
    read(SecretId::PREFIX, text)
}

/// The parameters of a request to the token endpoint, of which one names a person (`user_id`, beside a retrieval key).
pub fn form(params: &Params) -> Params {
    let read = |(name, value): (&str, &str)| match name {
        "user_id" => (name.to_owned(), user(value).into_owned()),
        _ => (name.to_owned(), value.to_owned()),
    };
    Params::from_pairs(params.iter().map(read).collect())
}

fn read<'t>(prefix: &str, text: &'t str) -> Cow<'t, str> {
    parse(text).map_or(Cow::Borrowed(text), |bits| {
        Cow::Owned(format!("{prefix}{}", base62::encode_fixed(&bits.to_be_bytes(), DIGITS)))
    })
}

/// What an id of ours stands for.
fn bits(id: &str) -> Option<u128> {
    match id.split_at_checked(4)? {
        (UserId::PREFIX | InstallationId::PREFIX | SecretId::PREFIX, digits) => {
            Some(u128::from_be_bytes(base62::decode_fixed(digits, 16)?.try_into().ok()?))
        }
        (WebhookId::PREFIX, digits) => hexadecimal(digits),
        _ => None,
    }
}

/// What a UUID stands for.
fn parse(text: &str) -> Option<u128> {
    let has_hyphens = text.bytes().enumerate().all(|(at, byte)| HYPHENS.contains(&at) == (byte == b'-'));
    (has_hyphens && text.len() == 36).then(|| hexadecimal(&text.replace('-', "")))?
}

/// What 32 digits of base 16 stand for.
fn hexadecimal(digits: &str) -> Option<u128> {
    let is_fine = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_fine.then(|| u128::from_str_radix(digits, 16).ok())?
}

/// How many digits of base 62 the 128 bits are.
const DIGITS: usize = base62::length_for(16);
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_core::Timestamp;
    use doorward_core::id::EventId;
    use doorward_crypto::random::SeededRandom;

    #[test]
    fn each_id_means_one_uuid_and_each_uuid_one_id() {
        let mut rng = SeededRandom::new(36);
        for _ in 0..1000 {
            let (instance, kept) = (InstallationId::fresh(&mut rng), SecretId::fresh(&mut rng));
            let told = written(instance.as_str());
            assert_eq!(parse(&told), bits(instance.as_str()));
            assert_eq!(installation(&told), instance.as_str());
            assert_eq!(installation(&told.to_uppercase()), instance.as_str(), "in capital letters too");
            assert_eq!(user(&told)[4..], instance.as_str()[4..], "of another kind, with the same bits");
            assert_eq!(secret(&written(kept.as_str())), kept.as_str());
            let made = doorward_core::id::uuid(&mut rng);
            assert_eq!(written(&user(&made)), made, "whatever its version");
        }
    }

    #[test]
    fn the_least_and_the_most_are_known() {
        for (id, uuid) in [
            ("usr_0000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("usr_000000000000000000000z", "00000000-0000-0000-0000-00000000003d"),
            ("usr_7n42DGM5Tflk9n8mt7Fhc7", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ] {
            assert_eq!((&*written(id), &*user(uuid)), (uuid, id));
        }
    }

    #[test]
    fn an_event_is_told_by_its_own_digits() {
        let event = EventId::new(Timestamp(1_767_225_600_000), &mut SeededRandom::new(1));
        let told = written(WebhookId::of(event).as_str()).into_owned();
        assert_eq!((told.len(), told.replace('-', "")), (36, event.to_string()));
    }

    #[test]
    fn what_is_of_another_form_stands_as_it_is() {
        for id in [
            "",
            "usr_",
            "usr_alice-0001",
            "usr_7n42DGM5Tflk9n8mt7Fhc8", // 2¹²⁸
            "usr_zzzzzzzzzzzzzzzzzzzzzz",
            "usr_7n42DGM5Tflk9n8mt7Fhc",
            "usr_000000000000000000000_",
            "ins_1",
            "USR_0000000000000000000000",
            "msg_0000000000000000000000",
            "msg_dry_run_00000000-0000-0000-0000-000000000000",
            "msg_+0000000000000000000000000000000",
            "cli_0000000000000000000000",
            "us\u{20ac}0000000000000000000000",
            "a73d94dd-bf8a-4a74-967b-f7a0dd1de71f",
        ] {
            assert!(matches!(written(id), Cow::Borrowed(same) if same == id), "{id}");
        }
        for text in [
            "",
            "ins_0000000000000000000000",
            "a73d94dd-bf8a-4a74-967b-f7a0dd1de71",
            "a73d94dd-bf8a-4a74-967b-f7a0dd1de71ff",
            "a73d94ddbf8a4a74967bf7a0dd1de71f",
            "a73d94ddb-f8a-4a74-967b-f7a0dd1de71f",
            "a73d94dd-bf8a-4a74-967b-f7a0dd1de71g",
            "+73d94dd-bf8a-4a74-967b-f7a0dd1de71f",
            "------------------------------------",
            "{a73d94dd-bf8a-4a74-967b-f7a0dd1de71}",
            "a73d94dd-bf8a-4a74-967b-f7a0dd1d\u{20ac}f",
        ] {
            assert!(matches!(installation(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn of_a_form_one_parameter_is_read() {
        let pairs = [
            ("user_id", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("code", "a73d94dd-bf8a-4a74-967b-f7a0dd1de71f"),
        ];
        let sent = Params::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let read = form(&sent);
        assert_eq!(
            (read.get("user_id"), read.get("code")),
            (Some("usr_7n42DGM5Tflk9n8mt7Fhc7"), Some(pairs[1].1))
        );
        assert_eq!(read.len(), 2);
    }
}
