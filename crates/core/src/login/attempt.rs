//! The attempt: counted before the password is looked at.

use doorward_crypto::password;

use super::device::Device;
use crate::id::{TenantId, UserId};
use crate::keys::TenantKeys;
use crate::model::Bucket;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// A sign-in as it arrives.
#[derive(Clone, PartialEq, Debug)]
pub struct Attempt {
    /// The canonical form of the name that was typed; none when it cannot be a name at all.
    pub name_key: Option<String>,
    /// The name as typed, for the bucket of names that cannot be.
    pub typed: String,
    /// The device that the form came from, as its cookie says.
    pub device: Option<Device>,
}

/// What is to be verified: the person's hash, or one that fits nothing, so that the work is equal.
#[derive(Clone, Debug)]
pub struct ToVerify {
    /// A PHC string.
    pub phc: String,
}

impl Attempt {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        Needs { login_name: self.name_key.clone(), bucket: Some(self.clone()), ..Needs::default() }
    }

    /// The bucket that counts it: of the account, by whichever of its names it was called, and for a known device of account and
    /// device. A name that nobody has counts for itself.
    pub fn bucket(&self, user: Option<&UserId>, tenant: &TenantId, keys: &TenantKeys) -> Bucket {
        let typed = self.name_key.as_deref().unwrap_or(&self.typed);
        let (kind, whom) = user.map_or(("name", typed), |user| ("user", user.as_str()));
        let known = self.device.filter(|device| user.is_some_and(|user| device.is_of(user, keys)));
        let device = known.map(|device| device.bytes());
        let device = device.as_ref().map_or(&[][..], |bytes| bytes);
        Bucket::of(keys, &[tenant.as_str().as_bytes(), kind.as_bytes(), whom.as_bytes(), device])
    }

    /// The bucket, once the person of that name has been looked for.
    pub fn bucket_in(&self, facts: &Facts) -> Bucket {
        let user = facts.user.as_ref().map(|found| &found.user.id);
        self.bucket(user, &facts.tenant.id, &facts.keys)
    }

    /// Decide whether it may be tried at all. Equal answer and equal work, whether or not the account exists.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<ToVerify> {
        let settings = &facts.tenant.settings;
        let window_ms = settings.throttle_window_s.saturating_mul(1000);
        if let Some(row) = facts.bucket {
            let left_ms = window_ms - ctx.now.since_ms(row.since);
            if row.count >= settings.throttle_limit && left_ms > 0 {
                let retry_after_s = u32::try_from(left_ms / 1000 + 1).unwrap_or(u32::MAX);
                return Decision::refuse(Refusal {
                    retry_after_s: Some(retry_after_s),
                    ..Reason::SignInThrottled.into()
                });
            }
        }
        let count = Effect::CountAttempt {
            bucket: self.bucket_in(facts),
            now: ctx.now,
            window_ms,
            limit: settings.throttle_limit,
        };
        let credential = facts.user.as_ref().and_then(|found| found.password.as_ref());
        let phc = credential.map_or_else(|| password::DUMMY.to_owned(), |credential| credential.data.clone());
        Decision::with(vec![count], ToVerify { phc })
    }
}
