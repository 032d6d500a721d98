//! The attempt: counted before the password is looked at.

use doorward_crypto::password;

use super::device::Device;
use crate::id::{TenantId, UserId};
use crate::keys::TenantKeys;
use crate::model::{Actor, Bucket, Event, EventKind, User};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal, Timestamp};

/// A sign-in as it arrives.
#[derive(Clone, PartialEq, Debug)]
pub struct Attempt {
    /// The canonical form of the name that was typed; none when it cannot be a name at all.
    pub name_key: Option<String>,
    /// The name as typed, for the bucket of names that cannot be.
    pub typed: String,
    /// The device that the form came from, as its cookie says.
    pub device: Option<Device>,
    /// What of the caller's address stands for its holder.
    pub holder: String,
    /// What is guessed at.
    pub guess: Guess,
}

/// What an attempt is a guess at. Each is counted for itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guess {
    /// The code of a second factor, or a recovery code, by somebody who has shown the password.
    Code,
    /// The password.
    Password,
}

/// What is to be verified: the person's hash, or one that fits nothing, so that the work is equal.
#[derive(Clone, Debug)]
pub struct ToVerify {
    /// A password's hash.
    pub phc: String,
}

/// A bucket that counts an attempt, and what it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counter {
    /// Which.
    pub bucket: Bucket,
    /// Attempts in a window, in multiples of the tenant's limit.
    pub share: i64,
    /// The window in seconds, where it is not the tenant's.
    pub window_s: Option<i64>,
}

impl Attempt {
    /// An attempt of somebody who is signed in already, to show once more who they are: no stranger can use these up.
    pub fn signed_in(user: &User, keys: &TenantKeys) -> Self {
        Self {
            name_key: Some(user.user_name_key.clone()),
            typed: user.user_name.clone(),
            device: Device::of(&user.id, keys, Timestamp(0)),
            holder: String::new(),
            guess: Guess::Password,
        }
    }

    /// The same attempt, at the code.
    pub fn at_code(self) -> Self {
        Self { guess: Guess::Code, ..self }
    }

    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { attempt: Some(self.clone()), ..self.person() }
    }

    /// What must be loaded to tell whether the device is known.
    pub fn person(&self) -> Needs {
        Needs { login_name: self.name_key.clone(), ..Needs::default() }
    }

    /// Whether the person signed in from this device before.
    pub fn is_known(&self, facts: &Facts) -> bool {
        facts.user.as_ref().is_some_and(|found| self.known_device(&found.user.id, &facts.keys).is_some())
    }

    /// The buckets that count it. A known device has one of its own. A stranger's attempt counts for their address, so that others may
    /// go on, and with a wider limit for the account, so that many addresses are of little use. Whichever name an account is called
    /// by, it is one; a name that nobody has counts for itself.
    pub fn counters(&self, user: Option<&UserId>, tenant: &TenantId, keys: &TenantKeys) -> Vec<Counter> {
        let typed = self.name_key.as_deref().unwrap_or(&self.typed);
        let (kind, whom) = user.map_or(("name", typed), |user| ("user", user.as_str()));
        let of = |by: &str, what: &[u8], share: i64| {
            let parts = [tenant.as_str().as_bytes(), kind.as_bytes(), whom.as_bytes(), by.as_bytes(), what];
            Counter { bucket: Bucket::of(keys, &parts), share, window_s: None }
        };
        match (self.guess, user.and_then(|user| self.known_device(user, keys))) {
            (Guess::Password, Some(device)) => vec![of("device", &device.bytes(), 1)],
            (Guess::Password, None) => {
                vec![of("address", self.holder.as_bytes(), 1), of("all", b"", STRANGERS)]
            }
            (Guess::Code, Some(device)) => vec![of("code device", &device.bytes(), 1)],
            // A code has a million values: strangers who know the password have few tries in all, and few in a day.
            (Guess::Code, None) => vec![
                of("code", b"", 1),
                Counter { window_s: Some(DAY_S), ..of("code day", b"", STRANGERS_IN_A_DAY) },
            ],
        }
    }

    /// The buckets, once the person of that name has been looked for.
    pub fn counters_in(&self, facts: &Facts) -> Vec<Counter> {
        let user = facts.user.as_ref().map(|found| &found.user.id);
        self.counters(user, &facts.tenant.id, &facts.keys)
    }

    /// Decide whether it may be tried at all. Equal answer and equal work, whether or not the account exists.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<ToVerify> {
        let settings = &facts.tenant.settings;
        let window_ms = settings.throttle_window_s.saturating_mul(1000);
        let mut counts = Vec::new();
        let mut wait_ms = 0;
        for (at, counter) in self.counters_in(facts).into_iter().enumerate() {
            let limit = settings.throttle_limit.saturating_mul(counter.share);
            let window_ms = counter.window_s.map_or(window_ms, |seconds| seconds * 1000);
            let row = facts.attempts.get(at).copied().flatten();
            if let Some(row) = row.filter(|row| row.count >= limit) {
                wait_ms = wait_ms.max(window_ms - ctx.now.since_ms(row.since));
            }
            counts.push(Effect::CountAttempt { bucket: counter.bucket, now: ctx.now, window_ms, limit });
        }
        if wait_ms > 0 {
            let retry_after_s = u32::try_from(wait_ms / 1000 + 1).unwrap_or(u32::MAX);
            let mut event = Event::new(EventKind::SignInThrottled, &facts.tenant.id, Actor::Unknown, ctx)
                .reason(Reason::SignInThrottled);
            if let Some(found) = &facts.user {
                event = event.user(&found.user.id);
            }
            let refusal = Refusal { retry_after_s: Some(retry_after_s), ..Reason::SignInThrottled.into() };
            return Decision::refuse_with(vec![Effect::Record(event)], refusal);
        }
        let credential = facts.user.as_ref().and_then(|found| found.password.as_ref());
        let phc = credential.map_or_else(|| password::DUMMY.to_owned(), |credential| credential.data.clone());
        Decision::with(counts, ToVerify { phc })
    }

    /// What a success gives back: all attempts of this device or address, and of everybody's only this one.
    pub(super) fn forgiven(&self, facts: &Facts) -> impl Iterator<Item = Effect> {
        self.counters_in(facts).into_iter().map(|Counter { bucket, share, .. }| match share {
            1 => Effect::ForgiveAttempts { bucket },
            _ => Effect::GiveAttemptBack { bucket },
        })
    }

    fn known_device(&self, user: &UserId, keys: &TenantKeys) -> Option<Device> {
        self.device.filter(|device| device.is_of(user, keys))
    }
}

/// So many addresses use up all attempts of strangers at one account: a hundred in a window by default, which is what NIST SP 800-63B
/// (5.2.2) allows.
const STRANGERS: i64 = 10;
/// Fifty guesses in a day by default, of which each is right three times in a million.
const STRANGERS_IN_A_DAY: i64 = 5;
const DAY_S: i64 = 86_400;
