//! What people are told of that is done to them.

use std::collections::HashMap;

use doorward_core::Effect;
use doorward_core::desired::{Current, CurrentUser};
use doorward_core::login::forgot::notice;
use doorward_core::model::MailKind;
use doorward_crypto::random::SystemRandom;

use super::Manage;

impl Manage {
    /// Mails to those whose password the effects replace, and to the address that they take from somebody, on a server that sends mail.
    /// `current` is what was before. There is no link to take it back: whoever has the mailbox that was left does not undo what an
    /// administrator does. A tenant without an issuer has no account page to name, and nobody who could sign in.
    pub(super) fn told(&self, current: &Current, effects: &[Effect]) -> Vec<Effect> {
        self.told_of(current.tenants.iter().flat_map(|of| &of.users), effects)
    }

    /// The same; `people` are those who were there before.
    pub(super) fn told_of<'a>(
        &self,
        people: impl IntoIterator<Item = &'a CurrentUser>,
        effects: &[Effect],
    ) -> Vec<Effect> {
        let by_id: HashMap<_, _> =
            people.into_iter().map(|found| ((&found.user.tenant, &found.user.id), found)).collect();
        let mut mails = Vec::new();
        for effect in effects {
            let (tenant, user) = match effect {
                Effect::PutCredential(put) if put.kind == "password" => (&put.tenant, &put.user),
                Effect::PutUser(put) => (&put.tenant, &put.id),
                _ => continue,
            };
            let Some(found) = by_id.get(&(tenant, user)) else { continue };
            let kind = match effect {
                Effect::PutUser(put) if put.email_key == found.user.email_key => continue,
                Effect::PutUser(_) => MailKind::AddressChanged,
                _ if found.password.is_none() => continue,
                _ => MailKind::PasswordReplaced,
            };
            let Ok(facts) = self.facts(tenant) else { continue };
            let mut rng = SystemRandom;
            mails.extend(notice(kind, &found.user, &facts, &mut self.ctx(&mut rng)));
        }
        mails
    }
}
