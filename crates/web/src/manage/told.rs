//! What people are told of that is done to them.

use doorward_core::Effect;
use doorward_core::desired::Current;
use doorward_core::login::forgot::notice;
use doorward_core::model::MailKind;
use doorward_crypto::random::SystemRandom;

use super::Manage;

impl Manage {
    /// Mails to those whose password the effects replace, on a server that sends mail. `current` is what was before. A tenant without an
    /// issuer has no account page to name, and nobody who could sign in.
    pub(super) fn told(&self, current: &Current, effects: &[Effect]) -> Vec<Effect> {
        let mut mails = Vec::new();
        for effect in effects {
            let Effect::PutCredential(credential) = effect else { continue };
            if credential.kind != "password" {
                continue;
            }
            let of = current.tenants.iter().find(|of| of.tenant.id == credential.tenant);
            let found = of.and_then(|of| of.users.iter().find(|found| found.user.id == credential.user));
            let Some(found) = found.filter(|found| found.password.is_some()) else { continue };
            let Ok(facts) = self.facts(&credential.tenant) else { continue };
            let mut rng = SystemRandom;
            mails.extend(notice(MailKind::PasswordReplaced, &found.user, &facts, &mut self.ctx(&mut rng)));
        }
        mails
    }
}
