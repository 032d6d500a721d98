//! Showing the second factor: a code of the app, or a recovery code. Either counts once, on however many nodes it arrives: what
//! it spends is written where it is as it was read.

use doorward_crypto::recovery::RecoveryCode;
use doorward_crypto::totp::{Code, Found, Seed};

use super::{Recovery, Totp};
use crate::login::acr::OTP;
use crate::login::forgot::notice_of;
use crate::model::session::Factor;
use crate::model::{Actor, Credential, Event, EventKind, MailKind, User};
use crate::{Ctx, Effect, Facts, Reason};

/// What a person typed.
#[derive(Clone, Debug)]
pub enum Typed {
    /// A code of their app; none when it cannot be one.
    Code(Option<Code>),
    /// A recovery code; none when it cannot be one.
    Recovery(Option<RecoveryCode>),
}

/// What they typed, beside the seed that it is held against.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What they typed.
    pub typed: Typed,
    /// The seed, opened, and the sealed text that it was opened from.
    pub seed: Option<(String, Seed)>,
}

impl Proof {
    /// What showing it spends; or why it shows nothing. The person is told by mail of a recovery code that was used.
    pub(super) fn spend(&self, user: &User, facts: &Facts, ctx: &mut Ctx<'_>) -> Result<Vec<Effect>, Reason> {
        match &self.typed {
            Typed::Code(code) => {
                let found = facts.factors.totp.as_ref().filter(|credential| credential.user == user.id);
                let credential = found.ok_or(Reason::TotpWrong)?;
                let stored = Totp::of(credential).ok_or(Reason::TotpWrong)?;
                // Another seed since: the code was held against the one before.
                let seed = self.seed.as_ref().filter(|(sealed, _)| *sealed == stored.sealed);
                let ((_, seed), code) = seed.zip(code.as_ref()).ok_or(Reason::TotpWrong)?;
                match seed.find(code, ctx.now.seconds(), stored.last_step) {
                    Found::Fits(last_step) => {
                        Ok(vec![replace(credential, Totp { last_step, ..stored }.data())])
                    }
                    Found::Replayed => Err(Reason::TotpReplayed),
                    Found::Wrong => Err(Reason::TotpWrong),
                }
            }
            Typed::Recovery(code) => {
                let found = facts.factors.recovery.as_ref().filter(|credential| credential.user == user.id);
                let (credential, code) = found.zip(code.as_ref()).ok_or(Reason::RecoveryWrong)?;
                let mut left = Recovery::of(credential);
                let hash = code.hash();
                let at = left.0.iter().position(|known| *known == hash).ok_or(Reason::RecoveryWrong)?;
                left.0.remove(at);
                let by = Actor::User(user.id.clone());
                let event = Event::new(EventKind::RecoveryCodeUsed, &facts.tenant.id, by, ctx)
                    .user(&user.id)
                    .data(serde_json::json!({ "left": left.0.len() }));
                let mut effects = vec![replace(credential, left.data()), Effect::Record(event)];
                effects.extend(
                    notice_of(MailKind::RecoveryCodeUsed, user, facts, ctx).map(|mail| {
                        Effect::QueueMail(Box::new(mail.value("left", left.0.len().to_string())))
                    }),
                );
                Ok(effects)
            }
        }
    }
}

/// The factor that has just been shown.
pub(super) fn factor(ctx: &Ctx<'_>) -> Factor {
    Factor { method: OTP.to_owned(), at: ctx.now }
}

fn replace(credential: &Credential, data: String) -> Effect {
    Effect::UpgradeCredential {
        credential: Credential { data, ..credential.clone() },
        from: credential.data.clone(),
    }
}
