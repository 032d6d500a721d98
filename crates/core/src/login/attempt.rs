//! The attempt: counted before the password is looked at.

use doorward_crypto::password;

use crate::model::Bucket;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// A sign-in as it arrives.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The canonical form of the name that was typed; none when it cannot be a name at all.
    pub name_key: Option<String>,
    /// The name as typed, for the bucket of names that cannot be.
    pub typed: String,
    /// The device that the person signed in from before, as its cookie shows: strangers cannot use up its attempts.
    pub device: Option<String>,
}

/// What is to be verified: the person's hash, or one that fits nothing, so that the work is equal.
#[derive(Clone, Debug)]
pub struct ToVerify {
    /// A PHC string.
    pub phc: String,
}

impl Attempt {
    /// What must be loaded.
    pub fn needs(&self, tenant: &str) -> Needs {
        Needs { login_name: self.name_key.clone(), bucket: Some(self.bucket(tenant)), ..Needs::default() }
    }

    /// The bucket that counts it: of the account, and for a known device of account and device.
    pub fn bucket(&self, tenant: &str) -> Bucket {
        let name = self.name_key.as_deref().unwrap_or(&self.typed);
        Bucket::of(&[tenant, name, self.device.as_deref().unwrap_or_default()])
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
            bucket: self.bucket(facts.tenant.id.as_str()),
            now: ctx.now,
            window_ms,
            limit: settings.throttle_limit,
        };
        let credential = facts.user.as_ref().and_then(|found| found.password.as_ref());
        let phc = credential.map_or_else(|| password::DUMMY.to_owned(), |credential| credential.data.clone());
        Decision::with(vec![count], ToVerify { phc })
    }
}
